import type { Origin } from '../access/types.ts';
import type { GuardPolicy, Verdict } from '../analysis/guard.ts';
import type { Said } from '../analysis/said.ts';
import type { Sample } from '../analysis/sample.ts';
import type { GuardState } from '../analysis/watch.ts';
import type { Match, Route, RouteReading } from '../routers/router.ts';
import type { Approval, Hook, ServiceSpec, SmokeCheck, Watch } from '../spec/types.ts';
import type { Instance } from '../targets/target.ts';

/** One thing that a release does, in its order. The guard is no step: it belongs to the whole release. */
export type Step =
  | ({ readonly kind: 'approve' } & Approval)
  | { readonly kind: 'match'; readonly match: readonly Match[] }
  /** `of`: whose share it is. Absent: of the requests. */
  | { readonly kind: 'weight'; readonly percent: number; readonly of?: 'users' }
  | ({ readonly kind: 'observe' } & Watch)
  | { readonly kind: 'pause'; readonly ms: number | null }
  | Barrier
  | { readonly kind: 'hook'; readonly hook: Hook }
  | Gate
  | { readonly kind: 'backup'; readonly hook: Hook }
  | {
      readonly kind: 'migrate';
      readonly name: string;
      readonly hook: Hook;
      /** Whether it is applied already; null: nobody can tell. */
      readonly status: Hook | null;
      /** null: it is irreversible. */
      readonly undo: Hook | null;
    }
  | Scaling
  | { readonly kind: 'promote'; readonly of?: 'users' }
  | { readonly kind: 'bake'; readonly minMs: number; readonly maxMs: number; readonly minRequests: number }
  | { readonly kind: 'retire'; readonly afterMs: number };

/** What a step may be, in the order in which they usually come. */
export const stepKinds = [
  'approve',
  'backup',
  'migrate',
  'match',
  'weight',
  'observe',
  'pause',
  'scale',
  'barrier',
  'hook',
  'gate',
  'promote',
  'bake',
  'retire',
] as const satisfies readonly Step['kind'][];

/**
 * Objectives, an error budget or a checklist are asked. When they do not pass the release goes back (`rollback`), is held for a person
 * (`hold`), the next weight is made smaller (`shrink`), it is held and asks again until it passes (`wait`), it ends before anything has
 * begun (`refuse`), or it goes on and tells (`report`).
 */
export type Gate = {
  readonly kind: 'gate';
  readonly hook: Hook;
  readonly then: 'rollback' | 'hold' | 'shrink' | 'wait' | 'refuse' | 'report';
  /** Of `wait`: how often it is asked again, and for how long. */
  readonly again?: { readonly everyMs: number; readonly maxMs: number };
  /** It comes before anything of the release has begun. */
  readonly first?: true;
};

/**
 * Where a release of a group waits for the others: `promote` before it gets all traffic, `retire` before it becomes stable. Only the
 * group opens it; after `maxMs` the release goes back.
 */
export type Barrier = {
  readonly kind: 'barrier';
  readonly before: 'promote' | 'retire';
  readonly group: string;
  readonly maxMs: number;
};

/** The group that a release belongs to: its name, the id of this release of the group, and how long its barriers wait. */
export type GroupTag = { readonly name: string; readonly id: string; readonly barrierMs: number };

/** One side gets as many instances as this; `null`: as many as its document says. The candidate only grows, stable only shrinks. */
export type Scaling =
  | { readonly kind: 'scale'; readonly of: 'candidate'; readonly replicas: number | null }
  | {
      readonly kind: 'scale';
      readonly of: 'stable';
      readonly replicas: number;
      /** Percent of requests that the candidate has from then on, because fewer others are there; null: as before. */
      readonly percent: number | null;
    };

/** How many instances of each side are wanted; null: as many as its document says. Levels, as the exposure is one. */
export type Scale = {
  readonly candidate: number | null;
  readonly stable: number | null;
  /** Of stable's instances only so many, the first ones, still get requests: the others are about to be ended. */
  readonly routed: number | null;
};

