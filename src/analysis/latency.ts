import { type Comparison, type ComparisonRules, copyComparison, openComparison } from './comparison.ts';
import { addGroup } from './dispersion.ts';
import { historyBlockS, remember } from './history.ts';
import { aloneLatencyFactor, aloneTier, latencyFactor, latencyTier } from './rules.ts';
import { bucketCount } from './sample.ts';

/** Stable's latency of the last ten minutes, kept until the edges to compare at are chosen. Counts per bucket. Changed in place. */
export type Shape = {
  /** Sparse histograms of closed blocks of 15 s, oldest first. Replaced and never changed, so that copies may share it. */
  blocks: readonly (readonly number[])[];
  /** Dense histogram of the open block. */
  readonly open: number[];
  ageS: number;
};

/** One bucket edge at which candidate and stable are compared. */
export type Edge = {
  /** Requests in buckets above this one are slower than the edge. */
  readonly bucket: number;
  /** Accepted ratio of the shares that are slower. */
  readonly factor: number;
  readonly comparison: Comparison;
};

/** The same edge, to be changed apart. */
export function copyEdge(edge: Edge): Edge {
  return { ...edge, comparison: copyComparison(edge.comparison) };
}

const blocksMax = 40;
/** Keeps the written shape below 16 KiB also where latencies are spread over all buckets. */
const numbersMax = 3000;
const requestsMin = 100;
const factorMax = 10;

export function openShape(): Shape {
  return { blocks: [], open: new Array<number>(bucketCount).fill(0), ageS: 0 };
}

/** The same shape, to be changed apart. */
export function copyShape(s: Shape): Shape {
  return { ...s, open: s.open.slice() };
}

/** Adds stable's sparse histogram of one sample. */
export function addShape(s: Shape, histogram: readonly number[], dtS: number): void {
  for (let i = 0; i < histogram.length; i += 2) {
    const bucket = histogram[i] ?? 0;
    s.open[bucket] = (s.open[bucket] ?? 0) + (histogram[i + 1] ?? 0);
  }
  s.ageS += dtS;
  if (s.ageS < historyBlockS) return;
  const blocks = s.blocks.slice(s.blocks.length >= blocksMax ? 1 : 0);
  blocks.push(s.open.flatMap((count, bucket) => (count > 0 ? [bucket, count] : [])));
  for (let size = blocks.reduce((sum, block) => sum + block.length, 0); size > numbersMax; )
    size -= blocks.shift()?.length ?? size;
  s.blocks = blocks;
  s.open.fill(0);
  s.ageS = 0;
}

/** Requests of a sparse histogram that are slower than the upper edge of `bucket`. */
export function slowerThan(histogram: readonly number[], bucket: number): number {
  let count = 0;
  for (let i = histogram.length - 2; i >= 0 && (histogram[i] ?? 0) > bucket; i -= 2) count += histogram[i + 1] ?? 0;
  return count;
}

/**
 * Chooses the edges for a quantile: those that 5, 2, 1 and 1/5 times as many of stable's requests exceed as the quantile
 * allows, so for p95 the 25, 10, 5 and 1 % points. A version that is slower as a whole shows first where many requests are, a
 * slow path where few are. `null` when stable has shown too little.
 *
 * @param worseByPpm - Accepted relative rise of the latency. It becomes an accepted ratio of shares at the edge x: as many
 *   requests as exceed x/(1 + rise) in stable may exceed x in the candidate, read off stable's own distribution, which is
 *   taken as log-linear between its occupied buckets (so that the wide buckets of a scraped histogram do as well).
 */
export function chooseEdges(shape: Shape, quantilePpm: number, worseByPpm: number): readonly Edge[] | null {
  const counts = shape.open.slice();
  for (const block of shape.blocks) {
    for (let i = 0; i < block.length; i += 2) counts[block[i] ?? 0] = (counts[block[i] ?? 0] ?? 0) + (block[i + 1] ?? 0);
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all < requestsMin) return null;
  const exceeded = exceedance(counts, all);
  const allowed = 1 - quantilePpm / 1e6;
  const buckets = new Set<number>();
  for (const times of [5, 2, 1, 0.2]) {
    const bucket = nearest(exceeded, Math.min(0.5, times * allowed));
    if (bucket !== null) buckets.add(bucket);
  }
  if (buckets.size === 0) return null;
  return [...buckets].map((bucket) => {
    const shifted = exceedanceAt(exceeded, bucket - 20 * Math.log10(1 + worseByPpm / 1e6));
    const ratio = shifted / exceedanceAt(exceeded, bucket);
    const factor = Math.min(factorMax, Math.max(latencyFactor, ratio));
    return { bucket, factor, comparison: withHistory(openComparison(latencyRules(factor)), shape, bucket) };
  });
}

/** The rules of the comparison at an edge with that accepted ratio. */
export function latencyRules(factor: number): ComparisonRules {
  return {
    tiers: [{ tier: latencyTier, margin: { factor, delta: 0 } }],
    alone: { grid: aloneTier.latency, margin: { factor: Math.max(aloneLatencyFactor, factor), delta: 0 } },
  };
}

type Exceedance = { readonly bucket: number; readonly share: number };

/** Share of requests above each occupied bucket, as far as anything is above. */
function exceedance(counts: readonly number[], all: number): Exceedance[] {
  const points: Exceedance[] = [];
  let above = all;
  counts.forEach((count, bucket) => {
    above -= count;
    if (count > 0 && above > 0) points.push({ bucket, share: above / all });
  });
  return points;
}

function nearest(points: readonly Exceedance[], share: number): number | null {
  let best: number | null = null;
  // Farther than a factor e^1.2 it would be another point of the distribution.
  let distance = 1.2;
  for (const point of points) {
    const d = Math.abs(Math.log(point.share / share));
    if (point.share <= 0.5 && d < distance) {
      distance = d;
      best = point.bucket;
    }
  }
  return best;
}

function exceedanceAt(points: readonly Exceedance[], position: number): number {
  let before: Exceedance = { bucket: -1, share: 1 };
  for (const point of points) {
    if (point.bucket >= position) {
      const part = Math.max(0, (position - before.bucket) / (point.bucket - before.bucket));
      return Math.exp((1 - part) * Math.log(before.share) + part * Math.log(point.share));
    }
    before = point;
  }
  return before.share;
}

function withHistory(comparison: Comparison, shape: Shape, bucket: number): Comparison {
  for (const block of shape.blocks) {
    let n = 0;
    for (let i = 1; i < block.length; i += 2) n += block[i] ?? 0;
    if (n === 0) continue;
    const bad = slowerThan(block, bucket);
    remember(comparison.history, bad, n, historyBlockS);
    addGroup(comparison.group, bad, n, historyBlockS);
  }
  return comparison;
}
