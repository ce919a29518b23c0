import type { z } from 'zod';
import type { Sample } from '../analysis/sample.ts';
import type { Traffic } from '../signals/traffic.ts';

/** A request header or cookie that sends its request to the candidate whatever the weight is. */
export type Match =
  | { readonly header: string; readonly equals: string }
  | { readonly header: string; readonly contains: string }
  | { readonly header: string; readonly pattern: string }
  | { readonly cookie: string; readonly equals: string };

/** Where an instance of a version listens. */
export type Endpoint = { readonly host: string; readonly port: number };

/** A version as the router sees it: a name for its counters, and where it listens. */
export type Backend = { readonly version: string; readonly endpoints: readonly Endpoint[] };

/**
 * Everything a router has to know, as one level: a newer route replaces an older one entirely.
 * Without a stable version requests are refused with 503, but for those that go to the candidate.
 */
export type Route = {
  readonly stable: Backend | null;
  readonly candidate: Backend | null;
  /** Percent of requests that go to the candidate (0–100); the others go to stable. */
  readonly weight: number;
  /** Any of these sends a request to the candidate, whatever the weight. */
  readonly match: readonly Match[];
};

/** Who writes, so that a late or outdated writer changes nothing. */
export type Fence = {
  /** Rises with every controller that takes over the log. A write with a lower token than the last one is refused. */
  readonly token: number;
  /** Rises with every route of the service, over all of its releases. A lower one with the same token is refused. */
  readonly seq: number;
};

/** What the router itself says is in force. */
export type RouteReading = {
  readonly route: Route;
  readonly fence: Fence;
  /** Unix milliseconds at which this route came into force, on the router's clock. */
  readonly appliedAtMs: number;
  /** True when the lease ran out and the router took all traffic back to stable by itself. */
  readonly lapsed: boolean;
};

/** What a router can do, as data, so that nobody has to ask for its kind. */
export type RouterCapabilities = {
  /** Smallest difference between two weights, in percent. */
  readonly weightStepPercent: number;
  /** Whether `Route.match` can be served. */
  readonly match: boolean;
  /** Whether it returns to stable alone when no controller renews the lease. */
  readonly lease: boolean;
  /** Whether `samples` gives exact counts, so that no other source is needed. */
  readonly counts: boolean;
  /** Whether these counts have latency. Without it every request looks fast. */
  readonly latency: boolean;
  /** Whether a user who has seen the candidate stays with it while its weight does not fall. */
  readonly sticky: boolean;
  /** `dealt`: of users who are not known yet every nth; `by-chance`: by a hash or by lot, so that short counts vary. */
  readonly shares: 'dealt' | 'by-chance';
  /**
   * Whether a change of the route closes idle connections of clients, so that one that is just being used again may be reset before any
   * byte of an answer. Browsers and most libraries send such a request again by themselves. Absent: it does not.
   */
  readonly resetsIdle?: boolean;
  /** Longest that `setRoute` and `close` may take, in milliseconds. Absent: no longer than any other call. */
  readonly setRouteMs?: number;
};

/**
 * All that the runtime needs from whatever splits the traffic of one service. Every call is safe to repeat, ends when its
 * signal aborts, and rejects with a `UserError`: `E_ROUTER_UNREACHABLE`, `E_STALE_FENCE` (somebody newer has written), or
 * `E_ROUTE_REFUSED` (weight above 0 without an endpoint, an unknown match …).
 */