/** What a rolling update keeps to, in instances. */
export type RollingLimits = {
  /** Fewest that are ready for requests. */
  readonly floor: number;
  /** Most that exist of both versions together. */
  readonly ceiling: number;
};

/**
 * What a release will do, fixed before anything moves. `first`: nothing runs yet, so there is nothing to compare with or to go
 * back to. `restore`: an operator wants an earlier version back, so the steps in between are left out.
 */
export type Plan = {
  readonly strategy: 'rolling' | 'canary' | 'blueGreen' | 'flag' | 'first' | 'restore';
  readonly service: string;
  readonly stable: string | null;
  readonly candidate: string;
  /** Asked before anything starts. */
  readonly approval: Approval | null;
  readonly steps: readonly Step[];
  readonly guard: GuardPolicy;
  readonly smoke: readonly SmokeCheck[];
  readonly readyMs: number;
  readonly routeMs: number;
  readonly drainMs: number;
  readonly hold: { readonly maxMs: number; readonly then: 'rollback' | 'keep' };
  /** The stable version does not work with the migrated database. Absent: it does. */
  readonly incompatible?: true;
  /** With how many instances the candidate begins. Absent: with as many as its document says. */
  readonly starts?: number;
  /** The versions share the instances. Absent: each has all of its own. */
  readonly rolling?: RollingLimits;
};

/** A version that is or was stable, with the document it was released with: a rollback brings back both. */
export type Installed = {
  readonly version: string;
  readonly spec: ServiceSpec;
  readonly release: string;
  readonly sinceMs: number;
};

/** Why a live release does not move. `operator` and `irreversible` wait for a person, the others go on alone when their cause is gone. */
export type HoldReason = 'operator' | 'evidence' | 'router' | 'irreversible' | 'gate';

/** Where a step is. Every wait carries the unix milliseconds at which it ends or something else must happen. */
export type StepPart =
  | { readonly kind: 'applying'; readonly untilMs: number }
  | { readonly kind: 'verifying'; readonly untilMs: number }
  | {
      readonly kind: 'observing';
      readonly sinceMs: number;
      /** First second (unix) that lies wholly in this part: its requests count. */
      readonly fromSecond: number;
      readonly minUntilMs: number;
      readonly untilMs: number;
      readonly requests: number;
      /** Seconds that were counted while the router really sent requests to the candidate: what was not seen was not observed. */
      readonly seconds: number;
    }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly asked: boolean }
  | { readonly kind: 'asking'; readonly untilMs: number }
  /** `attempt` 0: whether it is applied already is being asked. `thenHold`: somebody has paused the release meanwhile. A hook is not cut in half for that; the hold begins when it has ended. */
  | {
      readonly kind: 'running';
      readonly attempt: number;
      readonly untilMs: number;
      readonly thenHold: string | null;
      /** Somebody has aborted the release while it migrates: it goes back once that has ended. Absent: nobody has. */
      readonly thenBack?: Cause;
    }
  /** The candidate's instances, or those that stay of stable, become ready; `smoke`: the checks are asked. */
  | { readonly kind: 'growing'; readonly untilMs: number; readonly smoke: boolean }
  /** Instances that get no new requests finish those they have. */
  | { readonly kind: 'draining'; readonly untilMs: number }
  | { readonly kind: 'shrinking'; readonly untilMs: number }
  | { readonly kind: 'settling'; readonly untilMs: number }
  /** At `untilMs` people are told that it takes long: there is nothing else to do than to go on trying. */
  | { readonly kind: 'committing'; readonly untilMs: number }
  | { readonly kind: 'retiring'; readonly untilMs: number };

/** What made a release go back. */
export type Cause = {
  readonly by: 'guard' | 'operator' | 'target' | 'deadline' | 'hook' | 'smoke' | 'target-error';
  readonly sentence: string;
  /**
   * What the guard said, as data for other languages: of `guard` the sentence itself, of `deadline` what the release was held for.
   * null where the guard has no part in it: the sentence is English alone.
   */
  readonly said: Said | null;
  /** Unix milliseconds at which users were first hurt; null when none were. */
  readonly faultAtMs: number | null;
  readonly decidedAtMs: number;
};

