import type { ChecklistAsk, CutoverPolicy, PreflightPolicy, VerifyPolicy } from './checklist-gate-types.ts';
import type { ReadinessSpec } from './checklist-types.ts';
import type { IncidentsSpec } from './incident-response.ts';
import type { ReleaseNotice } from './release-notices.ts';
import type { NamedSecret } from './secret.ts';
import type { SignalPolicy } from './signal-policy.ts';
import type { TimelineEntry } from './timeline-types.ts';

/** A request header or cookie that sends its request to the candidate whatever the weight is. */
export type Match =
  | { readonly header: string; readonly equals: string }
  | { readonly header: string; readonly contains: string }
  | { readonly header: string; readonly pattern: string }
  | { readonly cookie: string; readonly equals: string };

/** What a hook does: a program that ends with 0, or a request whose status lies within the bounds (both inclusive). */
export type HookAction =
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string | NamedSecret>>;
      readonly body: string | null;
      readonly statusMin: number;
      readonly statusMax: number;
    }
  /** Asks another action whether a migration is applied: 0 or its status says yes, 1 or 404 no, and all else that nobody knows. */
  | { readonly kind: 'status'; readonly ask: CallAction }
  /**
   * Writes a backup into a folder and checks it. `command: null`: `pg_dump` of the hook's connection, read to its end by `pg_restore`.
   * `folder: null`: that of the controller.
   */
  | {
      readonly kind: 'backup';
      readonly command: readonly string[] | null;
      readonly check: readonly string[] | null;
      readonly folder: string | null;
    }
  /** Asks objectives: `slo` names them, null: all of the service. See `GateCondition`. */
  | ({ readonly kind: 'gate' } & GateCondition)
  /** Asks whether the error budget can bear what comes next: so many percent of the traffic for so long, in the worst case. */
  | { readonly kind: 'budget'; readonly percent: number; readonly forMs: number; readonly keepPpm: number }
  /** Asks a checklist: whether nothing that blocks is missing, and whether it is signed. */
  | ({ readonly kind: 'checklist'; readonly of: 'preflight' | 'cutover' | 'verify' } & ChecklistAsk)
  /** Some traffic goes to the candidate and comes back, within so long each way. */
  | { readonly kind: 'drill'; readonly sharePpm: number; readonly withinMs: number }
  /** Puts back what `backup` of the same release has written. `command: null`: with `pg_restore` and `psql`. */
  | { readonly kind: 'restore'; readonly command: readonly string[] | null; readonly folder: string | null };

/** What objectives have to be like. */
export type GateCondition = {
  readonly slo: readonly string[] | null;
  /** The target has to be kept over the last so much time. null: nothing may fire, and some of the budget has to be left. */
  readonly windowMs: number | null;
  /** Part of the allowance that has to be left, in parts per million; null: any. */
  readonly leftPpm: number | null;
};

/** What happens when a budget cannot bear a step: the release goes back, the step gets less traffic, or somebody is asked. */
export type BudgetPolicy = { readonly keepPpm: number; readonly then: 'refuse' | 'shrink' | 'ask' };

/** What a document may have run by itself. */
export type CallAction = Extract<HookAction, { kind: 'command' | 'http' }>;

/** A PostgreSQL database, as programs of PostgreSQL reach it. */
export type PostgresConnection = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** null: it needs none, or finds its own (a password file, a certificate). */
  readonly password: NamedSecret | null;
  readonly sslmode: string | null;
  /** Folder of `pg_dump`, `pg_restore` and `psql`; null: wherever PATH says. */
  readonly programs: string | null;
};

/** Something of the user's own that a release runs. `compensate` undoes it when the release goes back after it ran. */
export type Hook = {
  /** For people: given, or the program's name, or method and host. */
  readonly name: string;
  readonly action: HookAction;
  readonly timeoutMs: number;
  /** How often it is tried before the step counts as failed (≥ 1). */
  readonly attempts: number;
  readonly compensate: HookAction | null;
  /** Told to the programs that it runs, as PGHOST and so on. Absent: they know where to go. */
  readonly connection?: PostgresConnection;
  /** It is asked first, and the action is left out when the migration is not as it has to be. Absent: it always runs. */
  readonly onlyIf?: { readonly applied: boolean; readonly status: CallAction };
};

/** One change of the database, in the order of the document. */
export type Migration = {
  readonly name: string;
  readonly up: CallAction;
  /** null: it cannot be undone (`irreversible`), or only by the backup. */
  readonly down: CallAction | null;
  /** Whether it is applied; null: nobody can tell. */
  readonly status: CallAction | null;
  readonly irreversible: boolean;
  readonly timeoutMs: number;
  readonly attempts: number;
};

