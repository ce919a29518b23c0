import { limitGrowthInto } from './likelihood.ts';
import { follow, type Outcome, openRunUp, type RunUp } from './run-up.ts';

/**
 * A limit above which people decide: not proof against the candidate for good, like `Limit`, but whether it is above the limit
 * *now*. A running sum of log likelihood ratios of "twice the odds" against "at the limit" (CUSUM; Page 1954) that is bounded, so
 * that it forgets within the time in which it has learnt. Changed in place.
 */
export type Warning = {
  readonly runUp: RunUp;
  /** The same sum for stable: what both break, a rollback does not cure. */
  stableScore: number;
  on: boolean;
};

const effects = [2];
/** 1000 : 1 to begin; to end, less than what a lone failure shows. */
const onScore = Math.log(1000);
const offScore = 1;
const scoreMax = onScore + 3;
/** One second alone is no state of affairs. */
const stepMaxPerSecond = 3;

const growth: number[] = [];

export function openWarning(): Warning {
  return { runUp: openRunUp(), stableScore: 0, on: false };
}

export function copyWarning(w: Warning): Warning {
  return { ...w, runUp: { ...w.runUp } };
}

/**
 * Adds one sample.
 *
 * @param share - Share of bad requests (0–1, exclusive) above which people decide.
 */
export function addToWarning(w: Warning, share: number, o: Outcome, dtS: number): void {
  limitGrowthInto(growth, effects, o.badC, o.nC, share);
  follow(w.runUp, Math.min(stepMaxPerSecond * dtS, growth[0] ?? 0), o);
  w.runUp.score = Math.min(scoreMax, w.runUp.score);
  limitGrowthInto(growth, effects, o.badS, o.nS, share);
  w.stableScore = Math.min(scoreMax, Math.max(0, w.stableScore + Math.min(stepMaxPerSecond * dtS, growth[0] ?? 0)));
  if (w.runUp.score >= onScore) w.on = true;
  else if (w.runUp.score < offScore) w.on = false;
}

/** Whether stable is above the limit as well. */
export function isWarningShared(w: Readonly<Warning>): boolean {
  return w.stableScore >= onScore / 2;
}
