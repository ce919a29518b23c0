import type { GuardPolicy } from '../../spec/types.ts';
import { quantileText } from '../wording.ts';

/** What a series of values is of, and its unit: errors and ratios in percent, latency in milliseconds, a gauge in its own. */
export type KayentaMetric =
  | { readonly kind: 'errors' }
  | { readonly kind: 'latency'; readonly quantilePpm: number }
  | { readonly kind: 'ratio'; readonly name: string }
  | { readonly kind: 'gauge'; readonly name: string };

/** One metric of both versions, one value for each span of time that counted; null where a version had nothing to measure. */
export type KayentaSeries = {
  readonly metric: KayentaMetric;
  /** What the policy accepts: percentage points for errors and ratios, relative for latency and gauges. Parts per million. */
  readonly worseByPpm: number;
  /** Oldest first, as long as `stable`, at most `valuesMax`. Six digits that count. */
  readonly candidate: readonly (number | null)[];
  readonly stable: readonly (number | null)[];
};

/**
 * Most values of a series that are kept: 8 h of minutes. Older ones are left out, as with Kayenta's `lookbackMins`. Two sides of 480
 * values with at most 13 characters and a comma are 13.4 KB of JSON, so a metric stays below 16 KiB however long a release takes.
 */
export const valuesMax = 480;

/** The empty series of everything that a policy compares with stable: what has only limits is not judged. */
export function seriesOf({ errors, latency, metrics = [] }: GuardPolicy): readonly KayentaSeries[] {
  const series = (metric: KayentaMetric, worseByPpm: number | null): KayentaSeries[] =>
    worseByPpm === null ? [] : [{ metric, worseByPpm, candidate: [], stable: [] }];
  return [
    ...series({ kind: 'errors' }, errors.worseByPpm),
    ...latency.flatMap(({ quantilePpm, worseByPpm }) => series({ kind: 'latency', quantilePpm }, worseByPpm)),
    ...metrics.flatMap(({ kind, name, worseByPpm }) => series({ kind, name }, worseByPpm)),
  ];
}

/** `errors`, `latency-p95`, or the name that the user gave. */
export function metricName(metric: KayentaMetric): string {
  switch (metric.kind) {
    case 'errors':
      return 'errors';
    case 'latency':
      return `latency-${quantileText(metric.quantilePpm)}`;
    case 'ratio':
    case 'gauge':
      return metric.name;
  }
}
