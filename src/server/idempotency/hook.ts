import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { messageOf, UserError } from '../../errors.ts';
import type { Answers } from './answers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes an idempotency key. Never for one whose answer holds a secret: answers are kept. */
    readonly idempotent?: boolean;
  }
}

/**
 * Carries a request with an `idempotency-key` out once, however often it is sent: later ones with the same key, from the same
 * principal, get the first answer. A key that was used for another request is refused (422), one whose request is under way too (409).
 * An answer that is our own failure (5xx) is not kept: sending again is right then.
 *
 * A store that cannot be read or written stands in nobody's way: taking traffic back matters more than not doing it twice.
 *
 * @see IETF draft-ietf-httpapi-idempotency-key-header.
 */
export function idempotencyKeys(api: FastifyInstance, answers: Answers, warn: (text: string) => void): void {
  const underWay = new Set<string>();
  const places = new WeakMap<FastifyRequest, string>();

  function stored<T>(work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      warn(`idempotency keys: ${messageOf(error)}`);
      return null;
    }
  }

  api.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === null) return;
    const who = whoIs(request);
    const place = JSON.stringify([who, key]);
    const kept = stored(() => answers.read(who, key));
    if (kept && kept.asked !== fingerprint(request))
      throw new UserError('E_KEY_REUSED', 'this idempotency key was used for another request', {
        where: 'idempotency-key',
        fix: 'make a new key for each request that is not a repetition',
      });
    if (kept) {
      void reply.header('idempotency-replayed', 'true').code(kept.status).type(typeOf(kept.status));
      return reply.send(kept.body);
    }
    if (underWay.has(place))
      throw new UserError('E_KEY_IN_USE', 'the first request with this idempotency key is still under way', {
        where: 'idempotency-key',
        fix: 'send it again in a second to get its answer',
      });
    underWay.add(place);
    places.set(request, place);
  });

  api.addHook('onSend', async (request, reply, payload) => {
    const key = keyOf(request);
    const place = places.get(request);
    if (key === null || place === undefined) return payload;
    if (typeof payload === 'string' && reply.statusCode < 500)
      stored(() => answers.write(whoIs(request), key, { asked: fingerprint(request), status: reply.statusCode, body: payload }));
    // Here, when it is done, and not when its client is gone: that one may ask again at once.
    underWay.delete(place);
    return payload;
  });
}

function keyOf(request: FastifyRequest): string | null {
  if (request.routeOptions.config.idempotent !== true) return null;
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}

function whoIs({ principal }: FastifyRequest): string {
  return `${principal.kind} ${principal.credential ?? principal.name}`;
}

function fingerprint({ method, url, body }: FastifyRequest): string {
  return hash('sha256', JSON.stringify([method, url, body]));
}

function typeOf(status: number): string {
  return status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json';
}