/**
 * `restore`: stable gets back the instances that it has given up, and its traffic with them. `decide`: traffic is on stable, and the
 * database is past a migration that cannot be undone.
 */
export type RollbackPart = 'restore' | 'route' | 'compensate' | 'drain' | 'database' | 'decide' | 'check' | 'retire';

export type Phase =
  | { readonly kind: 'queued' }
  | { readonly kind: 'validating'; readonly untilMs: number }
  | { readonly kind: 'awaiting-approval'; readonly untilMs: number }
  | { readonly kind: 'preparing'; readonly part: 'instances' | 'smoke'; readonly untilMs: number }
  | { readonly kind: 'stepping'; readonly step: number; readonly part: StepPart }
  | {
      readonly kind: 'held';
      readonly reason: HoldReason;
      readonly sentence: string;
      /** The same as data where the guard said it, for other languages; null: English alone. */
      readonly said: Said | null;
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly step: number;
      /** Candidate requests since the observation that is held began; they go on counting. 0 where no observation is held. */
      readonly requests: number;
      /** Of a gate: when it is asked again, for the how many-th time, and whether it is being asked now. */
      readonly again?: { readonly atMs: number; readonly attempt: number; readonly asking: boolean };
    }
  | {
      readonly kind: 'rolling-back';
      readonly part: RollbackPart;
      readonly cause: Cause;
      readonly untilMs: number;
      readonly failing: boolean;
      /** The candidate was ended, because the router has refused or its database goes back, or never begun; it is not started only to be drained. */
      readonly stopped: boolean;
    }
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly atMs: number; readonly sentence: string };

/** How a release ends. */
export const outcomes = ['succeeded', 'rolled-back', 'rejected', 'cancelled', 'superseded'] as const;
export type Outcome = (typeof outcomes)[number];

/** Exact counts of one side since the candidate had its first traffic of this release. */
export type Totals = { readonly requests: number; readonly errors: number };

/** The result of a hook or a check, kept for the summary. */
export type Finding = { readonly what: string; readonly ok: boolean; readonly detail: string };

/** See `ReleaseState.drill`. The steps go on by themselves: whatever moves the release ends it. */
export type Drill = {
  /** Percent of the requests that the candidate has at least; 0: they are back, and the last of them are still being counted. */
  readonly percent: number;
  /** It ends then, whatever becomes of whoever has asked for it. Unix milliseconds. */
  readonly untilMs: number;
};

export type ReleaseState = {
  readonly id: string;
  readonly version: string;
  readonly spec: ServiceSpec;
  readonly by: string;
  readonly why: string;
  readonly requestedAtMs: number;
  /** Absent: it is a release of this service alone. */
  readonly group?: GroupTag;
  readonly plan: Plan;
  readonly phase: Phase;
  /** Percent and matches that the candidate has by plan; the route follows from them. */
  readonly exposure: { readonly weight: number; readonly match: readonly Match[] };
  /** Absent: every version has as many instances as its document says. */
  readonly scale?: Scale;
  /** A person wants all traffic on the candidate, or an earlier version back: only what keeps the capacity is left of the steps. */
  readonly hurried?: true;
  /** Some of the traffic comes to the candidate for a moment and goes again, beside what its steps say. Absent: it does not. */
  readonly drill?: Drill;
  /** Index of the step that last changed the exposure; the guard counts per such step. */
  readonly exposedBy: number;
  /** When it was first decided to give the candidate traffic, in unix milliseconds; null before. */
  readonly exposedAtMs: number | null;
  readonly guard: GuardState | null;
  readonly verdict: Verdict | null;
  /** Last second (unix) whose samples are in `guard` and `totals`. */
  readonly lastSecond: number;
  /** When the source last had an answer about the candidate, in unix milliseconds. */
  readonly seenAtMs: number;
  readonly totals: { readonly candidate: Totals; readonly stable: Totals };
  /** Steps that ran and can be undone, or that nothing can undo, in the order they ran. */
  readonly compensate: readonly number[];
  readonly findings: readonly Finding[];
  /** Set when the release went back: the cause, and when the router had all traffic on stable again. */
  readonly cause: Cause | null;
  readonly safeAtMs: number | null;
  /** Steps that were carried out to their end. */
  readonly stepsDone: number;
  /** Seconds in a row without a candidate request, for the drain. */
  readonly quietSeconds: number;
};

