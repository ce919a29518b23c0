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
};

/** Odds of a bad request in multiples of those at the limit. */
const grid: Grid = { effects: [1.5, 3, 8, 40], shares: [0.25, 0.25, 0.25, 0.25] };
const reference = 3;
const capPerSecond = 6;
const capMax = 24;

/** ln of the evidence that fails. */
export const limitThreshold = Math.log(1000);

export const noLimit: Limit = {
  candidate: noEvidence(grid, capPerSecond),
  stable: noEvidence(grid, capPerSecond),
  runUp: noRunUp,
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
export function addToLimit(l: Limit, share: number, o: Counted, dtS: number, mass: number): Limit {
  const cap = Math.min(capMax, capPerSecond * dtS);
  const [step = 0] = limitGrowth([reference], o.badC, o.nC, share);
  const candidate = elapse(l.candidate, grid, dtS, mass, false, 1, cap);
  const stable = elapse(l.stable, grid, dtS, mass, false, 1, cap);
  return {
    candidate: o.nC > 0 ? grow(candidate, limitGrowth(grid.effects, o.badC, o.nC, share)) : candidate,
    stable: o.nS > 0 ? grow(stable, limitGrowth(grid.effects, o.badS, o.nS, share)) : stable,
    runUp: follow(l.runUp, step, o),
  };
}

/** Stable breaks the limit at the same time: by its own evidence, or by its share since the candidate began to. */
export function isShared(l: Limit, share: number): boolean {
  return l.stable.log > amber || (l.runUp.badS >= 3 && l.runUp.badS > share * l.runUp.nS);
}
