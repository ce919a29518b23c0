import type * as schema from './schema.ts';

/** Short names for what the API describes, and what only the live stream brings: server-sent events are in no description. */
export type {
  AskedFor,
  Audit,
  AuditEntry,
  ChainReport,
  Configuration,
  Dora,
  GoldenSignal,
  InstanceLog,
  Need,
  Overview,
  OverviewRow,
  Release,
  ReleaseRow,
  Releases as ReleaseRows,
  ServiceHealth as Health,
  ServiceSignals as SignalSeries,
  SignalPoint,
  Signals,
  Step as ReleaseStep,
} from './schema.ts';

export type ReadinessPhase = schema.ReadinessReport['phases'][number];
export type RunProgress = NonNullable<schema.ReadinessRun['progress']>;
/** How ready a service is, and which runs of its checks are under way. */
export type Readiness = { readonly report: schema.ReadinessReport; readonly running: readonly RunProgress[] };
export type SignalGroup = schema.ServiceSignals['assessment']['groups'][number];
export type Verb = schema.VerbNow['verb'];
export type Outcome = schema.ReleaseSummary['outcome'];

/** A service; the live stream brings its health and its signals along. */
export type Service = schema.Service & { readonly health?: schema.ServiceHealth; readonly signals?: schema.Signals | null };

/** A record of the timeline. */
export type StreamEntry = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
  readonly state: string | null;
  readonly release: string | null;
  readonly service: string | null;
  /** Id of the incident whose record it is. */
  readonly incident?: string;
};

/** Incidents that are not over; the live stream says how many there are, also where they are more than it brings. */
export type LiveIncidents = { readonly incidents: readonly schema.IncidentRow[]; readonly count?: number };

/** An incident as the live stream brings it. */
export type StreamIncident = schema.Incident &
  schema.IncidentMessages & { readonly nowMs: number; readonly runbooks: readonly schema.IncidentRunbook[] };

/** That something has changed, of which the stream tells no more. */
export type StreamChange = { readonly what: 'notifications' | 'on-call' | 'silences' | 'status-page' };

/** What is newer than what was sent before. */
export type StreamSeries = Pick<schema.Series, 'release' | 'points' | 'marks' | 'complete'>;