/** The route as a level: what is wanted, and how far the router is with it. */
export type RouteLevel = {
  /** Rises with each new wanted route, over all releases of the service. */
  readonly seq: number;
  readonly want: Route | null;
  readonly status: 'wanted' | 'accepted' | 'confirmed';
  readonly confirmedAtMs: number | null;
};

/** Back-off of an effect that failed. */
export type Retry = { readonly attempts: number; readonly notBeforeMs: number; readonly reason: string };

/** An instance as it was when its restart was asked for. */
export type InstanceBefore = {
  readonly id: string;
  /** See `Instance.life`; null: none was known. */
  readonly life: string | null;
  readonly restarts: number;
};

/** The instances of a version are started anew because somebody has asked for it. */
export type Restart = {
  readonly id: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  /** See `TargetCapabilities.restarts`. */
  readonly how: 'one-by-one' | 'rolling';
  readonly of: readonly InstanceBefore[];
  readonly askedAtMs: number;
  readonly readyMs: number;
  /** Those that are being started anew, how many are to be yet, and whether the target has begun; null before the first and after the last. */
  readonly now: {
    readonly ids: readonly string[];
    readonly turn: number;
    readonly left: number;
    readonly isAccepted: boolean;
    readonly untilMs: number;
  } | null;
  /** null: it is under way. */
  readonly end: { readonly outcome: 'done' | 'failed' | 'stopped'; readonly said: string; readonly atMs: number } | null;
};

/** Everything known about one service: a fold over its stream of the log. */
export type ServiceState = {
  readonly name: string;
  readonly stable: Installed | null;
  /** Versions that were stable before, the one a rollback brings back first, bounded. */
  readonly previous: readonly Installed[];
  /** What runs or may still run, by version. A version is in here from the decision to start it until it is retired. */
  readonly instances: Readonly<Record<string, readonly Instance[]>>;
  readonly route: RouteLevel;
  readonly live: ReleaseState | null;
  /** At most one release waits for the live one; a newer one takes its place. */
  readonly queued: ReleaseState | null;
  /** The last releases that ended, newest first, bounded. */
  readonly ended: readonly ReleaseState[];
  /** The last restarts, newest first, bounded. Absent: nobody has asked for one. */
  readonly restarts?: readonly Restart[];
  /** Time of the latest event, in unix milliseconds: the next controller's clock must not run behind it. */
  readonly atMs: number;
  /** By effect key. */
  readonly retries: Readonly<Record<string, Retry>>;
};

export type Verb = 'pause' | 'resume' | 'approve' | 'promote' | 'abort' | 'retry';

