import { type Counts, type MetricReading, noCounts, type Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import type { MetricQuery } from '../../spec/types.ts';
import { aligned, type Buckets, slowerThan, toHistogram, totalOf } from './buckets.ts';
import type { Come, Increase } from './reading.ts';

/** What a source is asked to tell, beside the numbers themselves. */
export type Wanted = {
  readonly counts: boolean;
  readonly latency: boolean;
  readonly edgesMs: readonly number[];
  readonly metrics: readonly MetricQuery[];
};

/** Both versions over the same time; null: that version is not asked for. */
export type Pair = { readonly stable: Increase | null; readonly candidate: Increase | null };

/**
 * What has come between two moments (unix seconds) as a sample.
 *
 * @throws UserError (`E_SOURCE_ANSWER`) when it cannot be told how fast a version that served requests was.
 */
export function sampleOf({ stable, candidate }: Pair, fromS: number, toS: number, wanted: Wanted): Sample {
  const both = [stable, candidate].filter((side) => side !== null);
  // Without series of either version nobody is there to ask; with those of one the other one has served nothing.
  const isSeen = (...ids: readonly string[]): boolean => both.some((side) => ids.some((id) => (side.get(id)?.series ?? 0) > 0));
  const isCounted = wanted.counts && isSeen('requests', 'errors', 'latency');
  const [slowStable, slowCandidate] = comparable(bucketsOf(stable), bucketsOf(candidate));
  const countsOf = (side: Increase | null, comparableBuckets: Buckets): Counts | null => {
    if (side === null) return null;
    const counted = wanted.counts ? (isCounted ? counts(side, comparableBuckets, fromS, wanted) : null) : noCounts;
    const metrics = metricsOf(side, wanted.metrics, isSeen);
    if (counted === null || Object.keys(metrics).length === 0) return counted;
    return { ...counted, metrics };
  };
  return {
    second: toS - 1,
    seconds: toS - fromS,
    edgesMs: wanted.counts ? wanted.edgesMs : [],
    weight: 0,
    stable: countsOf(stable, slowStable),
    candidate: countsOf(candidate, slowCandidate),
  };
}

function counts(side: Increase, comparableBuckets: Buckets, fromS: number, { edgesMs, latency }: Wanted): Counts | null {
  const requests = countOf(side.get('requests'));
  const failed = countOf(side.get('errors'));
  if (requests === null || failed === null) return null;
  const buckets = bucketsOf(side);
  const errors = Math.round(failed);
  // The queries of one reading are evaluated one after the other: what one of them knows already the others are only behind with.
  const n = Math.max(Math.round(requests), errors, histogramTotal(comparableBuckets));
  if (latency && n > 0 && side.get('latency')?.series === 0)
    throw new UserError('E_SOURCE_ANSWER', `there are ${n} requests of a version and no histogram of how long they took`, {
      where: 'spec.source.prometheus.latency',
      fix: 'correct the name of the histogram; without it every request would look fast',
    });
  return {
    n,
    errors,
    classes: errors > 0 ? { status: errors } : {},
    histogram: toHistogram(comparableBuckets),
    slower: edgesMs.map((edgeMs) => Math.min(n, slowerThan(buckets, edgeMs))),
    // The earliest that it can have been: nobody is told that a fault was seen faster than it was.
    ...(errors > 0 ? { firstErrorAtMs: fromS * 1_000 } : {}),
  };
}

/** Both versions over the edges that both have. */
function comparable(stable: Buckets, candidate: Buckets): readonly [Buckets, Buckets] {
  const filled = [stable, candidate].map((buckets) => buckets.filter(({ count }) => count > 0).length);
  const both = totalOf(stable) > 0 && totalOf(candidate) > 0 ? aligned(stable, candidate) : ([stable, candidate] as const);
  const edges = both[0].length;
  if (edges === 1 && filled.every((count) => count > 1))
    throw new UserError('E_SOURCE_ANSWER', 'the histograms of the two versions have no bucket edge in common', {
      where: 'spec.source.prometheus.latency',
      fix: 'release a version with the same buckets first; latencies cannot be compared without',
    });
  return both;
}

function metricsOf(
  side: Increase,
  metrics: readonly MetricQuery[],
  isSeen: (...ids: readonly string[]) => boolean,
): Readonly<Record<string, MetricReading>> {
  const readings = metrics.flatMap((metric): [string, MetricReading][] => {
    const { name } = metric;
    if (metric.kind === 'gauge') {
      const come = side.get(`level ${name}`);
      const levels = come?.kind === 'level' ? come.levels : [];
      const value = levels.reduce((total, level) => total + level, 0) / levels.length;
      return levels.length > 0 && Number.isFinite(value) ? [[name, { value }]] : [];
    }
    const bad = countOf(side.get(`bad ${name}`));
    const of = countOf(side.get(`of ${name}`));
    if (bad === null || of === null || !isSeen(`bad ${name}`, `of ${name}`)) return [];
    return [[name, { bad: Math.round(bad), n: Math.max(Math.round(of), Math.round(bad)) }]];
  });
  return Object.fromEntries(readings);
}

function countOf(come: Come | undefined): number | null {
  return come === undefined ? 0 : come.kind === 'count' ? come.count : null;
}

function bucketsOf(side: Increase | null): Buckets {
  const come = side?.get('latency');
  return come?.kind === 'histogram' ? come.buckets : [];
}

function histogramTotal(buckets: Buckets): number {
  return toHistogram(buckets).reduce((total, value, index) => total + (index % 2 === 1 ? value : 0), 0);
}
