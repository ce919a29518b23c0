import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { UserError } from '../errors.ts';
import type { ServerOptions } from './options.ts';
import { problemOf } from './problem.ts';
import { releaseRoutes } from './releases.ts';
import { serviceRoutes } from './services.ts';

/** Longest that a client may take to send a request, and largest body, so that nobody can hold the controller up. */
const requestTimeoutMs = 30_000;
const bodyMaxBytes = 2_097_152;

/**
 * The HTTP API over one controller. Everything under `/api/v1` needs the token as `Authorization: Bearer …`; `/health` and `/ready`
 * do not. Errors are problem details (RFC 9457) in the words of the CLI.
 */
export function apiServer(options: ServerOptions): FastifyInstance {
  const { controller } = options;
  const app = Fastify({ requestTimeout: requestTimeoutMs, bodyLimit: bodyMaxBytes, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    const isOurs = error instanceof UserError;
    const status =
      typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
        ? error.statusCode
        : 500;
    // Fastify's own refusals (no JSON, too large) are about the request, everything else unexpected is our mistake.
    const problem =
      !isOurs && status < 500
        ? {
            ...problemOf(error),
            status,
            title: error instanceof Error ? error.message : String(error),
            code: 'E_INPUT',
            where: 'request',
            fix: 'send JSON as the API asks for',
          }
        : problemOf(error);
    if (problem.status >= 500 && !isOurs) options.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
    // A route may have promised another language before it failed.
    void reply.status(problem.status).type('application/problem+json').header('content-language', 'en').send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(
      new UserError('E_UNKNOWN_PATH', `there is nothing at ${request.url.slice(0, 200)}`, {
        where: 'request',
        fix: 'see the paths of the API in docs/',
      }),
    );
    void reply.status(404).type('application/problem+json').send(problem);
  });
  app.get('/health', () => ({ status: 'ok', version: options.version }));
  app.get('/ready', (_request, reply) => {
    const { health } = controller;
    const ready = health.stopped === null && health.logProblem === null;
    return reply.status(ready ? 200 : 503).send({ ready, ...health });
  });
  app.register(
    async (api) => {
      api.addHook('onRequest', async (request) => {
        if (isToken(request.headers.authorization, options.token)) return;
        throw new UserError('E_UNAUTHORIZED', 'this needs a token', {
          where: 'request',
          fix: 'send the token of the data folder as Authorization: Bearer …, or run the command as the user who started the controller',
        });
      });
      serviceRoutes(api, options);
      releaseRoutes(api, options);
    },
    { prefix: '/api/v1' },
  );
  return app;
}

/** Compares in a time that does not tell how much of the token was right. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
