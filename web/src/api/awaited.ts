import type * as schema from './schema.ts';

/** Short names for what the API describes. */
export type {
  Configuration,
  InstanceLog,
  Need,
  Overview,
  OverviewRow,
  Release,
  ServiceHealth as Health,
  Signals,
} from './schema.ts';
export type SignalSeries = schema.ServiceSignals;
export type SignalPoint = schema.SignalPoint;
export type Verb = schema.VerbNow['verb'];
export type ReleaseStep = schema.Step;
/** A service; the live stream brings its health and its signals along. */
export type Service = schema.Service & { readonly health?: schema.ServiceHealth; readonly signals?: schema.Signals | null };

/** What the API answers on paths whose description is not written yet. Each type leaves this file when `schema.ts` has it. */
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
