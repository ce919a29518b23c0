import { z } from 'zod';
import { credentials } from '../../spec/connection.ts';
import { duration, percent } from '../../spec/units.ts';
import { body, httpCheck, httpUrl, method, statuses } from '../http-schema.ts';

const other = z
  .strictObject({
    url: httpUrl.optional().describe('Another address; default: the same.'),
    headers: credentials.headers.describe('What makes it another client, such as another key.'),
    from: z.union([z.ipv4(), z.ipv6()]).optional().describe('Address of this machine that the request comes from.'),
  })
  .describe('Another client, or another address, that is still served while the first one is refused.');

/** A limit that is really there: it is exceeded. */
export const RateLimitConfig = httpCheck({
  method: method.default('GET').describe('HTTP method. The requests are really made: choose a harmless one.'),
  body: body.optional().describe('Body: text, or a mapping that is sent as JSON.'),
  from: z.union([z.ipv4(), z.ipv6()]).optional().describe('Address of this machine that the requests come from.'),
  requests: z
    .int()
    .min(1)
    .max(100_000)
    .meta({ description: 'How many requests one client has.', examples: [60] }),
  per: duration({ minMs: 1_000, maxMs: 86_400_000, example: '1m' }).prefault('1m').describe('In which time.'),
  tolerance: percent({ maxPpm: 1_000_000, example: '20%' })
    .prefault('20%')
    .describe('How much earlier the refusal may come without a warning, and how much later without a failure.'),
  most: z
    .int()
    .min(1)
    .max(20_000)
    .optional()
    .describe('Requests that are made at most; default: the limit with its tolerance, and one for each that is under way.'),
  atOnce: z.int().min(1).max(8).default(8).describe('Requests that are under way at the same time.'),
  refused: statuses.prefault(429).describe('How a request too many is answered.'),
  retryAfter: z.boolean().default(true).describe('Whether the refusal should say when to come again (Retry-After).'),
  other: other.optional(),
}).describe('A rate limit: it is exceeded, and the refusal is seen.');
export type RateLimitConfig = z.output<typeof RateLimitConfig>;
