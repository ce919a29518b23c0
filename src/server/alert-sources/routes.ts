import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { canSomewhere } from '../../access/can.ts';
import { UserError } from '../../errors.ts';
import type { Api } from '../api.ts';
import { limitGuesses } from '../guardrails/rate-limits.ts';
import type { ServerOptions } from '../options.ts';
import { allow } from '../principal.ts';
import { AlertSourcesAnswer } from '../schemas/alert-sources.ts';
import { AlertsTakenAnswer } from '../schemas/alertmanager.ts';
import { TooMany } from '../too-many.ts';

const tags = ['alerts'];
/** As much as an Alertmanager may send. */
const bodyMax = 2_097_152;
/** Bodies that are read at once before it is known whose they are, of everybody and of one address. */
const readingMax = 64;
const readingOfOneMax = 8;

const SourceParams = z.object({ source: z.string().max(100) });

/** How programs tell of their alerts: what came, and what was wrong with it. */
export function alertSourceRoutes(api: Api, { alertSources }: ServerOptions): void {
  api.get(
    '/alert-sources',
    {
      schema: {
        tags,
        summary: 'How the programs of AlertSource documents have told of their alerts',
        response: { 200: AlertSourcesAnswer },
      },
    },
    (request) => {
      // Whoever sees the alerts of one service has to know whether they come.
      if (!canSomewhere(request.principal.grants, 'read')) allow(request, 'read', null, 'see alerts');
      return { sources: [...alertSources.status] };
    },
  );
}

/**
 * Where programs send their alerts. No credential of ours: each message shows by its signature who has sent it, which counts against its
 * source; what shows nothing counts against its address.
 */
export function alertInboundRoute(scope: Api, { alertSources, settings }: ServerOptions): void {
  const countGuess = limitGuesses(scope, settings);
  boundReading(scope);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyMax }, (_request, body, done) => done(null, body));
  scope.addHook('onError', async (request, _reply, error) => {
    const { source } = request.params as { source?: string };
    if (source !== undefined && 'statusCode' in error && error.statusCode === 413)
      alertSources.refuse(source, `its body is larger than ${bodyMax / 1_048_576} MiB`);
  });
  // Says nothing of what there is: whether a message is taken, its signature says.
  scope.options('/:source', { schema: { params: SourceParams, hide: true } }, (request, reply) => {
    void reply.headers({ allow: 'POST, PUT' });
    if (request.headers['webhook-request-origin'] !== undefined)
      void reply.headers({ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' });
    return reply.status(200).send();
  });
  scope.route({
    method: ['POST', 'PUT'],
    url: '/:source',
    bodyLimit: bodyMax,
    schema: {
      tags,
      summary: 'Takes alerts in from the program of an AlertSource document, by its own signature',
      params: SourceParams,
      response: { 200: AlertsTakenAnswer },
      hide: true,
    },
    handler: async (request) => {
      const { source } = request.params;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
      );
      const answer = await alertSources.take(source, { headers, body }).catch(async (error: unknown) => {
        if (error instanceof UserError && error.code === 'E_UNAUTHORIZED') await countGuess(request);
        throw error;
      });
      if (answer.kind === 'wait')
        throw new TooMany(
          `the alert source ${source} may send ${answer.perMinute} messages a minute`,
          source,
          answer.retryAfterS,
        );
      return { ...answer.taken, notes: [...answer.taken.notes] };
    },
  });
}

/** Whoever sends slowly, or much at once, fills no memory and keeps nobody else out. */
function boundReading(scope: FastifyInstance): void {
  const ofAddress = new Map<string, number>();
  const reading = new WeakMap<FastifyRequest, string>();
  let all = 0;
  const over = (request: FastifyRequest): void => {
    const address = reading.get(request);
    if (address === undefined) return;
    reading.delete(request);
    all -= 1;
    const left = (ofAddress.get(address) ?? 1) - 1;
    if (left > 0) ofAddress.set(address, left);
    else ofAddress.delete(address);
  };
  scope.addHook('onRequest', async (request, reply) => {
    const ofOne = ofAddress.get(request.ip) ?? 0;
    if (all >= readingMax || ofOne >= readingOfOneMax)
      throw new UserError('E_ALERTS_FULL', 'too many messages are being read', {
        where: 'alerts',
        fix: 'send it again in a few seconds',
      });
    all += 1;
    ofAddress.set(request.ip, ofOne + 1);
    reading.set(request, request.ip);
    reply.raw.once('close', () => over(request));
  });
  // The body is there.
  scope.addHook('preValidation', async (request) => over(request));
}
