import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { ProblemAnswer } from './schemas/problem.ts';

/**
 * Describes every route with a schema in OpenAPI 3.1, from the same zod schemas that check requests: `GET /api/v1/openapi.json`, and
 * a page for people at `/docs`. Neither needs a credential, and neither asks another host for anything.
 */
export function describeApi(app: FastifyInstance, version: string): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rampart',
        version,
        description:
          'Watch and steer releases. Times that end in Ms are unix milliseconds, others unix seconds. Every error is a problem (RFC 9457).',
      },
      tags: [
        { name: 'services' },
        { name: 'releases' },
        { name: 'live' },
        { name: 'objectives' },
        { name: 'alerts' },
        { name: 'incidents' },
        { name: 'on-call' },
        { name: 'flags' },
        { name: 'audit' },
        { name: 'access' },
        { name: 'controller' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'A service token, or the token of the data folder (.rampart/api.json).',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'rampart_session',
            description: 'Made by signing in. A request that writes also needs x-rampart-csrf.',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: onlyWhatIsUsed,
  });
  app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { validatorUrl: null }, staticCSP: true });
}

/** Leaves out what nothing refers to: every schema would be there twice, once as what it takes and once as what it gives. */
const onlyWhatIsUsed: SwaggerTransformObject = (document) => {
  const described = jsonSchemaTransformObject(document) as {
    readonly paths?: unknown;
    readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
  };
  const schemas = described.components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part ?? null).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow(described.paths);
  const kept = Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { ...described, components: { ...described.components, schemas: kept } } as ReturnType<SwaggerTransformObject>;
};

/** Gives every route of this scope the answer that any of them may have: a problem. */
export function describeProblems(api: FastifyInstance): void {
  const problem = { description: 'An error.', content: { 'application/problem+json': { schema: ProblemAnswer } } };
  api.addHook('onRoute', ({ schema }) => {
    if (schema && schema.hide !== true) schema.response = { ...(schema.response ?? {}), default: problem };
  });
}
