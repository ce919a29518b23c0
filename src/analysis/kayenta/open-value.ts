import { quantileMs } from '../quantile.ts';
import { bucketCount, type Counts } from '../sample.ts';
import type { KayentaMetric } from './series.ts';

/** What one version has answered since the value that is being collected began. Only sums, so that it stays small. */
export type OpenValue = {
  /** Two numbers per metric, in the order of the series: bad and all, or sum and number of a gauge's readings; zeros for latency. */
  readonly sums: readonly number[];
  /** Requests per latency bucket; empty until there are any. */
  readonly histogram: readonly number[];
};

/** Nothing collected yet. */
export const noValue: OpenValue = { sums: [], histogram: [] };

/** Adds what a version answered. What no source may send (NaN, negative counts, buckets that do not exist) is left out. */
export function addCounts(open: OpenValue, metrics: readonly KayentaMetric[], counts: Counts | null): OpenValue {
  if (counts === null) return open;
  const sums = metrics.flatMap((metric, i) => {
    const before = [open.sums[2 * i] ?? 0, open.sums[2 * i + 1] ?? 0] as const;
    const [top, bottom] = partOf(metric, counts);
    const after = [before[0] + top, before[1] + bottom];
    const isCount = bottom >= 0 && (metric.kind === 'gauge' || top >= 0);
    return isCount && after.every(Number.isFinite) ? after : before;
  });
  if (counts.histogram.length === 0 || !metrics.some(({ kind }) => kind === 'latency')) return { ...open, sums };
  const histogram = open.histogram.length > 0 ? open.histogram.slice() : new Array<number>(bucketCount).fill(0);
  for (let i = 0; i < counts.histogram.length; i += 2) {
    const bucket = counts.histogram[i] ?? -1;
    const count = counts.histogram[i + 1] ?? 0;
    const before = histogram[bucket];
    if (before !== undefined && count > 0 && Number.isFinite(count)) histogram[bucket] = before + count;
  }
  return { sums, histogram };
}

/** The value of a metric: percent, milliseconds, or the mean of the readings; null without any request or reading. */
export function closedValue(open: OpenValue, metric: KayentaMetric, index: number): number | null {
  if (metric.kind === 'latency') return rounded(quantileMs(open.histogram, metric.quantilePpm));
  const bottom = open.sums[2 * index + 1] ?? 0;
  if (!(bottom > 0)) return null;
  const mean = (open.sums[2 * index] ?? 0) / bottom;
  return rounded(metric.kind === 'gauge' ? mean : 100 * mean);
}

/** A larger level is no level: its squares would not fit a number. */
const levelMax = 1e100;

function partOf(metric: KayentaMetric, counts: Counts): readonly [top: number, bottom: number] {
  switch (metric.kind) {
    case 'errors':
      return [counts.errors, counts.n];
    case 'latency':
      return [0, 0];
    case 'ratio': {
      const reading = readingOf(counts, metric.name);
      return reading && 'bad' in reading ? [reading.bad, reading.n] : [0, 0];
    }
    case 'gauge': {
      const reading = readingOf(counts, metric.name);
      return reading && 'value' in reading && Math.abs(reading.value) <= levelMax ? [reading.value, 1] : [0, 0];
    }
  }
}

function readingOf({ metrics }: Counts, name: string) {
  return metrics !== undefined && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

/** Six digits that count: far finer than what is judged, and short in JSON. */
function rounded(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6));
}
