/** What a series looks like, as Kayenta reports it beside a classification. In the metric's own unit. */
export type Summary = {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); 0 with fewer than two values. */
  readonly std: number;
  readonly count: number;
};

/**
 * @param data - Finite values, any order.
 * @returns All zeros for an empty series, as Kayenta does: look at `count` before believing the rest.
 */
export function summary(data: readonly number[]): Summary {
  if (data.length === 0) return { min: 0, max: 0, mean: 0, std: 0, count: 0 };
  let min = Infinity;
  let max = -Infinity;
  for (const x of data) {
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  const std = data.length < 2 ? 0 : Math.sqrt(squares(data) / (data.length - 1));
  return { min, max, mean: mean(data), std, count: data.length };
}

/** Arithmetic mean in the unit of the data; 0 for an empty series. */
export function mean(data: readonly number[]): number {
  return data.length === 0 ? 0 : data.reduce((sum, x) => sum + x, 0) / data.length;
}

/** Population standard deviation (divisor n) in the unit of the data; 0 for an empty series. */
export function populationStd(data: readonly number[]): number {
  return data.length === 0 ? 0 : Math.sqrt(squares(data) / data.length);
}

/**
 * Percentile with linear interpolation between order statistics: type R-7, the default of R and NumPy.
 *
 * @param sorted - Finite values in ascending order.
 * @param p - Percent (0–100).
 * @returns Value in the unit of the data; NaN for an empty series, which has no percentile.
 * @see Hyndman & Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), definition 7.
 */
export function percentile(sorted: readonly number[], p: number): number {
  const at = ((sorted.length - 1) * p) / 100;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
}

/** Ascending copy; `-0` and `0` count as equal, and NaN must have been taken out before. */
export function ascending(data: readonly number[]): number[] {
  return data.toSorted((a, b) => a - b);
}

/**
 * Candidate's mean in multiples of stable's.
 *
 * @returns Dimensionless; `null` when either mean is 0 (also for an empty series). Kayenta says NaN there; null survives JSON.
 */
export function meanRatio(candidate: readonly number[], stable: readonly number[]): number | null {
  const top = mean(candidate);
  const bottom = mean(stable);
  return top === 0 || bottom === 0 ? null : top / bottom;
}

/**
 * Common language effect size: how often a value of the candidate is above one of stable, a tie counting half.
 *
 * @returns Share (0–1), 0.5 for no difference; `null` when a series is empty.
 * @see McGraw & Wong, "A common language effect size statistic", Psychological Bulletin 111 (1992).
 */
export function cles(candidate: readonly number[], stable: readonly number[]): number | null {
  const [m, n] = [candidate.length, stable.length];
  if (m === 0 || n === 0) return null;
  const { rankSum } = rankSums(ascending(candidate), ascending(stable), 0);
  return (2 * rankSum - m * (m + 1)) / (2 * m * n);
}

/**
 * Cohen's d with the mean of both sample variances; Kayenta computes it but never decides with it.
 *
 * @returns Absolute difference of the means in standard deviations, ≥ 0; `null` when neither series varies.
 * @see Cohen, "Statistical Power Analysis for the Behavioral Sciences", 2nd ed. (1988), §2.2.
 */
export function cohenD(candidate: readonly number[], stable: readonly number[]): number | null {
  const [a, b] = [summary(candidate), summary(stable)];
  const pooled = Math.sqrt((a.std ** 2 + b.std ** 2) / 2);
  return pooled === 0 ? null : Math.abs(a.mean - b.mean) / pooled;
}

/** Sum of the candidate's ranks among all values, and Σ(t³ − t) over groups of t ties. */
export type RankSums = { readonly rankSum: number; readonly ties: number };

/**
 * Average ranks of `candidate − shift` together with `stable`, by one merge: a root search asks for this dozens of times, and
 * subtracting a constant never changes an order, so the series are sorted once by the caller.
 *
 * @param candidate - Ascending. @param stable - Ascending. @param shift - In the unit of the data.
 */
export function rankSums(candidate: readonly number[], stable: readonly number[], shift: number): RankSums {
  let [i, j, rankSum, ties] = [0, 0, 0, 0];
  while (i < candidate.length || j < stable.length) {
    const value = Math.min((candidate[i] ?? Infinity) - shift, stable[j] ?? Infinity);
    const [firstI, firstJ] = [i, j];
    while (i < candidate.length && (candidate[i] ?? Infinity) - shift <= value) i++;
    while (j < stable.length && (stable[j] ?? Infinity) <= value) j++;
    const equal = i - firstI + (j - firstJ);
    // Only NaN compares with nothing; it may not keep this loop from ending.
    if (equal === 0) return { rankSum: Number.NaN, ties: Number.NaN };
    rankSum += (i - firstI) * (firstI + firstJ + (equal + 1) / 2);
    ties += equal ** 3 - equal;
  }
  return { rankSum, ties };
}

function squares(data: readonly number[]): number {
  const middle = mean(data);
  return data.reduce((sum, x) => sum + (x - middle) ** 2, 0);
}
