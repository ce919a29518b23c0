import { z } from 'zod';
import { httpHeaders, httpUrl } from '../../spec/hook.ts';
import { duration, percent, rate } from '../../spec/units.ts';

/** The most that is ever sent, whatever a document asks for. */
export const loadLimits = { perSecond: 20_000, users: 5_000, forMs: 1_800_000, connections: 5_000 } as const;

const request = {
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET').describe('HTTP method.'),
  headers: httpHeaders,
  body: z.string().max(100_000).optional().describe('Body of each request, as text.'),
};

const latency = (what: string) => duration({ minMs: 1, maxMs: 600_000, example: '200ms' }).optional().describe(what);

export const LoadConfig = z
  .strictObject({
    url: httpUrl.optional(),
    ...request,
    urls: z
      .array(
        z.strictObject({
          url: httpUrl,
          weight: z.int().min(1).max(1_000).default(1).describe('How often it is asked, compared with the others.'),
          ...request,
        }),
      )
      .min(1)
      .max(50)
      .optional()
      .describe('Several addresses in place of `url`.'),
    rate: rate({ min: 0.1, max: loadLimits.perSecond })
      .optional()
      .describe('Requests that begin in a second, whatever the answers take.'),
    users: z
      .int()
      .min(1)
      .max(loadLimits.users)
      .optional()
      .describe('Users in place of `rate`: each sends its next request when it has its answer.'),
    think: duration({ maxMs: 600_000 }).prefault('0s').describe('How long a user waits between two requests.'),
    arrivals: z
      .enum(['constant', 'poisson'])
      .default('constant')
      .describe('Requests of a rate begin at equal distances, or by chance.'),
    rampUp: duration({ maxMs: 600_000 }).prefault('0s').describe('Time in which rate or users grow from nothing; not measured.'),
    warmUp: duration({ maxMs: 600_000 }).prefault('0s').describe('Time under the whole load before it is measured.'),
    for: duration({ minMs: 100, maxMs: loadLimits.forMs }).prefault('30s').describe('Time that is measured.'),
    timeout: duration({ minMs: 1, maxMs: 120_000 })
      .prefault('10s')
      .describe('A request without an answer for so long has failed.'),
    connections: z
      .int()
      .min(1)
      .max(loadLimits.connections)
      .optional()
      .describe('Most connections that are open at once; default: 256, or one for each user.'),
    insecure: z.boolean().default(false).describe('Certificates are not checked.'),
    expect: z
      .strictObject({
        p50: latency('Half of the requests have their answer within it.'),
        p90: latency('90 % of the requests.'),
        p95: latency('95 % of the requests.'),
        p99: latency('99 % of the requests.'),
        max: latency('Every request.'),
        errors: percent({ example: '1%' })
          .prefault('1%')
          .describe('Most requests that may fail: without an answer, or with a status of 400 and above.'),
        rate: rate({ min: 0.1, max: 1_000_000 }).optional().describe('Fewest answers a second; for users.'),
      })
      .prefault({})
      .describe('What has to hold. Latency counts from the moment at which a request should have begun.'),
  })
  .superRefine((given, context) => {
    const wrong = (message: string, path: string[]) => context.addIssue({ code: 'custom', message, path });
    if ((given.url === undefined) === (given.urls === undefined)) wrong('expected either url or urls', ['url']);
    if (given.urls && (given.body !== undefined || given.method !== 'GET' || Object.keys(given.headers).length > 0))
      wrong('expected method, headers and body within urls, where several addresses are asked', ['urls']);
    if ((given.rate === undefined) === (given.users === undefined)) wrong('expected either rate or users', ['rate']);
    if (given.users === undefined && given.think > 0) wrong('expected users: a rate knows no pause', ['think']);
    if (given.rate === undefined && given.arrivals === 'poisson') wrong('expected rate: users do not arrive', ['arrivals']);
    if (given.rampUp + given.warmUp + given.for > loadLimits.forMs)
      wrong('expected at most 30m of rampUp, warmUp and for together', ['for']);
  })
  .describe('Load: a rate of requests, or users, for some time, with percentiles and errors.');
export type LoadConfig = z.output<typeof LoadConfig>;
