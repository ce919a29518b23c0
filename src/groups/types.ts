import type { Origin } from '../access/types.ts';
import type { Outcome } from '../release/types.ts';
import type { ServiceSpec } from '../spec/types.ts';

/** What a group sees of a member's release: where it stands between being asked for and its end. */
export type Sight =
  /** Nobody has asked for it yet. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'moving'; readonly release: string }
  /** Waits at its first barrier. `passing`: the guard has seen enough, and found nothing. */
  | { readonly kind: 'ready'; readonly release: string; readonly step: number; readonly passing: boolean }
  /** Past its first barrier; the router has not yet confirmed that it has all traffic. */
  | { readonly kind: 'promoting'; readonly release: string }
  | { readonly kind: 'promoted'; readonly release: string }
  /** Has baked, and waits at its second barrier. */
  | { readonly kind: 'baked'; readonly release: string; readonly step: number; readonly passing: boolean }
  /** Past its second barrier; it can still go back. */
  | { readonly kind: 'finishing'; readonly release: string }
  | { readonly kind: 'stable'; readonly release: string }
  /** `safe`: all its traffic is on the version before. */
  | { readonly kind: 'going-back'; readonly release: string; readonly cause: string; readonly safe: boolean }
  | { readonly kind: 'gone'; readonly release: string; readonly outcome: Outcome; readonly cause: string }
  /** The version before is being brought back. `safe`: it has all traffic. */
  | { readonly kind: 'restoring'; readonly release: string; readonly safe: boolean }
  | { readonly kind: 'restored' }
  | { readonly kind: 'not-restored'; readonly release: string; readonly cause: string };

/** What a group is asked to release of one service. */
export type MemberRequest = {
  readonly service: string;
  readonly version: string;
  readonly spec: ServiceSpec;
  readonly after: readonly string[];
  /** The stable version when the group was asked for; null: there was none. */
  readonly before: string | null;
};

/** A member of a release of a group. One whose service has the version as stable already takes no part (`skipped`). */
export type Member = MemberRequest & {
  readonly skipped: boolean;
  readonly sight: Sight;
  /** Whether it may have been asked for since it was seen: the group goes back, and has to look at it once more. */
  readonly isDoubtful: boolean;
  /** Why the service did not take on what was asked of it; null when nothing was refused. */
  readonly refused: string | null;
  /** While the group goes back: until when (unix milliseconds) those in front of it wait for it; null: it has not been its turn. */
  readonly backUntilMs: number | null;
};

/** Why a group goes back: the member that it began with, null for a person; one sentence without a full stop. */
export type GroupCause = { readonly service: string | null; readonly sentence: string };

export const groupOutcomes = ['succeeded', 'rolled-back', 'rollback-failed'] as const;
export type GroupOutcome = (typeof groupOutcomes)[number];

export type GroupPhase =
  /** Members start in order, until all wait at their first barrier. */
  | { readonly kind: 'gathering' }
  /** All have passed: each gets all traffic, in order, and is watched, until all wait at their second barrier. */
  | { readonly kind: 'promoting' }
  /** All have baked: they become stable. */
  | { readonly kind: 'finishing' }
  | { readonly kind: 'rolling-back'; readonly cause: GroupCause; readonly untilMs: number }
  | {
      readonly kind: 'ended';
      readonly outcome: GroupOutcome;
      readonly atMs: number;
      readonly sentence: string;
      readonly cause: GroupCause | null;
    };

/** One release of a group. */
export type GroupRelease = {
  readonly id: string;
  readonly by: string;
  readonly why: string;
  readonly requestedAtMs: number;
  readonly barrierMs: number;
  /** In their order. */
  readonly members: readonly Member[];
  readonly phase: GroupPhase;
};

/** Everything known about one group: a fold over its stream of the log. */
export type GroupState = {
  readonly name: string;
  readonly live: GroupRelease | null;
  /** The last releases that ended, newest first, bounded. */
  readonly ended: readonly GroupRelease[];
  /** Time of the latest event, in unix milliseconds. */
  readonly atMs: number;
};

/** What happened. `at` is unix milliseconds; nothing else tells the core the time. */
export type GroupEvent = { readonly at: number } & (
  | {
      readonly kind: 'requested';
      readonly id: string;
      readonly members: readonly MemberRequest[];
      readonly barrierMs: number;
      readonly by: string;
      readonly why: string;
      readonly from?: Origin;
    }
  | { readonly kind: 'seen'; readonly id: string; readonly service: string; readonly sight: Sight }
  | { readonly kind: 'refused'; readonly id: string; readonly service: string; readonly reason: string }
  | { readonly kind: 'aborted'; readonly id: string; readonly by: string; readonly why: string; readonly from?: Origin }
  | { readonly kind: 'woke' }
);

/** What has to be done with a member now, as data. It follows from the state, so doing it twice has to be safe. */
export type GroupAction =
  | { readonly kind: 'request'; readonly member: Member }
  | { readonly kind: 'open'; readonly service: string; readonly release: string; readonly step: number }
  | { readonly kind: 'abort'; readonly service: string; readonly release: string }
  | { readonly kind: 'restore'; readonly member: Member };

/** The answer of the core to one event. */
export type GroupDecision = {
  readonly state: GroupState;
  /** One plain sentence about what changed, for the timeline; null when nothing that a person cares about did. */
  readonly said: string | null;
};
