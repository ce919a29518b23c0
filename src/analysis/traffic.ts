/**
 * Whether there is anything trustworthy to see: requests of this step, the share that the router really sends, and the
 * exposures that the comparisons divide by. Changed in place.
 */
export type Traffic = {
  /** Requests on this step. */
  nC: number;
  errorsC: number;
  nS: number;
  errorsS: number;
  /** Seconds of this step with a weight above 0. */
  weightedS: number;
  /** Seconds since the weight last changed. */
  settledS: number;
  weight: number;
  /** Requests of both, fading with a time constant of a minute: the odds of exposure. */
  recentC: number;
  recentS: number;
  /** Of the candidate on this step, once each weight had settled: its requests, their mean by the weight, and their variance. */
  splitC: number;
  splitMean: number;
  splitVariance: number;
  /** Running log likelihood ratios (CUSUM) for far too few and far too many candidate requests. */
  shortfall: number;
  excess: number;
};

export function openTraffic(): Traffic {
  return {
    nC: 0,
    errorsC: 0,
    nS: 0,
    errorsS: 0,
    weightedS: 0,
    settledS: 0,
    weight: 0,
    recentC: 0,
    recentS: 0,
    splitC: 0,
    splitMean: 0,
    splitVariance: 0,
    shortfall: 0,
    excess: 0,
  };
}

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
export function addTraffic(t: Traffic, o: Seen, weight: number, dtS: number, fresh: boolean): void {
  if (fresh) t.nC = t.errorsC = t.nS = t.errorsS = t.weightedS = t.splitC = t.splitMean = t.splitVariance = 0;
  const changed = fresh || weight !== t.weight;
  const fade = changed ? 0 : Math.exp(-dtS / fadeS);
  t.settledS = changed ? 0 : t.settledS + dtS;
  const expected = ((o.nC + o.nS) * weight) / 100;
  const judged = t.settledS >= settleS && weight > 0;
  // Poisson: a quarter of the expected requests against four fifths of them.
  if (judged) t.shortfall = cusum(t.shortfall, o.nC * Math.log(0.3125) + 0.55 * expected, dtS);
  else if (changed) t.shortfall = 0;
  // Twice the expected requests against five quarters; at most all of them can be the candidate's.
  if (judged && weight <= 50) t.excess = cusum(t.excess, o.nC * Math.log(1.6) - 0.75 * expected, dtS);
  else if (changed) t.excess = 0;
  if (judged && weight < 100) {
    t.splitC += o.nC;
    t.splitMean += expected;
    t.splitVariance += expected * (1 - weight / 100);
  }
  t.nC += o.nC;
  t.errorsC += o.errorsC;
  t.nS += o.nS;
  t.errorsS += o.errorsS;
  t.weightedS += weight > 0 ? dtS : 0;
  t.weight = weight;
  t.recentC = t.recentC * fade + o.nC;
  t.recentS = t.recentS * fade + o.nS;
}

/** Candidate's exposure per stable exposure, > 0; null when the weight leaves stable nothing. */
export function oddsOf(t: Traffic): number | null {
  const share = t.weight / 100;
  if (share >= 0.999) return null;
  return (t.recentC + oddsPrior * share + 1e-9) / (t.recentS + oddsPrior * (1 - share));
}

/** Below this chance, whenever somebody looks, a share that is as asked for is taken for another one. */
const deviationAlpha = 1e-3;

/**
 * Whether the share of requests on this step is farther from the weight than accepted, beyond what chance explains at any moment:
 * the count's deviation from its mean against the boundary of a normal mixture, sqrt((V + 1)(ln(V + 1) + 2 ln 1/α)).
 *
 * @param withinPpm - Accepted deviation, relative to the weight.
 * @returns `few` or `many` requests of the candidate; null while it may be as asked for.
 * @see Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; binomial counts are sub-Gaussian.
 */
export function shareDeviation(t: Readonly<Traffic>, withinPpm: number): 'few' | 'many' | null {
  const { splitC, splitMean, splitVariance } = t;
  const chance = Math.sqrt((splitVariance + 1) * (Math.log(splitVariance + 1) + 2 * Math.log(1 / deviationAlpha)));
  const deviation = splitC - splitMean;
  if (Math.abs(deviation) <= (withinPpm / 1e6) * splitMean + chance) return null;
  return deviation < 0 ? 'few' : 'many';
}

function cusum(sum: number, step: number, dtS: number): number {
  return Math.min(cusumMax, Math.max(0, sum + Math.min(cusumStepMax * dtS, step)));
}
