import { copyEvidence, type Evidence, elapse, type Grid, grow, openEvidence, weigh } from './evidence.ts';
import { limitGrowthInto } from './likelihood.ts';
import { amber } from './rules.ts';
import { follow, type Outcome, openRunUp, type RunUp } from './run-up.ts';

/**
 * An absolute limit: at most this share of requests may be bad (failed; slower than the limit of a quantile).
 *
 * The evidence is that of a sequential binomial test with trailing restarts (`evidence.ts`, blocks of one second), so under
 * a share at or below the limit it fails once in a thousand releases or less, at whatever moment somebody looks. One second
 * adds at most e^6, less than the 1000 : 1 that it takes: no single pause or burst decides, two seconds that agree do.
 * Changed in place.
 */
export type Limit = {
  readonly candidate: Evidence;
  /** The same test on stable: what both break, a rollback does not cure. */
  readonly stable: Evidence;
  readonly runUp: RunUp;
  /** Running sum of stable's log likelihood ratios (CUSUM, ≥ 0): whether it breaks the limit right now. */
  stableScore: number;
  /** Seconds with stable traffic since stable last broke the limit; null if it never did. */
  stableBrokeS: number | null;
};

/** Odds of a bad request in multiples of those at the limit. */
const grid: Grid = { effects: [1.5, 3, 8, 40], shares: [0.25, 0.25, 0.25, 0.25] };
const references = [3];
const capPerSecond = 6;
const capMax = 24;
const stableScoreMax = 10;
/** Two bad requests in a row, or a clear surplus among many. */
const stableScoreBroken = 2;
const nowS = 3;
const latelyS = 600;

/** ln of the evidence that fails. */
export const limitThreshold = Math.log(1000);

export function openLimit(): Limit {
  return {
    candidate: openEvidence(grid, capPerSecond),
    stable: openEvidence(grid, capPerSecond),
    runUp: openRunUp(),
    stableScore: 0,
    stableBrokeS: null,
  };
}

/** The same limit, to be changed apart. */
export function copyLimit(l: Limit): Limit {
  return { ...l, candidate: copyEvidence(l.candidate), stable: copyEvidence(l.stable), runUp: { ...l.runUp } };
}

const growth: number[] = [];

/**
 * Adds one sample.
 *
 * @param share - Highest accepted share of bad requests, in (0, 1).
 */
export function addToLimit(l: Limit, share: number, o: Outcome, dtS: number, mass: number): void {
  addStableToLimit(l, share, o.badS, o.nS, dtS);
  const cap = Math.min(capMax, capPerSecond * dtS);
  addSide(l.candidate, share, o.badC, o.nC, dtS, mass, cap);
  addSide(l.stable, share, o.badS, o.nS, dtS, mass, cap);
  limitGrowthInto(growth, references, o.badC, o.nC, share);
  follow(l.runUp, growth[0] ?? 0, o);
}

function addSide(e: Evidence, share: number, bad: number, n: number, dtS: number, mass: number, cap: number): void {
  elapse(e, grid, dtS, mass, false, 1, cap);
  if (n > 0) {
    limitGrowthInto(growth, grid.effects, bad, n, share);
    grow(e, growth);
  }
  weigh(e);
}

/** Stable's counts alone, which also matter while there is no candidate: what stable did lately may not be the candidate's fault. */
export function addStableToLimit(l: Limit, share: number, badS: number, nS: number, dtS: number): void {
  if (nS <= 0) return;
  limitGrowthInto(growth, references, badS, nS, share);
  // The cap lets it forget a burst soon after its end.
  l.stableScore = Math.min(stableScoreMax, Math.max(0, l.stableScore + (growth[0] ?? 0)));
  if (l.stableScore >= stableScoreBroken || l.stable.log > amber) l.stableBrokeS = 0;
  else if (l.stableBrokeS !== null) l.stableBrokeS += dtS;
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
