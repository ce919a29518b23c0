import { type Evidence, elapse, type Grid, grow, noEvidence } from './evidence.ts';
import { limitGrowth } from './likelihood.ts';
import { amber } from './rules.ts';
import { follow, noRunUp, type RunUp } from './run-up.ts';

/**
 * An absolute limit: at most this share of requests may be bad (failed; slower than the limit of a quantile).
 *
 * The evidence is that of a sequential binomial test with trailing restarts (`evidence.ts`, blocks of one second), so under
 * a share at or below the limit it fails once in a thousand releases or less, at whatever moment somebody looks. One second
 * adds at most e^6, less than the 1000 : 1 that it takes: no single pause or burst decides, two seconds that agree do.
 */
export type Limit = {
  readonly candidate: Evidence;
  /** The same test on stable: what both break, a rollback does not cure. */
  readonly stable: Evidence;
  readonly runUp: RunUp;
  /** Running sum of stable's log likelihood ratios (CUSUM, ≥ 0): whether it breaks the limit right now. */
  readonly stableScore: number;
  /** Seconds with stable traffic since stable last broke the limit; null if it never did. */
  readonly stableBrokeS: number | null;
};

/** Odds of a bad request in multiples of those at the limit. */
const grid: Grid = { effects: [1.5, 3, 8, 40], shares: [0.25, 0.25, 0.25, 0.25] };
const reference = 3;
const capPerSecond = 6;
const capMax = 24;
const stableScoreMax = 10;
/** Two bad requests in a row, or a clear surplus among many. */
const stableScoreBroken = 2;
const nowS = 3;
const latelyS = 600;

/** ln of the evidence that fails. */
export const limitThreshold = Math.log(1000);

export const noLimit: Limit = {
  candidate: noEvidence(grid, capPerSecond),
  stable: noEvidence(grid, capPerSecond),
  runUp: noRunUp,
  stableScore: 0,
  stableBrokeS: null,
};

type Counted = {
  readonly badC: number;
  readonly nC: number;
  readonly badS: number;
  readonly nS: number;
  readonly sinceMs: number;
};

/**
 * Adds one sample.
 *
 * @param share - Highest accepted share of bad requests, in (0, 1).
 */
export function addToLimit(before: Limit, share: number, o: Counted, dtS: number, mass: number): Limit {
  const l = addStableToLimit(before, share, o.badS, o.nS, dtS);
  const cap = Math.min(capMax, capPerSecond * dtS);
  const [step = 0] = limitGrowth([reference], o.badC, o.nC, share);
  const candidate = elapse(l.candidate, grid, dtS, mass, false, 1, cap);
  const stable = elapse(l.stable, grid, dtS, mass, false, 1, cap);
  return {
    ...l,
    candidate: o.nC > 0 ? grow(candidate, limitGrowth(grid.effects, o.badC, o.nC, share)) : candidate,
    stable: o.nS > 0 ? grow(stable, limitGrowth(grid.effects, o.badS, o.nS, share)) : stable,
    runUp: follow(l.runUp, step, o),
  };
}

/** Stable's counts alone, which also matter while there is no candidate: what stable did lately may not be the candidate's fault. */
export function addStableToLimit(l: Limit, share: number, badS: number, nS: number, dtS: number): Limit {
  if (nS <= 0) return l;
  const [step = 0] = limitGrowth([reference], badS, nS, share);
  // The cap lets it forget a burst soon after its end.
  const stableScore = Math.min(stableScoreMax, Math.max(0, l.stableScore + step));
  const breaks = stableScore >= stableScoreBroken || l.stable.log > amber;
  const stableBrokeS = breaks ? 0 : l.stableBrokeS === null ? null : l.stableBrokeS + dtS;
  return stableScore === l.stableScore && stableBrokeS === l.stableBrokeS ? l : { ...l, stableScore, stableBrokeS };
}

/**
 * Whether stable breaks the limit too: right now, or by its share since the candidate began to. Without a concurrent stable
 * it is asked whether stable did in its last ten minutes of traffic: then the next burst proves nothing against the candidate.
 */
export function isShared(l: Limit, share: number, concurrent: boolean): boolean {
  const { badS, nS } = l.runUp;
  if (badS >= 3 && badS > share * nS) return true;
  return l.stableBrokeS !== null && l.stableBrokeS <= (concurrent ? nowS : latelyS);
}
