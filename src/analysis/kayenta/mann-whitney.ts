import { brentRoot } from './brent.ts';
import { normalQuantile } from './normal.ts';
import { ascending, rankSums } from './statistics.ts';

/** By how much the candidate's values lie above stable's, in the metric's own unit. */
export type LocationShift = {
  /** Ends of the confidence interval. On heavily tied data they can be out of order by the tolerance of the root search. */
  readonly lower: number;
  readonly upper: number;
  /** Near the Hodges–Lehmann estimate: where the continuity-corrected statistic changes its sign. */
  readonly estimate: number;
};

/** R's `wilcox.test` stops its root search here; the unit is the metric's, so metrics of that size are judged coarsely. */
const toleranceX = 1e-4;
const stepsMax = 1000;

/**
 * Mann-Whitney statistic of `candidate − shift` against stable, tie-corrected and with continuity correction, minus `quantile`.
 *
 * @param candidate - Ascending finite values. @param stable - Ascending finite values.
 * @param shift - In the unit of the data. @param quantile - Standard deviations.
 * @returns Standard deviations; `undefined` when all values are tied or a series is empty, because then nothing varies.
 * @see R, `wilcox.test.default`, the asymptotic interval for two samples; Kayenta, MannWhitney.scala.
 */
export function wilcoxonDiff(
  candidate: readonly number[],
  stable: readonly number[],
  shift: number,
  quantile: number,
): number | undefined {
  const [m, n] = [candidate.length, stable.length];
  const { rankSum, ties } = rankSums(candidate, stable, shift);
  const above = rankSum - (m * (m + 1)) / 2 - (m * n) / 2;
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1))));
  if (!(sigma > 0)) return undefined;
  return (above - Math.sign(above) / 2) / sigma - quantile;
}

/**
 * Confidence interval and estimate of the shift between two series, by inverting the Mann-Whitney test. With few values the
 * interval ends at the extreme differences, so that up to four values a side any clean separation counts as significant.
 *
 * @param candidate - Finite values, any order. @param stable - Finite values, any order.
 * @param confidence - Two-sided level (0–1, exclusive); Kayenta's judge uses 0.98.
 * @returns `undefined` when the statistic has no value somewhere on the way (all values tied), a series is empty, or differences
 *   overflow. Kayenta throws there and classifies the metric as `Error`.
 */
export function locationShift(
  candidate: readonly number[],
  stable: readonly number[],
  confidence: number,
): LocationShift | undefined {
  const [x, y] = [ascending(candidate), ascending(stable)];
  const low = (x[0] ?? Number.NaN) - (y.at(-1) ?? Number.NaN);
  const high = (x.at(-1) ?? Number.NaN) - (y[0] ?? Number.NaN);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return undefined;
  const z = normalQuantile((1 - confidence) / 2);
  const root = (quantile: number) => brentRoot((shift) => wilcoxonDiff(x, y, shift, quantile), low, high, toleranceX, stepsMax);
  const end = (quantile: number) => {
    const atLow = wilcoxonDiff(x, y, low, quantile);
    const atHigh = wilcoxonDiff(x, y, high, quantile);
    if (atLow === undefined || atHigh === undefined) return undefined;
    if (atLow <= 0) return low;
    return atHigh >= 0 ? high : root(quantile);
  };
  const [lower, upper, estimate] = [end(-z), end(z), root(0)];
  return lower === undefined || upper === undefined || estimate === undefined ? undefined : { lower, upper, estimate };
}