/** What happens to the database in a release, before its candidate is started. */
export type DatabasePolicy = {
  readonly connection: PostgresConnection | null;
  readonly backup: Hook | null;
  readonly migrations: readonly Migration[];
  /** How a rollback undoes the migrations: each by its `down`, or all by the backup. */
  readonly onRollback: 'down' | 'restore';
  /** What puts the backup back; null: `onRollback` does not ask for it. */
  readonly restore: Hook | null;
  /** Whether the stable version works with the migrated database, too. */
  readonly compatible: boolean;
};

/** Somebody has to say yes within this time. */
export type Approval = {
  readonly expiresMs: number;
  /** Whoever has started the release does not count as somebody. Absent: anybody may say yes. */
  readonly by?: 'another';
};

/** How long a step is watched: at least `minMs` and `minRequests` candidate requests, and if that is not enough to decide, up to `maxMs`. */
export type Watch = {
  readonly minMs: number;
  /** After this time the step may end early, once the candidate is proven to be good. Absent: it may not. */
  readonly earlyMs?: number;
  readonly maxMs: number;
  /** Asked for by this step; 0: only what the guard asks for. */
  readonly minRequests: number;
};

/** How many instances: a number of them, or a share of all that a version has, in parts per million. */
export type Amount = { readonly count: number } | { readonly sharePpm: number };

/** How many instances of the candidate a step needs. Absent: as many as the step before; of no step: as many as its document says. */
export type Sized = { readonly replicas?: Amount };

/** One step of a canary, in the order of the document. Weights are parts per million of the requests: 10 % is 100_000. */
export type CanaryStep<AnyHook = Hook> =
  | ({ readonly kind: 'weight'; readonly weightPpm: number } & Sized & Watch)
  | ({ readonly kind: 'match'; readonly match: readonly Match[] } & Sized & Watch)
  /** `ms: null` waits until somebody resumes. */
  | { readonly kind: 'pause'; readonly ms: number | null }
  | ({ readonly kind: 'approve' } & Approval)
  | { readonly kind: 'hook'; readonly hook: AnyHook }
  | { readonly kind: 'gate'; readonly gate: GateCondition };

/** Instance by instance: the candidate takes the place of the stable version in batches, and each batch is watched before the next. */
export type Rolling = {
  /** Instances that are replaced before the next watch. */
  readonly batch: Amount;
  /** Instances that may be missing at the expected number; a share is rounded down. */
  readonly maxUnavailable: Amount;
  /** Instances that may run beyond the expected number; a share is rounded up. */
  readonly maxSurge: Amount;
  /** How long each batch is watched before the next. */
  readonly watch: Watch;
  /** Asked once the first batch has been watched; null: nobody is asked. */
  readonly approve: Approval | null;
};

/** All at once, after tests, with the version before kept for a while. */
export type BlueGreen<AnyHook = Hook> = {
  /** Requests that reach green before the switch; null: none do. */
  readonly test: ({ readonly match: readonly Match[] } & Watch) | null;
  /** Asked between test and switch. */
  readonly approve: Approval | null;
  /** Run between test and switch. */
  readonly hook: AnyHook | null;
  /** How long blue keeps running after the bake, ready to take the traffic back. */
  readonly keepMs: number;
};

/** How traffic moves from the stable version to the candidate. */
export type Strategy<AnyHook = Hook> =
  | ({ readonly kind: 'rolling' } & Rolling)
  | {
      readonly kind: 'canary';
      readonly steps: readonly CanaryStep<AnyHook>[];
      /** A switch as of blue-green after them, with all instances of the candidate. Absent: straight to all traffic. */
      readonly switch?: BlueGreen<AnyHook>;
    }
  | ({ readonly kind: 'blueGreen' } & BlueGreen<AnyHook>)
  /** Shares of users instead of requests: they get a variant of a feature flag. */
  | { readonly kind: 'flag'; readonly steps: readonly CanaryStep<AnyHook>[] };

/** One latency quantile that is watched. */
export type LatencyPolicy = {
  /** 950_000 is p95. */
  readonly quantilePpm: number;
  /** Relative rise over stable's that is still accepted; null: not compared. */
  readonly worseByPpm: number | null;
  /** Highest value whatever stable does; null: no limit. */
  readonly maxMs: number | null;
  /** Above this people decide before the release goes on; null or absent: no such limit. */
  readonly warnMs?: number | null;
};

