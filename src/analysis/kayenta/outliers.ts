import { ascending, mean, percentile, populationStd } from './statistics.ts';

/** What becomes of a missing value (NaN): left out, or taken as 0, which only suits counts where nothing means none. */
export type NanStrategy = 'remove' | 'replace';

/** The same series without NaN: shorter with `remove`, as long as before with `replace`. An empty series stays empty. */
export function withoutNan(data: readonly number[], strategy: NanStrategy): number[] {
  return strategy === 'remove' ? data.filter((x) => !Number.isNaN(x)) : data.map((x) => (Number.isNaN(x) ? 0 : x));
}

/**
 * Values outside Tukey's fences p25 − factor·IQR and p75 + factor·IQR. A value on a fence is inside.
 *
 * @param data - Values without NaN, any order.
 * @param factor - Multiples of the interquartile range, > 0; Kayenta's judge uses 3.
 * @param isWide - Never closer than the 1st and 99th percentile, as Kayenta's judge has it ("reduce sensitivity").
 * @returns One flag for each value, in the given order; empty for an empty series.
 * @see Tukey, "Exploratory Data Analysis" (1977), §2D; Kayenta, IQRDetector.scala.
 */
export function iqrOutliers(data: readonly number[], factor: number, isWide: boolean): boolean[] {
  const sorted = ascending(data);
  const [p25, p75] = [percentile(sorted, 25), percentile(sorted, 75)];
  const reach = factor * (p75 - p25);
  const low = isWide ? Math.min(percentile(sorted, 1), p25 - reach) : p25 - reach;
  const high = isWide ? Math.max(percentile(sorted, 99), p75 + reach) : p75 + reach;
  return data.map((x) => x < low || x > high);
}

/**
 * Values more than k population standard deviations from the mean. Kayenta has it and its judge does not use it.
 *
 * @returns One flag for each value, in the given order; empty for an empty series.
 */
export function kSigmaOutliers(data: readonly number[], k: number): boolean[] {
  const [middle, reach] = [mean(data), k * populationStd(data)];
  return data.map((x) => Math.abs(x - middle) > reach);
}

/** The values whose flag is not set, in order. */
export function withoutOutliers(data: readonly number[], isOutlier: readonly boolean[]): number[] {
  return data.filter((_, index) => isOutlier[index] !== true);
}
