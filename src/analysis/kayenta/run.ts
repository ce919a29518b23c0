import type { Thresholds } from './scorer.ts';

/** Lengths in milliseconds, > 0. */
export type RunPlan = {
  readonly lifetimeMs: number;
  /** Absent: one judgement, at the end of the lifetime. */
  readonly intervalMs?: number;
  /** How far back each judgement looks. Absent: to the beginning, so the window grows. */
  readonly lookbackMs?: number;
};

/** What one judgement looks at, in milliseconds since the run began: `fromMs` inclusive, `toMs` exclusive and when it is made. */
export type RunWindow = { readonly fromMs: number; readonly toMs: number };

/**
 * The windows of all judgements, in order. A lifetime that is no multiple of the interval ends with a shorter last interval.
 *
 * @returns At least one window; the last ends with the lifetime.
 * @throws RangeError if a length is not a positive number: plans are checked before they come here, so this is our bug.
 */
export function runWindows({ lifetimeMs, intervalMs = lifetimeMs, lookbackMs = lifetimeMs }: RunPlan): RunWindow[] {
  for (const ms of [lifetimeMs, intervalMs, lookbackMs]) {
    if (!(ms > 0 && Number.isFinite(ms))) throw new RangeError(`not a length of time: ${ms} ms`);
  }
  return Array.from({ length: Math.ceil(lifetimeMs / intervalMs) }, (_, index) => {
    const toMs = Math.min((index + 1) * intervalMs, lifetimeMs);
    return { fromMs: Math.max(0, toMs - lookbackMs), toMs };
  });
}

/**
 * What a judgement means for the run: every score has to be above the marginal threshold, the last one has to reach the pass
 * threshold too. A score of exactly the marginal threshold is labelled `Marginal` and fails the run all the same: two parts
 * of Kayenta disagree there, and both are kept.
 *
 * @param score - Percent, of the judgement just made. @param isLast - Whether its window is the last one.
 */
export function afterJudgement(
  score: number,
  isLast: boolean,
  { passMin, marginalMin }: Thresholds,
): 'continue' | 'passed' | 'failed' {
  if (!(score > marginalMin)) return 'failed';
  if (!isLast) return 'continue';
  return score >= passMin ? 'passed' : 'failed';
}