export type TrafficRouter = {
  readonly capabilities: RouterCapabilities;
  /** Makes the router answer: adopts a running one, starts it where Rampart owns it. Its last route stays in force. */
  open(signal: AbortSignal): Promise<void>;
  /** What is wrong with a version before its release begins, in words; empty when nothing is. Absent: any version will do. */
  check?(version: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Puts `route` in force for new requests. Resolves once the router has accepted it. Its lease runs from this call, also where the
   * router hears of it later: one that would give the candidate traffic and comes past its lease is refused (`E_ROUTE_REFUSED`).
   */
  setRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void>;
  /** Reads back what is in force, from the router itself and never from our memory. `null` before the first route. */
  readRoute(signal: AbortSignal): Promise<RouteReading | null>;
  /** Keeps the candidate's traffic for another lease, which runs from this call. Answers what is in force, so that a lapse is seen at once. */
  renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null>;
  /**
   * Counts of each complete second after `afterSecond` (unix seconds), oldest first, at most `limit`, for the pair of versions
   * named. Seconds older than the router's memory are missing, seconds without traffic are there with zero counts.
   */
  samples(query: SampleQuery, signal: AbortSignal): Promise<readonly Sample[]>;
  /** What users ask for: the last minute. A router that tells requests apart by their version alone leaves it out. */
  traffic?(signal: AbortSignal): Promise<RouterTraffic>;
  /** Ends what Rampart started, for good. A router that belongs to the user is left as it is, with stable in force. */
  close(signal: AbortSignal): Promise<void>;
};

/** Requests of the last minute by what they asked for, and what is under way now. */
export type RouterTraffic = Traffic & {
  readonly inFlight: number;
  /** Open connections of clients, also idle ones. */
  readonly clientConnections: number;
};

export type SampleQuery = {
  readonly stable: string | null;
  readonly candidate: string | null;
  readonly afterSecond: number;
  readonly limit: number;
};

/** One thing that a program did for a user who has a variant of a flag, and how it went. */
export type FlagResult = {
  readonly variant: string;
  readonly failed: boolean;
  /** How long it took, in milliseconds. */
  readonly ms: number;
};

/**
 * The feature flags of the controller, for a router that sends no requests but gives a flag out to users. Rejects with a `UserError`:
 * `E_ROUTE_REFUSED` (no such flag or variant, switched off by hand), `E_STALE_FENCE`, `E_ROUTER_UNREACHABLE` (it cannot be recorded).
 */
export type FlagRoutes = {
  /** Resolves once it is in force and on record; what gives the candidate to nobody is in force also when it cannot be recorded. */
  setRoute(key: string, service: string, route: Route, fence: Fence, signal: AbortSignal): Promise<void>;
  /** What users get. `null`: no route of this service, or no such flag. */
  readRoute(key: string, service: string, signal: AbortSignal): Promise<RouteReading | null>;
  /** Leaves the flag to people again, with all users on the stable variant. */
  leave(key: string, service: string, signal: AbortSignal): Promise<void>;
  /** What is wrong with a variant as a version; empty when nothing is. */
  check(key: string, version: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Calls `listener` with each result that a program reports for the flag, until the answer is called. */
  onResult(key: string, listener: (result: FlagResult) => void): () => void;
};

/** What the runtime tells a router about the service it stands in front of. */
export type RouterContext = {
  readonly service: string;
  /** Private folder of this service's router, for its socket and its state. It is made when it is missing. */
  readonly folder: string;
  /** Thresholds in milliseconds, rising, for which `samples` counts exactly how many requests were slower. */
  readonly edgesMs: readonly number[];
  /** How long the candidate keeps its traffic without a `setRoute` or `renewLease`. */
  readonly leaseMs: number;
  /** Absent: there are none, as in a test of another router. */
  readonly flags?: FlagRoutes;
};

/** A kind of router: what the user writes under its name, and the client that talks to it. */
export type RouterPlugin<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /** Builds the client. Does nothing yet: everything that can fail happens in `open`. */
  create(config: z.output<Schema>, context: RouterContext): TrafficRouter;
};

/** Ties a router's configuration to its client, so that both have one type. */
export function defineRouter<Schema extends z.ZodType, Router extends TrafficRouter>(
  schema: Schema,
  create: (config: z.output<Schema>, context: RouterContext) => Router,
): { readonly schema: Schema; create(config: z.output<Schema>, context: RouterContext): Router } {
  return { schema, create };
}
