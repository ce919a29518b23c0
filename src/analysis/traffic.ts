/**
 * Whether there is anything trustworthy to see: requests of this step, the share that the router really sends, and the
 * exposures that the comparisons divide by.
 */
export type Traffic = {
  /** Requests on this step. */
  readonly nC: number;
  readonly errorsC: number;
  readonly nS: number;
  readonly errorsS: number;
  /** Seconds of this step with a weight above 0. */
  readonly weightedS: number;
  /** Seconds since the weight last changed. */
  readonly settledS: number;
  readonly weight: number;
  /** Requests of both, fading with a time constant of a minute: the odds of exposure. */
  readonly recentC: number;
  readonly recentS: number;
  /** Running log likelihood ratios (CUSUM) for far too few and far too many candidate requests. */
  readonly shortfall: number;
  readonly excess: number;
};

export const noTraffic: Traffic = {
  nC: 0,
  errorsC: 0,
  nS: 0,
  errorsS: 0,
  weightedS: 0,
  settledS: 0,
  weight: 0,
  recentC: 0,
  recentS: 0,
  shortfall: 0,
  excess: 0,
};

const fadeS = 60;
/** Requests, split as the weight says, that the odds begin with: the first seconds alone say little about the split. */
const oddsPrior = 5;
/** A router reloads for a moment after a weight is set; those seconds are not evidence against it. */
const settleS = 5;
/** One second alone must not blind the guard, whatever its traffic. */
const cusumStepMax = 1.5;
const cusumMax = 20;

/** ln of the evidence against the expected share at which the guard calls itself blind. */
export const shareThreshold = 6;

type Seen = { readonly nC: number; readonly errorsC: number; readonly nS: number; readonly errorsS: number };

/** Adds one sample; `weight` in percent; `fresh` when a step began. */
export function addTraffic(before: Traffic, o: Seen, weight: number, dtS: number, fresh: boolean): Traffic {
  const changed = fresh || weight !== before.weight;
  const t = fresh ? { ...before, nC: 0, errorsC: 0, nS: 0, errorsS: 0, weightedS: 0 } : before;
  const fade = changed ? 0 : Math.exp(-dtS / fadeS);
  const settledS = changed ? 0 : t.settledS + dtS;
  const all = o.nC + o.nS;
  const expected = (all * weight) / 100;
  const judged = settledS >= settleS && weight > 0;
  return {
    nC: t.nC + o.nC,
    errorsC: t.errorsC + o.errorsC,
    nS: t.nS + o.nS,
    errorsS: t.errorsS + o.errorsS,
    weightedS: t.weightedS + (weight > 0 ? dtS : 0),
    settledS,
    weight,
    recentC: t.recentC * fade + o.nC,
    recentS: t.recentS * fade + o.nS,
    // Poisson: a quarter of the expected requests against four fifths of them.
    shortfall: judged ? cusum(t.shortfall, o.nC * Math.log(0.3125) + 0.55 * expected, dtS) : changed ? 0 : t.shortfall,
    // Twice the expected requests against five quarters; at most all of them can be the candidate's.
    excess: judged && weight <= 50 ? cusum(t.excess, o.nC * Math.log(1.6) - 0.75 * expected, dtS) : changed ? 0 : t.excess,
  };
}

/** Candidate's exposure per stable exposure, > 0; null when the weight leaves stable nothing. */
export function oddsOf(t: Traffic): number | null {
  const share = t.weight / 100;
  if (share >= 0.999) return null;
  return (t.recentC + oddsPrior * share + 1e-9) / (t.recentS + oddsPrior * (1 - share));
}

function cusum(sum: number, step: number, dtS: number): number {
  return Math.min(cusumMax, Math.max(0, sum + Math.min(cusumStepMax * dtS, step)));
}
