import type * as schema from './schema.ts';

/** What the API answers on paths whose description is not written yet. Each type leaves this file when `schema.ts` has it. */

export type Release = Omit<schema.Release, 'steps'> & {
  /** What the state of the release lets anybody do; null: it can be done. */
  readonly verbs?: readonly { readonly verb: Verb; readonly refusal: string | null }[];
  readonly steps: readonly ReleaseStep[];
};
export type Verb = 'pause' | 'resume' | 'approve' | 'promote' | 'abort' | 'retry';
export type ReleaseStep = {
  readonly text: string;
  readonly state: 'done' | 'now' | 'next';
  readonly kind?: schema.PlanStep['kind'];
  readonly weight?: number;
  readonly minMs?: number;
  readonly maxMs?: number | null;
};

export type Service = Omit<schema.Service, 'live' | 'queued'> & {
  readonly live: Release | null;
  readonly queued: Release | null;
  readonly health?: Health;
  readonly signals?: Signals | null;
};

export type Health = {
  readonly level: 'healthy' | 'degraded' | 'critical' | 'unknown';
  readonly reasons: readonly string[];
};

/** Of all versions, over the last 60 seconds. Latency in milliseconds, shares 0–1. */
export type Signals = {
  readonly requestsPerSecond: number;
  readonly errorShare: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly cpuShare: number | null;
  readonly memoryBytes: number | null;
};

export type Need = { readonly kind: string; readonly sentence: string; readonly release: string | null };

export type OverviewRow = {
  readonly name: string;
  readonly owner: string | null;
  readonly stable: { readonly version: string; readonly sinceMs: number } | null;
  readonly live: {
    readonly id: string;
    readonly version: string;
    readonly state: schema.Release['state'];
    readonly doing: string;
    readonly weight: number;
    readonly by: string;
  } | null;
  readonly health: Health;
  readonly signals: Signals | null;
  readonly needs: readonly Need[];
};
export type Overview = { readonly nowMs: number; readonly services: readonly OverviewRow[] };

export type Outcome = schema.ReleaseSummary['outcome'];

export type ReleaseRow = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly state: schema.Release['state'];
  readonly requestedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly secondsToSafety: number | null;
  readonly failedRequests: number | null;
  readonly candidateRequests: number | null;
  readonly restore: boolean;
};
export type ReleaseRows = { readonly releases: readonly ReleaseRow[]; readonly next: string | null };

export type Dora = {
  readonly days: number;
  readonly deployments: number;
  readonly perDay: number;
  readonly leadTimeMs: { readonly median: number | null; readonly known: number };
  readonly changeFailure: { readonly rate: number | null; readonly failed: number; readonly total: number };
  readonly restoreMs: { readonly median: number | null; readonly count: number };
};

export type SignalPoint = {
  readonly from: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};
export type SignalSeries = {
  readonly every: number;
  readonly points: readonly SignalPoint[];
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly fromMs: number;
    readonly toMs: number | null;
    readonly outcome: Outcome | null;
  }[];
};

export type Configuration = { readonly document: unknown; readonly version: string; readonly release: string };
export type InstanceLog = { readonly lines: readonly string[] };

export type AuditEntry = {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly kind: string;
  readonly service: string | null;
  readonly release: string | null;
  readonly subject: string | null;
  readonly why: string;
  readonly from: { readonly address: string; readonly via: string; readonly credential: string | null } | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly said: string | null;
  readonly hash: string;
};
export type Audit = { readonly entries: readonly AuditEntry[]; readonly next: string | null };
export type ChainReport =
  | { readonly kind: 'intact'; readonly events: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/** A record of the timeline as the live stream brings it. */
export type StreamEntry = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
  readonly state: string | null;
  readonly release: string | null;
  readonly service: string;
};
export type StreamSeries = Pick<schema.Series, 'release' | 'points' | 'marks' | 'complete'>;
