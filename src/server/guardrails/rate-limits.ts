import rateLimit, { type RateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { canSomewhere } from '../../access/can.ts';
import { UserError } from '../../errors.ts';
import type { ControllerSpec } from '../../spec/controller.ts';
import type { Authenticator } from '../principal.ts';
import { TooMany } from '../too-many.ts';

/** Principals and addresses that are counted at once; of more, the one not seen for longest is forgotten. */
const countedMax = 10_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** Makes the counters. To be called before `limitRates`, on the whole server: they count over all of its scopes. */
export function countRates(app: FastifyInstance): void {
  app.register(rateLimit, { global: false });
}

/**
 * Limits how often one may ask: each service token by the minute and by the hour, each session by the minute, and each address by how
 * often it has come without a good credential. The owner of the data folder is not limited, and nobody's abort, rollback or kill switch is:
 * taking traffic back is never refused.
 *
 * @returns The authenticator that the scope has to ask. An address that only guesses is told to wait instead of what was wrong, and
 * whoever has a good credential is let in from there all the same: a job with an old token must not keep an abort from its machine
 * out. What is guessed has 256 bits, so looking at a guess gives nothing away.
 */
export function limitRates(scope: FastifyInstance, settings: ControllerSpec, authenticator: Authenticator): Authenticator {
  const limiter = (max: number, timeWindow: number, more: RateLimitOptions = {}): Limiter => {
    // The bound is said for each: the library does not hand that of the whole server on.
    const counted: RateLimitOptions = { max, timeWindow, cache: countedMax, ...more };
    return scope.createRateLimit(counted);
  };
  const byCredential: RateLimitOptions = {
    keyGenerator: ({ principal }) => `${principal.kind} ${principal.credential}`,
  };
  const { token, user } = settings.rateLimits;
  const limiters: Readonly<Record<string, readonly Limiter[]>> = {
    token: [limiter(token.perMinute, minuteMs, byCredential), limiter(token.perHour, hourMs, byCredential)],
    user: [limiter(user.perMinute, minuteMs, byCredential)],
    owner: [],
  };
  const countAddress = limitGuesses(scope, settings);

  scope.addHook('onRequest', async (request) => {
    // For everybody, so nobody's credential is asked for; beginning a sign-in costs the provider and the log something.
    if (request.routeOptions.config.open === true) await countAddress(request);
  });

  // Once the body is there, and before it is looked at: what is not as the API asks for costs work too.
  scope.addHook('preValidation', async (request, reply) => {
    // Who asks an open route is nobody; all of them together must not use up one credential's share.
    if (request.routeOptions.config.open === true || isTakingBack(request)) return;
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

  return {
    async authenticate(request) {
      try {
        return await authenticator.authenticate(request);
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_UNAUTHORIZED') await countAddress(request);
        throw error;
      }
    },
  };
}

/** Counts requests of an address that show nothing; throws `TooMany` when it has sent too many of them. */
export function limitGuesses(scope: FastifyInstance, { rateLimits }: ControllerSpec): (request: FastifyRequest) => Promise<void> {
  // Whoever has one address of an IPv6 network has all of its 2^64.
  const counted: RateLimitOptions = {
    max: rateLimits.anonymous.perMinute,
    timeWindow: minuteMs,
    cache: countedMax,
    ipv6Subnet: 64,
  };
  const limiter = scope.createRateLimit(counted);
  return async (request) => {
    const { isAllowed, ...found } = await limiter(request);
    if (!isAllowed && 'isExceeded' in found && found.isExceeded)
      throw new TooMany('this address has sent too many requests without a good credential', 'address', found.ttlInSeconds);
  };
}

/** The limits of whoever evaluates flags: as often as users come, and without a share in what else the credential may ask. */
export function ofEvaluations(settings: ControllerSpec): ControllerSpec {
  return perMinuteAlone(settings, settings.rateLimits.flags.perMinute);
}

/** The same for programs that send alerts: as often as they have some. */
export function ofAlerts(settings: ControllerSpec): ControllerSpec {
  return perMinuteAlone(settings, settings.rateLimits.alerts.perMinute);
}

function perMinuteAlone(settings: ControllerSpec, perMinute: number): ControllerSpec {
  const { rateLimits } = settings;
  return { ...settings, rateLimits: { ...rateLimits, token: { perMinute, perHour: perMinute * 60 }, user: { perMinute } } };
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
  if (routeOptions.url?.endsWith('/flags/:key/off')) return true;
  return routeOptions.url?.endsWith('/verbs') === true && asked.verb === 'abort';
}