/** A metric of the user's own that is watched beside errors and latency. Its numbers come with `Counts.metrics` under its name. */
export type MetricPolicy =
  | {
      /** Bad of all, such as declined payments of all payments. */
      readonly kind: 'ratio';
      readonly name: string;
      /** Absolute rise of the share over stable's that is still accepted; null: not compared. */
      readonly worseByPpm: number | null;
      /** Highest share whatever stable does; null: no limit. */
      readonly maxPpm: number | null;
      /** Share above which people decide; null: no such limit. */
      readonly warnPpm: number | null;
    }
  | {
      /** A level that is read now and then, such as processor use or the length of a queue. Higher is worse. */
      readonly kind: 'gauge';
      readonly name: string;
      /** Relative rise over stable's that is still accepted; null: not compared. */
      readonly worseByPpm: number | null;
      /** Highest value whatever stable does, in the metric's own unit; null: no limit. */
      readonly max: number | null;
      /** Value above which people decide; null: no such limit. */
      readonly warn: number | null;
      /** Seconds for which a limit must be exceeded without a break before it counts. */
      readonly forS: number;
    };

/** The queries behind a metric of the user's own, in the language of the document's source. */
export type MetricQuery =
  | { readonly kind: 'ratio'; readonly name: string; readonly bad: string; readonly of: string }
  | { readonly kind: 'gauge'; readonly name: string; readonly query: string };

/** Kayenta's judge in place of the sequential comparison, for teams who migrate. */
export type KayentaPolicy = {
  readonly kind: 'kayenta';
  /** Seconds that make one value of each metric. */
  readonly valueS: number;
  /** Seconds between two judgements. */
  readonly everyS: number;
  /** Scores (0–100) from which a judgement passes, and up to which it fails. */
  readonly passMin: number;
  readonly marginalMin: number;
};

/** What a release promises about its candidate, in integers: shares in parts per million, times in milliseconds. */
export type GuardPolicy = {
  readonly errors: {
    /** Absolute rise of the error rate over stable's that is still accepted (non-inferiority margin). */
    readonly worseByPpm: number;
    /** Highest error rate whatever stable does (MISSION C4: 5 %). */
    readonly maxPpm: number;
    /** Error rate above which people decide before the release goes on (MISSION C4: 1 %); null or absent: no such limit. */
    readonly warnPpm?: number | null;
  };
  /** By rising quantile. */
  readonly latency: readonly LatencyPolicy[];
  /** The user's own metrics. Absent: none. */
  readonly metrics?: readonly MetricPolicy[];
  /** Compares instead of the guard's own sequential tests; limits and the rest stay as they are. Absent: the guard's own. */
  readonly judge?: KayentaPolicy;
  /** Relative deviation of the candidate's share of requests from its weight above which people decide. Absent: only a gross one counts. */
  readonly shareWithinPpm?: number;
  /** Fewest candidate requests on a step before its verdict can be `pass`. */
  readonly minRequests: number;
};

/** A request to an instance that must be answered as stated before it may take traffic. */
export type SmokeCheck = {
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly timeoutMs: number;
  /** Text that the answer's body must hold; null: the body is not looked at. */
  readonly contains: string | null;
};

/** How versions of a service are released. */
export type ReleasePolicy = {
  readonly strategy: Strategy;
  readonly guard: GuardPolicy;
  /** What the source is asked for each of `guard.metrics`, in their order. Absent: none. */
  readonly metricQueries?: readonly MetricQuery[];
  readonly bakeMs: number;
  /** How long a held release waits for its reason to go away, and what happens then. */
  readonly hold: { readonly maxMs: number; readonly then: 'rollback' | 'keep' };
  /** Asked before anything starts; null: nobody is asked. */
  readonly approval: Approval | null;
  readonly deadlines: { readonly readyMs: number; readonly routeMs: number; readonly drainMs: number; readonly hookMs: number };
  /** How long the previous version keeps running after the bake. */
  readonly retire: { readonly afterMs: number };
  /** Absent: a release leaves the database alone. */
  readonly database?: DatabasePolicy;
  /** Asked of the candidate once it is ready, and of stable after a rollback. */
  readonly smoke: readonly SmokeCheck[];
  /** How long the router keeps the candidate's traffic without hearing from a controller. */
  readonly leaseMs: number;
  /** null: nothing is asked. */
  readonly preflight: PreflightPolicy | null;
  /** Absent: nothing is asked. */
  readonly cutover?: CutoverPolicy;
  /** Absent: nothing is asked. */
  readonly verify?: VerifyPolicy;
  /** Absent: the standard one. */
  readonly timeline?: readonly TimelineEntry[];
  /** Who is told of its releases, beside those whom the setup names. Absent: nobody. */
  readonly notify?: readonly ReleaseNotice[];
  /** Asked of objectives once the version has had all of the traffic for the gate's window. Absent: nothing is. */
  readonly gate?: GateCondition;
  /** Absent: nothing is asked of the error budget. */
  readonly budget?: BudgetPolicy;
};

