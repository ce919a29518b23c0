import { z } from 'zod';
import { kinds } from '../runtime/documents.ts';
import { serviceJsonSchema } from '../spec/json-schema.ts';
import type { Api } from './api.ts';
import type { ServerOptions } from './options.ts';

const HealthAnswer = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });
const ReadyAnswer = z
  .object({
    ready: z.boolean(),
    token: z.number(),
    logProblem: z.string().nullable(),
    latenessMs: z.number(),
    stopped: z.string().nullable(),
  })
  .meta({ id: 'Ready' });

/** What watches the controller itself asks: whether it lives, and whether it can do its work. No credential. */
export function controllerRoutes(app: Api, { controller, version }: ServerOptions): void {
  app.get(
    '/health',
    { schema: { tags: ['controller'], summary: 'Whether the controller lives', security: [], response: { 200: HealthAnswer } } },
    () => ({ status: 'ok' as const, version }),
  );
  app.get(
    '/ready',
    {
      schema: {
        tags: ['controller'],
        summary: 'Whether it can decide and record',
        security: [],
        response: { 200: ReadyAnswer, 503: ReadyAnswer },
      },
    },
    async (_request, reply) => {
      const { health } = controller;
      const ready = health.stopped === null && health.logProblem === null;
      return reply.status(ready ? 200 : 503).send({ ready, ...health });
    },
  );
}

const SchemaAnswer = z.record(z.string(), z.unknown()).meta({
  id: 'ServiceDocumentSchema',
  description: 'JSON Schema (draft 2020-12) of a Service document, as `rampart schema` prints it.',
});

/** What a document may hold: for editors, and for the console's form. */
export function schemaRoute(api: Api): void {
  const schema = serviceJsonSchema(kinds);
  api.get(
    '/schema',
    { schema: { tags: ['controller'], summary: 'JSON Schema of a Service document', response: { 200: SchemaAnswer } } },
    () => schema,
  );
}
