import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { canSomewhere } from '../../access/can.ts';
import type { ControllerSpec } from '../../spec/controller.ts';
import { TooMany } from '../too-many.ts';

/** Principals and addresses that are counted at once; of more, the one not seen for longest is forgotten. */
const countedMax = 10_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** Makes the counters. To be called before `limitRates`, on the whole server: they count over all of its scopes. */
export function countRates(app: FastifyInstance): void {
  app.register(rateLimit, { global: false, cache: countedMax });
}

/**
 * Limits how often one may ask: each service token by the minute and by the hour, each session by the minute, and each address by how
 * often it has come without a good credential. The owner of the data folder is not limited, and nobody's abort or rollback is:
 * taking traffic back is never refused.
 *
 * To be called before `requirePrincipal`, so that an address that only guesses is refused before its guess is looked at.
 */
export function limitRates(scope: FastifyInstance, { rateLimits }: ControllerSpec): void {
  const limiter = (max: number, timeWindow: number, keyGenerator: (request: FastifyRequest) => string): Limiter =>
    scope.createRateLimit({ max, timeWindow, keyGenerator });
  const byCredential = (request: FastifyRequest): string => `${request.principal.kind} ${request.principal.credential}`;
  const { token, user, anonymous } = rateLimits;
  const limiters: Readonly<Record<string, readonly Limiter[]>> = {
    token: [limiter(token.perMinute, minuteMs, byCredential), limiter(token.perHour, hourMs, byCredential)],
    user: [limiter(user.perMinute, minuteMs, byCredential)],
    owner: [],
  };
  const refused = limiter(anonymous.perMinute, minuteMs, ({ ip }) => ip);

  scope.addHook('onRequest', async (request) => {
    const found = await refused(request, { increment: false });
    if (!found.isAllowed && found.remaining <= 0)
      throw new TooMany('this address has sent too many requests without a good credential', 'address', found.ttlInSeconds);
  });
  scope.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode === 401) await refused(request);
  });

  // Once the body is there, and before it is looked at: what is not as the API asks for costs work too.
  scope.addHook('preValidation', async (request, reply) => {
    if (isTakingBack(request)) return;
    const { kind, name } = request.principal;
    for (const limit of limiters[kind] ?? []) {
      const found = await limit(request);
      if (found.isAllowed) continue;
      tell(reply, found);
      if (found.isExceeded)
        throw new TooMany(
          `${kind} ${name} may ask ${found.max} times ${found.timeWindow > minuteMs ? 'an hour' : 'a minute'}`,
          `${kind} ${name}`,
          found.ttlInSeconds,
        );
    }
  });
}

/** What is left, of the window that leaves least. */
function tell(
  reply: FastifyReply,
  { max, remaining, ttlInSeconds }: { max: number; remaining: number; ttlInSeconds: number },
): void {
  const told = reply.getHeader('ratelimit-remaining');
  if (told !== undefined && Number(told) <= remaining) return;
  void reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': ttlInSeconds });
}

/** Whether the request asks for all traffic to go to stable, from somebody who may ask for that anywhere. */
function isTakingBack({ routeOptions, body, principal }: FastifyRequest): boolean {
  if (!canSomewhere(principal.grants, 'abort')) return false;
  const asked: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {};
  if (routeOptions.url?.endsWith('/rollback')) return asked.dryRun !== true;
  return routeOptions.url?.endsWith('/verbs') === true && asked.verb === 'abort';
}