/** A promise to the users of the service. */
export type Objective = {
  readonly name: string;
  /** Share of good events: 99.9 % is 999_000. */
  readonly targetPpm: number;
  /** Length of the window in milliseconds; of one of the calendar, the longest that it lasts. */
  readonly windowMs: number;
  /** An event is good when it took less than this; null: when it did not fail. */
  readonly belowMs: number | null;
  /** Absent: the window is rolling. */
  readonly calendar?: { readonly unit: CalendarUnit; readonly zone: string };
  /** Absent: the requests of users, as the router counts them, or the source in its place. */
  readonly events?: ObjectiveEvents;
  /** Time slices are counted in place of events: each is one event, good when so many of its own are. */
  readonly slices?: { readonly everyMs: number; readonly targetPpm: number };
  /** Burn-rate alerts, the most urgent first. Absent: the usual ones; empty: none. */
  readonly alerts?: readonly BurnTier[];
};

/** An objective with a document of its own, such as one in OpenSLO: it need not belong to a service that is released here. */
export type StandaloneObjective = {
  /** Unique among those of a controller. */
  readonly name: string;
  /** The service whose users it is for; null: none is said. */
  readonly service: string | null;
  /** For people; null: not said. */
  readonly displayName: string | null;
  readonly description: string | null;
  /** What counts its events; null: that of the service, or of the controller. */
  readonly source: Plugged | null;
  /** Its own name may differ from that of the document, which is unique in a wider circle. */
  readonly objective: Objective;
};

/** A period that begins with the calendar of a time zone; weeks begin on Monday. */
export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** What an objective counts in its source. Queries are counters themselves, without `rate()`. */
export type ObjectiveEvents =
  /** `query` counts good or bad events. */
  | { readonly kind: 'ratio'; readonly count: 'good' | 'bad'; readonly query: string; readonly total: string }
  /** A histogram: events up to `Objective.belowMs` are good. `unitMs`: milliseconds per unit of its bounds. */
  | { readonly kind: 'classic' | 'native'; readonly query: string; readonly unitMs: number };

/**
 * One condition of a burn-rate policy: in both windows the budget is spent faster than at `sharePpm` of it in the long one (Google, "The
 * Site Reliability Workbook", ch. 5: multiwindow, multi-burn-rate alerts).
 */
export type BurnTier = {
  /** `P0`, `P1` …: the first of the list is the most urgent. */
  readonly name: string;
  /** Part of the budget that is spent when it fires, in parts per million: 2 % is 20_000. */
  readonly sharePpm: number;
  readonly longMs: number;
  /** It resolves so soon after the errors stop. */
  readonly shortMs: number;
  /** Bad events in the long window below which it does not fire: a single failure of few requests wakes nobody. 0: no such floor. */
  readonly minBad: number;
  /** How long the condition has to hold before it fires. Absent: not at all. */
  readonly forMs?: number;
  /** Who is told: `page` at once, `chat` within the half hour, `email` on the next working day. */
  readonly tells: 'page' | 'chat' | 'email';
};

/** A part that belongs to a plugin: its kind, and its configuration as the plugin's own schema made it (plain JSON). */
export type Plugged = { readonly kind: string; readonly config: unknown };

/** A `Service` document, checked and with every default filled in. Plain JSON: milliseconds and parts per million, no classes. */
export type ServiceSpec = {
  readonly name: string;
  readonly owner: string | null;
  readonly description: string | null;
  readonly target: Plugged;
  readonly router: Plugged;
  /** Where counts and the user's own metrics come from beside the router. Absent: nothing but the router counts. */
  readonly source?: Plugged;
  readonly objectives: readonly Objective[];
  /** What it says of its golden signals. Absent: nothing, and the default levels hold. */
  readonly signals?: SignalPolicy;
  /** What is done about its incidents. Absent: people are called. */
  readonly incidents?: IncidentsSpec;
  /** What it says of its readiness. Absent: nothing. */
  readonly readiness?: ReadinessSpec;
  readonly release: ReleasePolicy;
  /** Absolute folder of the document: relative paths in it start there, and its hooks run there. Null when it came without one. */
  readonly folder: string | null;
};
