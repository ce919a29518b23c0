import { z } from 'zod';
import { duration } from '../../spec/units.ts';

/** What Rampart itself says in the `reverse_proxy` handlers it writes. */
const taken = ['handler', 'upstreams', 'dynamic_upstreams', '@id'] as const;

/** Configuration of a router in the user's own Caddy, as users write it under `router: { caddy: … }`. */
export const CaddyConfig = z.strictObject({
  /** Address of Caddy's admin API. */
  admin: z
    .url({ protocol: /^http$/, error: 'expected the address of the admin API such as http://127.0.0.1:2019' })
    .default('http://127.0.0.1:2019'),
  /** `@id` of the `subroute` handler that Rampart owns; it changes nothing else. */
  id: z.string().regex(/^[\w.-]{1,100}$/, 'expected an @id of letters, digits, dot, dash and underscore such as rampart-shop'),
  /** More settings of the `reverse_proxy` handlers, in Caddy's own JSON: `transport`, `headers`, `flush_interval` … */
  proxy: z
    .record(z.string(), z.unknown())
    .refine(
      (proxy) => taken.every((key) => !Object.hasOwn(proxy, key)),
      `${taken.join(', ')} are written by Rampart: leave them out`,
    )
    .refine(
      ({ load_balancing: balancing }) =>
        typeof balancing !== 'object' || balancing === null || !('selection_policy' in balancing),
      'load_balancing.selection_policy is what splits the requests, and written by Rampart: leave it out',
    )
    .default({}),
  /** File of Caddy's log of `http.handlers.reverse_proxy` at level DEBUG, for exact counts. Without it nothing is counted. */
  log: z.string().max(1_000).regex(/^\//, 'expected an absolute path such as /var/log/caddy/rampart.log').optional(),
  /** Longest time that one call of the admin API may take. */
  timeout: duration({ minMs: 100, maxMs: 60_000 }).prefault('5s'),
});
export type CaddyConfig = z.output<typeof CaddyConfig>;
