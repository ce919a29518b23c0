import { bucketOf } from '../../analysis/sample.ts';
import type { RawBucket } from '../../prometheus/answer.ts';

/** How many observations lie in (`lowMs`, `highMs`]. The last one of a classic histogram ends at infinity. */
export type Bucket = { readonly lowMs: number; readonly highMs: number; readonly count: number };

/** A histogram as disjoint buckets by rising edges. */
export type Buckets = readonly Bucket[];

/**
 * Buckets of a classic histogram.
 *
 * @param cumulative - Pairs of upper edge (`le`, in the metric's unit) and how many observations lie up to it, in any order.
 * @param unitMs - Milliseconds per unit.
 */
export function classicBuckets(cumulative: Iterable<readonly [le: number, count: number]>, unitMs: number): Buckets {
  let lowMs = 0;
  let below = 0;
  return [...cumulative]
    .sort(([a], [b]) => a - b)
    .map(([le, count]) => {
      // An edge that was scraped a moment later than the one below it may be behind: a count up to an edge cannot be smaller.
      const upTo = Math.max(below, count);
      const bucket = { lowMs, highMs: inMs(le, unitMs), count: upTo - below };
      lowMs = Math.max(0, bucket.highMs);
      below = upTo;
      return bucket;
    });
}

/**
 * What has come between two readings of one histogram. When any bucket has fallen the process began anew, and everything that is
 * there now has come. A native histogram may have become coarser in between.
 */
export function increaseOf(before: Buckets, after: Buckets): Buckets {
  let at = 0;
  const increase: Bucket[] = [];
  for (const bucket of after) {
    let known = 0;
    for (let inner = before[at]; inner && inner.highMs <= bucket.highMs; inner = before[(at += 1)]) {
      // One that is not inside of any bucket of now has lost its observations, or the buckets were redrawn.
      if (inner.count > 0 && inner.lowMs < bucket.lowMs) return after;
      known += inner.count;
    }
    if (bucket.count < known) return after;
    increase.push({ ...bucket, count: bucket.count - known });
  }
  return before.slice(at).some(({ count }) => count > 0) ? after : increase;
}

/** Both histograms over the edges that both have, which is the finest way in which they can be compared. */
export function aligned(one: Buckets, other: Buckets): readonly [Buckets, Buckets] {
  const edges: { lowMs: number; highMs: number }[] = [];
  for (const { lowMs, highMs } of [...one, ...other].sort((a, b) => a.lowMs - b.lowMs || a.highMs - b.highMs)) {
    const last = edges.at(-1);
    // What overlaps cannot be told apart by an edge in between.
    if (last && lowMs < last.highMs) last.highMs = Math.max(last.highMs, highMs);
    else edges.push({ lowMs, highMs });
  }
  const over = (buckets: Buckets): Buckets => {
    let at = 0;
    const counts = edges.map(() => 0);
    for (const { highMs, count } of [...buckets].sort((a, b) => a.highMs - b.highMs)) {
      while (edges[at] && (edges[at]?.highMs ?? 0) < highMs) at += 1;
      counts[at] = (counts[at] ?? 0) + count;
    }
    return edges.map((edge, index) => ({ ...edge, count: counts[index] ?? 0 }));
  };
  return [over(one), over(other)];
}

/** Sum of the counts. */
export function totalOf(buckets: Buckets): number {
  return buckets.reduce((total, { count }) => total + count, 0);
}

/** In the form of `Counts.histogram`: what a bucket holds counts at its upper edge, what has none in the last bucket. */
export function toHistogram(buckets: Buckets): readonly number[] {
  const counts = new Map<number, number>();
  for (const { highMs, count } of buckets) {
    const whole = Math.round(count);
    if (whole > 0) counts.set(bucketOf(highMs), (counts.get(bucketOf(highMs)) ?? 0) + whole);
  }
  return [...counts].sort(([a], [b]) => a - b).flat();
}

/**
 * How many took longer than `edgeMs`. Inside of a bucket they are taken to lie evenly, as Prometheus' own `histogram_quantile` does;
 * above the last edge all of them are taken to be slower, because nobody knows.
 */
export function slowerThan(buckets: Buckets, edgeMs: number): number {
  let slower = 0;
  for (const { lowMs, highMs, count } of buckets) {
    if (edgeMs <= lowMs || (highMs === Number.POSITIVE_INFINITY && highMs > edgeMs)) slower += count;
    else if (edgeMs < highMs) slower += (count * (highMs - edgeMs)) / (highMs - lowMs);
  }
  return Math.round(slower);
}

/** Of a time in its unit; the digits that binary fractions add (0.07 × 1000 is 70.00000000000001) would make two edges of one. */
export function inMs(value: number, unitMs: number): number {
  return Number((value * unitMs).toPrecision(12));
}

/** Several histograms as one. Buckets with the same edges become one; others stay beside each other. */
export function summed(all: Iterable<Buckets>): Buckets {
  const sums = new Map<string, Bucket>();
  for (const buckets of all)
    for (const bucket of buckets) {
      const key = `${bucket.lowMs} ${bucket.highMs}`;
      sums.set(key, { ...bucket, count: bucket.count + (sums.get(key)?.count ?? 0) });
    }
  return [...sums.values()].sort((a, b) => a.lowMs - b.lowMs || a.highMs - b.highMs);
}

/**
 * Buckets of a native histogram. Times are not negative, so whatever lies around or below 0 begins at 0.
 *
 * @param total - All that was observed. NaN lies in no bucket: what the buckets lack of it is put above everything.
 */
export function nativeBuckets(raw: readonly RawBucket[], unitMs: number, total: number): readonly Bucket[] {
  const rest = total - raw.reduce((sum, { count }) => sum + count, 0);
  const buckets = raw
    .map(({ low, high, count }) => ({
      lowMs: Math.max(0, inMs(low, unitMs)),
      highMs: Math.max(0, inMs(high, unitMs)),
      count,
    }))
    .sort((a, b) => a.lowMs - b.lowMs || a.highMs - b.highMs);
  return rest >= 0.5 ? [...buckets, { lowMs: Number.POSITIVE_INFINITY, highMs: Number.POSITIVE_INFINITY, count: rest }] : buckets;
}
