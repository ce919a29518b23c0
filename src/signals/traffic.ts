/** Requests of one endpoint. null: whoever counts does not know. */
export type EndpointTraffic = {
  readonly method: string | null;
  /** A path without its ids (`/orders/:id`), or a route of the program; `other`: those that have none of their own. */
  readonly endpoint: string | null;
  readonly requestsPerSecond: number;
  /** Failed of all (0–1). */
  readonly errorShare: number | null;
  /** Quantiles of latency in milliseconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

/** Requests of a service by what they asked for and how they were answered, over the last `seconds`; requests per second. */
export type Traffic = {
  readonly seconds: number;
  /** null: whoever counts does not know. */
  readonly byMethod: Readonly<Record<string, number>> | null;
  /** By status, or by its first digit (`2xx`). */
  readonly byStatus: Readonly<Record<string, number>> | null;
  /** The busiest, and those that fail most; null: not known. */
  readonly endpoints: readonly EndpointTraffic[] | null;
  /** What is in none of `endpoints`: how many more there were, and their requests. */
  readonly folded: { readonly endpoints: number; readonly requestsPerSecond: number };
};

/** Endpoints that are told one by one: the busiest, and beside them those with most failures. */
const busiestMax = 15;
const failingMax = 5;

/** Splits endpoints into those that are told and the rest. Pure. */
export function toldEndpoints<Of extends { readonly requests: number; readonly failed: number }>(
  all: readonly Of[],
): { readonly told: readonly Of[]; readonly rest: readonly Of[] } {
  const byRequests = all.toSorted((a, b) => b.requests - a.requests);
  const told = byRequests.slice(0, busiestMax);
  const others = byRequests.slice(busiestMax);
  // One that always fails is seldom among the busiest, and what somebody looks for.
  const failing = new Set(
    others
      .filter(({ failed }) => failed > 0)
      .toSorted((a, b) => b.failed - a.failed)
      .slice(0, failingMax),
  );
  return { told: [...told, ...others.filter((one) => failing.has(one))], rest: others.filter((one) => !failing.has(one)) };
}
