import { type Comparison, type ComparisonRules, copyComparison, openComparison } from './comparison.ts';
import { addGroup } from './dispersion.ts';
import { exceedance, sumHistograms } from './exceedance.ts';
import { historyBlockS, remember } from './history.ts';
import { type LatencyEdge, latencyEdges } from './latency-edges.ts';
import type { Margin } from './likelihood.ts';
import { aloneLatencyFactor, aloneTier, latencyTier } from './rules.ts';
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
export type Edge = LatencyEdge & {
  readonly comparison: Comparison;
  /** ln of the evidence that the candidate is good here, on this step; see `proof.ts`. */
  good: number;
};

/** The same edge, to be changed apart. */
export function copyEdge(edge: Edge): Edge {
  return { ...edge, comparison: copyComparison(edge.comparison) };
}

const blocksMax = 40;
/** Keeps the written shape below 16 KiB also where a million requests a second are spread over all buckets. */
const numbersMax = 2000;

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
  blocks.push(openHistogram(s));
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

/** Begins the comparisons for a quantile, with what stable has shown; `null` when that is too little. See `latencyEdges`. */
export function chooseEdges(shape: Shape, quantilePpm: number, worseByPpm: number): readonly Edge[] | null {
  const known = exceedance(sumHistograms([...shape.blocks, openHistogram(shape)]));
  const edges = latencyEdges(known, quantilePpm, worseByPpm);
  if (edges.length === 0) return null;
  return edges.map(({ bucket, margin }) => ({
    bucket,
    margin,
    good: 0,
    comparison: withHistory(openComparison(latencyRules(margin)), shape, bucket),
  }));
}

/** The rules of the comparison at an edge where that much is accepted. */
export function latencyRules(margin: Margin): ComparisonRules {
  return {
    tiers: [{ tier: latencyTier, margin }],
    alone: { grid: aloneTier.latency, margin: { factor: Math.max(aloneLatencyFactor, margin.factor), delta: margin.delta } },
  };
}

function withHistory(comparison: Comparison, shape: Shape, bucket: number): Comparison {
  const add = (histogram: readonly number[], dtS: number): void => {
    let n = 0;
    for (let i = 1; i < histogram.length; i += 2) n += histogram[i] ?? 0;
    if (n === 0) return;
    const bad = slowerThan(histogram, bucket);
    remember(comparison.history, bad, n, dtS);
    addGroup(comparison.group, bad, n, dtS);
  };
  for (const block of shape.blocks) add(block, historyBlockS);
  add(openHistogram(shape), shape.ageS);
  return comparison;
}

function openHistogram({ open }: Shape): number[] {
  return open.flatMap((count, bucket) => (count > 0 ? [bucket, count] : []));
}
