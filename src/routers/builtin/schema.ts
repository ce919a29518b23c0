import { z } from 'zod';
import { duration, listenAddress, size } from '../../spec/units.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;

/** Configuration of the built-in router, as users write it under `router: { builtin: … }`. */
export const BuiltinConfig = z.strictObject({
  /** Where users connect to. Port 0 takes a free port once and keeps it. */
  listen: listenAddress(),
  /** Where Prometheus scrapes; without it metrics are only on the control socket. */
  metrics: listenAddress().optional(),
  /** What tells users apart, so that each of them stays with one version. */
  bucket: z
    .union([
      z.strictObject({ cookie: z.string().regex(token, 'expected a cookie name such as rampart') }),
      z.strictObject({ header: z.string().regex(token, 'expected a header name such as X-User') }),
    ])
    .prefault({ cookie: 'rampart' }),
  timeouts: z
    .strictObject({
      /** Until an instance accepts the connection. */
      connect: duration({ minMs: 10, maxMs: 60_000 }).prefault('2s'),
      /** Until a client has sent its whole request head. */
      headers: duration({ minMs: 100, maxMs: 600_000 }).prefault('10s'),
      /** From the request's last byte until the head of the answer; a request past it is answered 504. */
      response: duration({ minMs: 10, maxMs: 3_600_000 }).prefault('60s'),
      /** Longest silence on a connection: between requests, inside a body, in a WebSocket. */
      idle: duration({ minMs: 100, maxMs: 86_400_000 }).prefault('5m'),
      /** How long running requests may still take when the router is ended. */
      drain: duration({ maxMs: 600_000 }).prefault('10s'),
    })
    .prefault({}),
  /** Largest request body; a larger one is answered 413. */
  maxBody: size({ minBytes: 1 }).prefault('1GiB'),
  /** Largest request head; a larger one is answered 431. */
  maxHeader: size({ minBytes: 1_024, maxBytes: 1_048_576 }).prefault('16KiB'),
  /** Processes that serve requests. Above 1 the shares are exact for each of them. */
  workers: z.int().min(1).max(64).default(1),
  /** Whether another proxy stands in front: then X-Forwarded-* of the request are kept and extended, else replaced. */
  trustForwarded: z.boolean().default(false),
});
export type BuiltinConfig = z.output<typeof BuiltinConfig>;
