/**
 * What one version answered in one second, as exact counts. Sources produce it, the guard consumes it, the log keeps it.
 * Integers throughout: a sum of samples is exact, and the same samples always give the same verdict.
 */
export type Counts = {
  /** Requests that ended in this second, whatever their outcome; requests that the client gave up are not in here. */
  readonly n: number;
  /** Of `n`, those that failed: the sum of `classes`. */
  readonly errors: number;
  /** Failures by class. An absent class is 0. */
  readonly classes: Readonly<Partial<Record<ErrorClass, number>>>;
  /** Latency of all `n`, sparse: pairs of bucket index and count, indexes rising. See `bucketOf`. */
  readonly histogram: readonly number[];
  /** For each edge of `Sample.edgesMs`, in its order: how many of `n` took longer. Exact, unlike the histogram. */
  readonly slower: readonly number[];
  /** Unix time in milliseconds of the first failure in this second; absent when none failed. */
  readonly firstErrorAtMs?: number;
  /** The user's own metrics by name, where the source had news of them. */
  readonly metrics?: Readonly<Record<string, MetricReading>>;
};

/**
 * What a source has read of one of the user's metrics: `bad` of `n` since the last reading (a ratio; counts, 0 ≤ bad ≤ n), or the
 * level that was read (a gauge; any finite number in the metric's unit, the mean where there are several readings).
 */
export type MetricReading = { readonly bad: number; readonly n: number } | { readonly value: number };

/**
 * How a request can fail, as the router saw it: `status` the version answered 5xx; `connect` no connection to any of its
 * instances; `timeout` no answer in time; `broken` the answer ended before it was complete or was not HTTP.
 */
export type ErrorClass = 'status' | 'connect' | 'timeout' | 'broken';

/** Stable and candidate over the same complete second, or over the same seconds where a source counts less often. */
export type Sample = {
  /** Unix time in whole seconds at which the second began; of several seconds, the last. */
  readonly second: number;
  /** How many seconds the counts cover, ending with `second`. Absent: what has passed since the sample before. */
  readonly seconds?: number;
  /** The thresholds, in milliseconds and rising, that `Counts.slower` refers to. */
  readonly edgesMs: readonly number[];
  /** Share of requests that the route sent to the candidate in this second by weight, in percent (0–100). */
  readonly weight: number;
  /** `null`: the source had no answer for this second. A version without traffic has counts of 0. */
  readonly stable: Counts | null;
  readonly candidate: Counts | null;
};

/** No requests at all. */
export const noCounts: Counts = { n: 0, errors: 0, classes: {}, histogram: [], slower: [] };

/** Whether counts can be: finite, not negative, no part larger than the whole. What cannot be says nothing about a version. */
export function isSound({ n, errors, classes, histogram, slower, firstErrorAtMs = 0 }: Counts): boolean {
  if (!(n >= 0 && n <= Number.MAX_SAFE_INTEGER) || !isPart(errors, n)) return false;
  if (!Number.isFinite(firstErrorAtMs) || Object.values(classes).some((count) => !isPart(count, n))) return false;
  let counted = 0;
  for (let i = 0; i < histogram.length; i += 2) {
    counted += histogram[i + 1] ?? 0;
    const bucket = histogram[i] ?? -1;
    if (!(Number.isInteger(bucket) && bucket >= 0 && bucket < bucketCount && isPart(histogram[i + 1] ?? -1, n))) return false;
  }
  return counted <= n && slower.every((count) => isPart(count, n));
}

function isPart(count: number, n: number): boolean {
  return count >= 0 && count <= n;
}

/** Number of latency buckets. The last one also holds everything slower than its lower edge. */
export const bucketCount = 100;

/** Upper edge of bucket `i` in milliseconds: 10^(i/20), so that each bucket is 12.2 % wider than the one before. */
export function bucketEdgeMs(i: number): number {
  return 10 ** (i / 20);
}

/** The bucket of a latency: bucket `i` covers (10^((i−1)/20), 10^(i/20)] ms, bucket 0 everything up to 1 ms. */
export function bucketOf(latencyMs: number): number {
  if (!(latencyMs > 1)) return 0;
  const i = Math.ceil(20 * Math.log10(latencyMs));
  return i < bucketCount ? i : bucketCount - 1;
}
