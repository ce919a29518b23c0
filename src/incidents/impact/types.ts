import type { VersionShare } from '../../alerts/types.ts';
import type { BurnTier } from '../../spec/types.ts';

/** Events of one version in one cell of time, in unix seconds. `isLeftOut`: they lie in a correction. */
export type CountCell = {
  readonly fromS: number;
  readonly toS: number;
  /** Empty: versions cannot be told apart. */
  readonly version: string;
  readonly isLeftOut: boolean;
  readonly bad: number;
  readonly total: number;
};

/** Bad events of all in some time; unix milliseconds, half open. Integers. */
export type SpanCounts = { readonly fromMs: number; readonly toMs: number; readonly bad: number; readonly total: number };

/**
 * When the share of bad events has changed, from counts alone: the most likely boundary of cells, and the time in which the change lies.
 * See `changePoint`.
 */
export type ChangePoint = {
  readonly atMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  /** Before and after it, in the time that was looked at. */
  readonly before: SpanCounts;
  readonly after: SpanCounts;
};

/** What an action did to the burn, from counts alone. */
export type Help = {
  /** Id of the action in its incident. */
  readonly action: string;
  /** Name of the tier whose factor and short window it is judged by, and both. */
  readonly tier: string;
  readonly factor: number;
  readonly shortMs: number;
  /** The short window before the action began, and the one after it had ended, which the next action cuts short. */
  readonly before: SpanCounts;
  readonly after: SpanCounts;
  /**
   * `helped`: the burn was above the factor before and is not above it within the short window after. `not-needed`: it was not above it
   * before. Null: nothing was counted, so nobody knows.
   */
  readonly verdict: 'helped' | 'no-help' | 'not-needed' | null;
};

/** What users of one objective have suffered, in integers: all that a post-mortem says of it can be worked out from these. */
export type ObjectiveImpact = {
  readonly id: string;
  readonly name: string;
  /** Parts per million of events that have to be good, and the period of the budget. */
  readonly targetPpm: number;
  readonly windowMs: number;
  /** Events of a whole period, for the allowance. */
  readonly expected: number;
  readonly during: SpanCounts;
  /** The same by version, the most bad events first; they sum up to `during`. Empty: versions cannot be told apart. */
  readonly versions: readonly VersionShare[];
  /** The time before it that says what is usual; null: nothing was counted there. */
  readonly baseline: SpanCounts | null;
  /** From the beginning until it was known of, to the nearest cell. */
  readonly beforeDetected: SpanCounts;
  /** Milliseconds of cells with events, and of those in which more of them were bad than the objective allows. */
  readonly knownMs: number;
  readonly missedMs: number;
  /** Length of the longest cell in it: moments are exact to that. Seconds. */
  readonly cellS: number;
  /** What a correction takes out of the time; it is in none of the other counts. */
  readonly leftOut: { readonly bad: number; readonly total: number };
  readonly help: readonly Help[];
  /** The story in at most 120 pieces, from the baseline on. */
  readonly series: readonly SpanCounts[];
};

/** What was measured of an incident when it was over. It is put on record, because counts grow coarse and are forgotten. */
export type Measure = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What says so: counts, or what is on record of the incident. */
  readonly start: ChangePoint | null;
  readonly end: ChangePoint | null;
  /** The one that was hurt most first. */
  readonly objectives: readonly ObjectiveImpact[];
};

/** The release that the incident is attributed to. */
export type SuspectRelease = {
  readonly id: string;
  readonly version: string;
  readonly stable: string | null;
  /** Most percent of the requests that it had while the incident lasted; null: not known. */
  readonly percentMax: number | null;
  /** When all traffic was on stable again; null: it was not taken back. */
  readonly safeAtMs: number | null;
  /** Who has made it go back: `guard`, `operator`, …; null: it was not taken back. */
  readonly backBy: string | null;
};

/** An objective of the incident, with what was counted of it. */
export type MeasuredObjective = {
  readonly id: string;
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly expected: number;
  /**
   * The tier of its alert in this incident, the most urgent one; where no objective has one there, its most urgent tier. Null: others of the
   * incident have alerts, and it has none.
   */
  readonly tier: BurnTier | null;
  /** Oldest first, from before the baseline until after the end. */
  readonly cells: readonly CountCell[];
};

/** All that a measure follows from. */
export type MeasureInput = {
  /** What is on record of the beginning, and whether a person has said so: then counts do not correct it. */
  readonly startedAtMs: number;
  readonly isStartGiven: boolean;
  /** Since when the guard of a release has seen users hurt, where an alert of the incident says so; null: none does. */
  readonly guardedFromMs: number | null;
  readonly detectedAtMs: number;
  /** When users were not hurt any more, as far as is on record; and until when counts may say that it was later or earlier. */
  readonly endedAtMs: number;
  readonly overAtMs: number;
  /** Longest time before it was known of in which it may have begun. */
  readonly lookBackMs: number;
  /** What was done to end it, in order. */
  readonly actions: readonly { readonly id: string; readonly begunAtMs: number; readonly endedAtMs: number }[];
  readonly objectives: readonly MeasuredObjective[];
};
