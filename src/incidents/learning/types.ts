import type { BacktestPiece } from '../../slo/backtest.ts';
import type { DetectionCase } from '../../spec/detection-case.ts';
import type { Text } from '../../spec/text.ts';
import type { BurnTier } from '../../spec/types.ts';

/** What is replayed: an objective with its alerts, the counts around the incident, and those of all the time that is on record. */
export type LearningInput = {
  readonly objective: {
    readonly id: string;
    readonly name: string;
    readonly targetPpm: number;
    readonly windowMs: number;
    readonly alerts: readonly BurnTier[];
  };
  /** Fine ones: from before the incident to its end. Oldest first. */
  readonly pieces: readonly BacktestPiece[];
  /** Oldest first, coarser the older they are. */
  readonly history: readonly BacktestPiece[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** When anything had told of it, or somebody: what fires later than that is no gain. */
  readonly knownAtMs: number;
  /** Times in which an alert was right: this incident, and the others of the service. */
  readonly incidents: readonly { readonly fromMs: number; readonly toMs: number }[];
};

/** What one tier would have done. */
export type Judged = {
  readonly tier: BurnTier;
  /** After the beginning; null: it would not have fired in the incident. */
  readonly detectedMs: number | null;
  /** How often it would have fired where there was no incident, and how long a record that is of. */
  readonly falseAlarms: number;
  readonly judgedMs: number;
};

/** Another tier that would have told of the incident earlier. */
export type Lesson = {
  /** `shop/availability/P0/budget-1%-30m`: the same each time. */
  readonly id: string;
  readonly objective: string;
  /** What is changed, in one sentence. */
  readonly change: Text;
  readonly now: Judged;
  readonly then: Judged;
  /** Milliseconds before what told of the incident: this alert as it is, or something else that was sooner; where it would not have fired at all, before its end. */
  readonly earlierMs: number;
  readonly extraFalseAlarms: number;
  /** Lines of a unified diff of the objective's `alerts`. */
  readonly diff: string;
};

/** What a case is made of, kept on record because counts are forgotten. `counts`: `[from, to, bad, total]`, unix seconds. */
export type RecordedCounts = Pick<LearningInput, 'objective' | 'startedAtMs' | 'endedAtMs'> & {
  readonly counts: DetectionCase['counts'];
};

/** What replaying an incident has shown, with a test case for each lesson. */
export type Learned = { readonly lessons: readonly Lesson[]; readonly cases: readonly DetectionCase[] };