/** What happened. `at` is unix milliseconds on the runtime's clock; nothing else tells the core the time. */
export type ServiceEvent = { readonly at: number } & (
  | {
      readonly kind: 'requested';
      readonly release: string;
      readonly version: string;
      readonly spec: ServiceSpec;
      readonly by: string;
      readonly why: string;
      readonly restore: boolean;
      /** From where it was asked. Absent in records of before it was kept. */
      readonly from?: Origin;
      /** When the change was committed, in unix milliseconds, where whoever asked has said so. */
      readonly committedAtMs?: number;
      /** The group that asks for it; absent: nobody but `by`. */
      readonly group?: GroupTag;
    }
  /** The group lets the release past the barrier at `step`. `by`: the group, for whoever asked for it. */
  | { readonly kind: 'barrier-opened'; readonly release: string; readonly step: number; readonly by: string }
  | {
      readonly kind: 'drill-asked';
      readonly release: string;
      readonly percent: number;
      /** Longest that it lasts. */
      readonly maxMs: number;
      readonly by: string;
    }
  | { readonly kind: 'drill-ended'; readonly release: string; readonly by: string; readonly why: string }
  | { readonly kind: 'validated'; readonly release: string; readonly problems: readonly string[] }
  | {
      readonly kind: 'verb';
      readonly release: string;
      readonly verb: Verb;
      readonly by: string;
      readonly why: string;
      /** See `requested`. */
      readonly from?: Origin;
    }
  | {
      readonly kind: 'restart-asked';
      /** Its id: the same again changes nothing. */
      readonly restart: string;
      readonly version: string;
      readonly how: Restart['how'];
      readonly by: string;
      readonly why: string;
      /** See `requested`. */
      readonly from?: Origin;
    }
  | { readonly kind: 'restart-accepted'; readonly key: string }
  | {
      readonly kind: 'restart-stopped';
      readonly restart: string;
      readonly by: string;
      readonly why: string;
      /** See `requested`. */
      readonly from?: Origin;
    }
  | { readonly kind: 'controller-started' }
  | { readonly kind: 'instances'; readonly version: string; readonly instances: readonly Instance[] }
  | { readonly kind: 'ensure-failed'; readonly version: string; readonly reason: string }
  | { readonly kind: 'route-accepted'; readonly seq: number }
  | { readonly kind: 'route-read'; readonly reading: RouteReading | null }
  | { readonly kind: 'sampled'; readonly samples: readonly Sample[] }
  | {
      readonly kind: 'hook-ended';
      readonly key: string;
      readonly ok: boolean;
      readonly detail: string;
      /** The answer to the question whether a migration is applied. Absent: nothing of the kind was asked. */
      readonly applied?: boolean;
      /** Percent of the traffic that an error budget can bear. Absent: it was not asked, or it bears all. */
      readonly fits?: number;
    }
  | { readonly kind: 'smoked'; readonly key: string; readonly ok: boolean; readonly detail: string }
  | { readonly kind: 'retired'; readonly version: string }
  | { readonly kind: 'effect-failed'; readonly key: string; readonly reason: string }
  | { readonly kind: 'woke' }
);

/** What has to be done in the world, as data. `key` names the intention: the same key is the same intention, done again. */
export type Effect =
  | {
      readonly kind: 'validate';
      readonly key: string;
      readonly release: string;
      readonly version: string;
      readonly spec: ServiceSpec;
      readonly stable: ServiceSpec | null;
      /** The version that the source is asked about beforehand; null: a version is brought back, and no source may stand in its way. */
      readonly watched: string | null;
    }
  | { readonly kind: 'set-route'; readonly key: string; readonly seq: number; readonly route: Route }
  | { readonly kind: 'read-route'; readonly key: string; readonly seq: number }
  | {
      readonly kind: 'run-hook';
      readonly key: string;
      readonly hook: Hook;
      readonly environment: Readonly<Record<string, string>>;
      readonly folder: string | null;
    }
  | {
      readonly kind: 'smoke';
      readonly key: string;
      readonly version: string;
      readonly instances: readonly Instance[];
      readonly checks: readonly SmokeCheck[];
    }
  | { readonly kind: 'retire'; readonly key: string; readonly version: string }
  | {
      readonly kind: 'restart';
      readonly key: string;
      readonly version: string;
      readonly spec: ServiceSpec;
      /** Id of the restart, and when it was asked for in unix milliseconds. */
      readonly restart: string;
      readonly askedAtMs: number;
      readonly instances: readonly InstanceBefore[];
    };

/** A version that has to run now, with the document it was released with. */
export type Wanted = {
  readonly version: string;
  readonly spec: ServiceSpec;
  /** Absent: as many instances as the document says. */
  readonly replicas?: number;
};

/** One transition, and what there is to tell of it; null: nothing. The same state: everything waits. */
export type Move = { readonly state: ServiceState; readonly said: string | null };

/** The answer of the core to one event. */
export type Decision = {
  readonly state: ServiceState;
  /** One plain sentence about what changed, for the timeline; null when nothing that a person cares about did. */
  readonly said: string | null;
};
