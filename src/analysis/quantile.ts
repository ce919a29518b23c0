import { bucketCount, bucketEdgeMs } from './sample.ts';

/** Adds a sparse histogram of a sample (pairs of bucket and count) to dense counts. Buckets beyond the last one are the last one. */
export function addHistogram(dense: number[], histogram: readonly number[]): void {
  for (let i = 0; i < histogram.length; i += 2) {
    const bucket = Math.min(bucketCount - 1, histogram[i] ?? 0);
    dense[bucket] = (dense[bucket] ?? 0) + (histogram[i + 1] ?? 0);
  }
}

/** Dense counts of no requests. */
export function noRequests(): number[] {
  return new Array<number>(bucketCount).fill(0);
}

/**
 * A quantile of latency in milliseconds, read within its bucket as if requests were spread evenly over the logarithm of latency
 * there, so it is at most 12 % off. What lies in the last bucket, which has no end, is at least its lower edge, and told as that.
 *
 * @param counts - Requests per bucket.
 * @param quantilePpm - 950_000 is p95.
 * @returns null without requests.
 */
export function quantileMs(counts: readonly number[], quantilePpm: number): number | null {
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (n === 0) return null;
  const rank = (n * quantilePpm) / 1e6;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count === 0 || below + count < rank) {
      below += count;
      continue;
    }
    const part = (rank - below) / count;
    if (bucket === 0) return part * bucketEdgeMs(0);
    return bucket >= bucketCount - 1 ? bucketEdgeMs(bucketCount - 2) : bucketEdgeMs(bucket - 1 + part);
  }
  return bucketEdgeMs(bucketCount - 2);
}
