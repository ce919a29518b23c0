/** What is told about many measured values. */
export type Spread = {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank), so that every answer was really measured.
 *
 * @param sorted - Rising.
 * @param share - 0 < share ≤ 1.
 * @returns NaN when there are no values.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Percentiles of values in any order. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => rounded(percentile(sorted, share));
  return { n: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The value in the middle; of an even number of values the mean of the two in the middle. NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2;
}

/** Three digits behind the point: more is noise in everything that is measured here. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
