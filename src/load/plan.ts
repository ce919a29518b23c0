/** One kind of request, and how often it is sent compared with the others. */
export type LoadTarget = {
  /** http or https. */
  readonly url: string;
  readonly weight: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/**
 * `rate`: an open loop, in which requests begin at their own times whatever the answers take, at equal distances or by chance (Poisson).
 * `users`: a closed loop, in which each of them sends its next request when it has its answer and has waited.
 */
export type LoadShape =
  | { readonly kind: 'rate'; readonly perSecond: number; readonly arrivals: 'constant' | 'poisson' }
  | { readonly kind: 'users'; readonly users: number; readonly thinkMs: number };

/** What is sent. */
export type LoadPlan = {
  readonly targets: readonly LoadTarget[];
  readonly shape: LoadShape;
  /** Time in which rate or users grow from nothing, and then time under the whole load; neither is measured. */
  readonly rampUpMs: number;
  readonly warmUpMs: number;
  /** Time that is measured. */
  readonly forMs: number;
  /** From when a request should have begun. */
  readonly timeoutMs: number;
  readonly connectionsMax: number;
  /** Certificates are not checked. */
  readonly insecure: boolean;
  /** Of the chance in Poisson arrivals: the same seed gives the same times. */
  readonly seed: number;
};

/** Milliseconds that so many of all did not exceed (nearest rank, to 0.1 % of the value); 0 where there are none. */
export type Latencies = {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/**
 * Why a request has no answer. `unsent`: more were waiting for a connection than are kept; `local`: this machine has no more ports or
 * files for connections.
 */
export type LoadError = 'timeout' | 'refused' | 'reset' | 'closed' | 'name' | 'tls' | 'unreadable' | 'unsent' | 'local' | 'other';

export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** What came of the requests whose time to begin was within the time that is measured. */
export type LoadResult = {
  readonly measuredMs: number;
  readonly requests: number;
  readonly answers: number;
  readonly statuses: Readonly<Record<StatusClass, number>>;
  readonly errors: Readonly<Partial<Record<LoadError, number>>>;
  /** A few errors in their own words. */
  readonly examples: readonly string[];
  /** From the moment at which a request should have begun until its whole answer was there, or it was given up as too late. */
  readonly latency: Latencies;
  /** From the moment at which it was written to a connection: what the server alone took. */
  readonly service: Latencies;
  /** How late the generator itself was: from the moment at which a request should have begun until it got to it. */
  readonly lag: Latencies;
  /** Requests that were to begin (null for users), and that the generator did begin in time, in a second of the measured time. */
  readonly askedPerSecond: number | null;
  readonly begunPerSecond: number;
  readonly answeredPerSecond: number;
  /** Part of the measured time in which the generator was at work (0–1). A rate takes all of it, because it waits by looking. */
  readonly busy: number;
  /** Connections that were opened over the whole run, and most that were open at once. */
  readonly connections: number;
  readonly connectionsOpen: number;
  /** Requests sent again, because an idle connection was closed just as it was used again. */
  readonly again: number;
  readonly bytes: number;
};

/** How far a run is. */
export type LoadProgress = {
  readonly elapsedMs: number;
  readonly wholeMs: number;
  readonly answers: number;
  readonly failed: number;
};
