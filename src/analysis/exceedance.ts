import { bucketEdgeMs } from './sample.ts';

/**
 * What share of requests is slower than a latency, read off a histogram. Positions are bucket indexes as in `bucketEdgeMs`, and
 * may lie between two of them: position p is the latency 10^(p/20) ms, so a latency that is `rise` times higher lies
 * `positionShift(rise)` further on, wherever it is.
 */
export type Exceedance = {
  /** Requests that the histogram counts. */
  readonly n: number;
  /** Occupied buckets that something lies above, rising; the share (0–1) of all requests above each one's upper edge falls. */
  readonly points: readonly { readonly bucket: number; readonly share: number }[];
  /** The highest occupied bucket; null without requests. */
  readonly highest: number | null;
};

/** Sum of sparse histograms (pairs of bucket and count): the sparse histogram of all of them together. */
export function sumHistograms(histograms: Iterable<readonly number[]>): number[] {
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    for (let i = 0; i + 1 < histogram.length; i += 2) {
      const bucket = histogram[i] ?? 0;
      counts.set(bucket, (counts.get(bucket) ?? 0) + (histogram[i + 1] ?? 0));
    }
  }
  return [...counts].sort(([a], [b]) => a - b).flat();
}

/** @param histogram - Sparse: pairs of bucket index and count, indexes rising. Empty is no requests and no points. */
export function exceedance(histogram: readonly number[]): Exceedance {
  let n = 0;
  for (let i = 1; i < histogram.length; i += 2) n += histogram[i] ?? 0;
  const points = [];
  let above = n;
  for (let i = 0; i + 1 < histogram.length; i += 2) {
    above -= histogram[i + 1] ?? 0;
    if (above > 0) points.push({ bucket: histogram[i] ?? 0, share: above / n });
  }
  return { n, points, highest: histogram.length > 1 ? (histogram[histogram.length - 2] ?? null) : null };
}

/**
 * Share (0–1) of requests above a position. Between occupied buckets it is taken as log-linear in the logarithm of the latency,
 * which is right for a distribution with a power-law tail and close for others, so that the few wide buckets of a scraped
 * histogram do as well. Below the first occupied bucket it is 1; above the last, where nobody was, it goes on from half a request as
 * it fell before.
 */
export function shareAbove({ n, points, highest }: Exceedance, position: number): number {
  if (highest === null) return 0;
  let before = { bucket: (points[0]?.bucket ?? highest) - 1, share: 1 };
  if (position <= before.bucket) return 1;
  let slope = 0;
  for (let i = 0; i <= points.length; i++) {
    const point = points[i] ?? { bucket: highest, share: 0.5 / n };
    slope = Math.log(point.share / before.share) / (point.bucket - before.bucket);
    if (point.bucket >= position) break;
    before = point;
  }
  return before.share * Math.exp(slope * (position - before.bucket));
}

/** Upper edge in milliseconds of the bucket that holds a quantile (950_000 is p95), so at most that; null without requests. */
export function quantileEdgeMs({ points, highest }: Exceedance, quantilePpm: number): number | null {
  // 1 - 0.95 is a little more than 0.05: the share is compared in whole millionths.
  const bucket = points.find(({ share }) => Math.round(share * 1e6) <= 1e6 - quantilePpm)?.bucket ?? highest;
  return bucket === null ? null : bucketEdgeMs(bucket);
}

/** How far a rise moves a latency: 0.2 is 20 % slower. Negative for a fall. */
export function positionShift(rise: number): number {
  return 20 * Math.log10(1 + rise);
}

/** Position of a latency in milliseconds, ≥ 0. */
export function positionOf(latencyMs: number): number {
  return Math.max(0, 20 * Math.log10(Math.max(latencyMs, 1e-9)));
}
