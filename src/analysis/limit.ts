import { copyEvidence, type Evidence, elapse, type Grid, grow, openEvidence, restart, weigh } from './evidence.ts';
import { limitGrowthInto } from './likelihood.ts';
import { endRunUp, follow, type Outcome, openRunUp, type RunUp } from './run-up.ts';

/**
 * An absolute limit: at most this share of requests may be bad (failed; slower than the limit of a quantile).
 *
 * The evidence is that of a sequential binomial test with trailing restarts (`evidence.ts`, blocks of one sample), so under
 * a share at or below the limit it fails once in a thousand releases or less, at whatever moment somebody looks. One sample of up to
 * five seconds adds so little that, with the prior mass of its start, it stays below the 1000 : 1 that it takes: no single pause or
 * burst decides, two that agree do.
 *
 * While stable breaks the limit as well, a rollback would cure nothing and the candidate's evidence begins anew: what was common to
 * both must not be held against it afterwards. Changed in place.
 */
export type Limit = {
  readonly candidate: Evidence;
  readonly runUp: RunUp;
  /** Stable breaks the limit as well, by the newest sample: the run-up is about both. */
  common: boolean;
  /** Seconds for which the candidate's evidence has been beyond the threshold; 0 while it is not. */
  overS: number;
  /** Running sums of stable's log likelihood ratios (CUSUM, ≥ 0), one per effect: whether it breaks the limit right now. */
  readonly stableScores: number[];
  /** Seconds since stable last broke the limit; null if it never did. */
  stableBrokeS: number | null;
};

/** Odds of a bad request in multiples of those at the limit. */
export const limitGrid: Grid = { effects: [1.5, 3, 8, 40], shares: [0.25, 0.25, 0.25, 0.25] };
const references = [3];
const capMin = 6;
const capPerSecond = 1.6;
const capMax = 24;
/** Prior mass of a fault that begins when stable has stopped breaking the limit. */
const restartMass = 0.5;
const stableEffects = [1.5, 3];
/** The cap lets it forget an outage soon after its end. */
const stableScoreMax = 6;
/** Two bad requests in a row, or a clear surplus among many. */
const stableScoreBroken = 2;
const nowS = 3;
/** Without a concurrent stable: how long its last break is remembered, and how long a break may last that it excuses. */
const latelyS = 1800;
const excusedMs = 120_000;
/** Longest wait for stable requests that would show whether it breaks the limit too. */
export const unclearMaxS = 30;
/** Chance of so few bad requests at the candidate's rate below which stable is seen to be better. */
const unlike = 0.05;

/** ln of the evidence that fails. */
export const limitThreshold = Math.log(1000);

/** The most that one sample adds to the logarithm, by the seconds that it covers. */
export function limitCap(dtS: number): number {
  return Math.min(capMax, Math.max(capMin, capPerSecond * dtS));
}

export function openLimit(): Limit {
  return {
    candidate: openEvidence(limitGrid, capMin),
    runUp: openRunUp(),
    common: false,
    overS: 0,
    stableScores: stableEffects.map(() => 0),
    stableBrokeS: null,
  };
}

/** The same limit, to be changed apart. */
export function copyLimit(l: Limit): Limit {
  return { ...l, candidate: copyEvidence(l.candidate), runUp: { ...l.runUp }, stableScores: l.stableScores.slice() };
}

const growth: number[] = [];

/**
 * Adds one sample.
 *
 * @param share - Highest accepted share of bad requests, in (0, 1).
 */
export function addToLimit(l: Limit, share: number, o: Outcome, dtS: number, mass: number): void {
  addStableToLimit(l, share, o.badS, o.nS, dtS);
  if (o.nS <= 0 && l.stableBrokeS !== null) l.stableBrokeS += dtS;
  limitGrowthInto(growth, references, o.badC, o.nC, share);
  const step = growth[0] ?? 0;
  const common = o.nS > 0 && isStableBroken(l, nowS);
  // What both suffered and what the candidate does afterwards are two stories.
  if (common !== l.common) endRunUp(l.runUp);
  l.common = common;
  follow(l.runUp, step, o);
  if (common) {
    restart(l.candidate, restartMass);
    l.runUp.score = Math.min(stableScoreMax, l.runUp.score);
    l.overS = 0;
    return;
  }
  elapse(l.candidate, limitGrid, dtS, mass, false, 1, limitCap(dtS));
  if (o.nC > 0) {
    limitGrowthInto(growth, limitGrid.effects, o.badC, o.nC, share);
    grow(l.candidate, growth);
  }
  weigh(l.candidate);
  l.overS = l.candidate.log >= limitThreshold ? l.overS + dtS : 0;
}

/** Stable's counts alone, which also matter while there is no candidate: what stable did lately may not be the candidate's fault. */
export function addStableToLimit(l: Limit, share: number, badS: number, nS: number, dtS: number): void {
  if (nS <= 0) return;
  limitGrowthInto(growth, stableEffects, badS, nS, share);
  let isBroken = false;
  for (let k = 0; k < l.stableScores.length; k++) {
    const score = Math.min(stableScoreMax, Math.max(0, (l.stableScores[k] ?? 0) + (growth[k] ?? 0)));
    l.stableScores[k] = score;
    if (score >= stableScoreBroken) isBroken = true;
  }
  if (isBroken) l.stableBrokeS = 0;
  else if (l.stableBrokeS !== null) l.stableBrokeS += dtS;
}

/**
 * Whether stable breaks the limit too: right now, or by its share since the candidate began to. Without a concurrent stable
 * it is asked whether stable did within the last half hour: then another burst proves nothing against the candidate, but what lasts
 * longer than two minutes is no burst.
 *
 * @param nowMs - Unix milliseconds of the newest sample.
 */
export function isShared(l: Readonly<Limit>, share: number, concurrent: boolean, nowMs: number): boolean {
  const { badS, nS, sinceMs } = l.runUp;
  if (badS >= 3 && badS > share * nS) return true;
  if (concurrent) return isStableBroken(l, nowS);
  return isStableBroken(l, latelyS) && (sinceMs === null || nowMs - sinceMs <= excusedMs);
}

/** Whether both break the limit right now. */
export function isCommon(l: Readonly<Limit>): boolean {
  return l.common && l.runUp.score >= stableScoreBroken;
}

/** Whether stable has had too few requests to tell if it fails like the candidate; half a minute is waited for them. */
export function isUnclear(l: Readonly<Limit>): boolean {
  const { badC, nC, badS, nS } = l.runUp;
  if (l.overS > unclearMaxS || nC === 0) return false;
  return isUsual(badS, (badC / nC) * nS);
}

function isStableBroken(l: Readonly<Limit>, withinS: number): boolean {
  return l.stableBrokeS !== null && l.stableBrokeS <= withinS;
}

/** Whether k or fewer is likelier than `unlike` for a Poisson count of that mean. */
function isUsual(k: number, mean: number): boolean {
  // Normal approximation where the sum would be long; 1.645 is its quantile.
  if (mean > 200) return k > mean - 1.645 * Math.sqrt(mean);
  if (k >= mean) return true;
  let term = Math.exp(-mean);
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= mean / i;
    sum += term;
  }
  return sum > unlike;
}
