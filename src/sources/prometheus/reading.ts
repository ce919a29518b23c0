import type { Series } from '../../prometheus/answer.ts';
import { type Buckets, classicBuckets, increaseOf, nativeBuckets, summed, totalOf } from './buckets.ts';
import type { Asked } from './plan.ts';

/** What one query found for one version at one moment, by series. */
export type Found =
  | { readonly kind: 'numbers'; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: 'histograms'; readonly values: ReadonlyMap<string, Buckets> };

/** What a version looked like at one moment, by `Asked.id`. */
export type Reading = ReadonlyMap<string, Found>;

/** What has come since the moment before, by `Asked.id`. */
export type Increase = ReadonlyMap<string, Come>;

export type Come =
  /** `null`: a sum of counters has fallen. */
  | { readonly kind: 'count'; readonly count: number | null; readonly series: number }
  | { readonly kind: 'level'; readonly levels: readonly number[]; readonly series: number }
  /** `isPartial`: sums of histograms have fallen and are left out. */
  | { readonly kind: 'histogram'; readonly buckets: Buckets; readonly series: number; readonly isPartial: boolean };

/**
 * An answer by moment.
 *
 * @returns By unix second; a moment at which nothing was found is missing.
 */
export function readingsOf({ use, unitMs }: Asked, series: readonly Series[]): ReadonlyMap<number, Found> {
  return use === 'histogram' ? histogramsOf(series, unitMs) : numbersOf(series);
}

function numbersOf(series: readonly Series[]): ReadonlyMap<number, Found> {
  const found = new Map<number, { kind: 'numbers'; values: Map<string, number> }>();
  for (const { labels, values } of series) {
    const key = keyOf(labels);
    for (const [atS, value] of values) {
      const at = found.get(atS) ?? { kind: 'numbers' as const, values: new Map<string, number>() };
      found.set(atS, at);
      // The same series twice is the same counter seen twice, and one of the two is behind.
      at.values.set(key, Math.max(value, at.values.get(key) ?? Number.NEGATIVE_INFINITY));
    }
  }
  return found;
}

function histogramsOf(series: readonly Series[], unitMs: number): ReadonlyMap<number, Found> {
  const found = new Map<number, { kind: 'histograms'; values: Map<string, Buckets> }>();
  const put = (atS: number, key: string, buckets: Buckets): void => {
    const at = found.get(atS) ?? { kind: 'histograms' as const, values: new Map<string, Buckets>() };
    found.set(atS, at);
    at.values.set(key, buckets);
  };
  const cumulative = new Map<string, { atS: number; key: string; counts: Map<number, number> }>();
  for (const { labels, values, histograms } of series) {
    for (const [atS, raw, total] of histograms) put(atS, keyOf(labels), nativeBuckets(raw, unitMs, total));
    const le = labels.le === undefined ? Number.NaN : Number(labels.le.replace('Inf', 'Infinity'));
    if (Number.isNaN(le)) continue;
    const key = keyOf(labels, 'le');
    for (const [atS, count] of values) {
      const id = `${atS} ${key}`;
      const one = cumulative.get(id) ?? { atS, key, counts: new Map<number, number>() };
      cumulative.set(id, one);
      one.counts.set(le, Math.max(count, one.counts.get(le) ?? 0));
    }
  }
  for (const { atS, key, counts } of cumulative.values()) put(atS, key, classicBuckets(counts, unitMs));
  return found;
}

/** The last value of every series that was ever seen, by `Asked.id` and series: one that was away for a while goes on from there. */
export type Known = ReadonlyMap<string, Found>;

/** Series of one query that are kept in mind; of more the oldest are forgotten. */
export const seriesMax = 20_000;

/**
 * What has come between two moments, from the raw values of every single series: nothing is extrapolated, so counts stay whole and
 * add up, and a counter that begins anew counts from 0. So does a series that was not there before, because a counter with labels
 * appears with its first count, unless nothing at all was seen before: then it has a past that nobody knows.
 *
 * @param wasVisible - Whether anything of the service was seen at the moment before.
 */
export function step(
  asked: readonly Asked[],
  known: Known,
  reading: Reading,
  wasVisible: boolean,
): { readonly known: Known; readonly increase: Increase } {
  const next = new Map(known);
  const increase = new Map<string, Come>();
  for (const { id, use, isAggregated } of asked) {
    const found = reading.get(id);
    const before = known.get(id);
    if (found) next.set(id, remembered(before, found));
    increase.set(id, comeOf(use, isAggregated, before, found, wasVisible));
  }
  return { known: next, increase };
}

function comeOf(
  use: Asked['use'],
  isAggregated: boolean,
  before: Found | undefined,
  found: Found | undefined,
  wasVisible: boolean,
): Come {
  if (use === 'histogram') {
    const all: Buckets[] = [];
    let isPartial = false;
    const values = found?.kind === 'histograms' ? found.values : new Map<string, Buckets>();
    const past = before?.kind === 'histograms' ? before.values : undefined;
    for (const [key, buckets] of values) {
      const old = past?.get(key);
      // Of a sum that falls nobody can tell what came in: one of its parts has gone, or begun anew.
      if (old && isAggregated && isFalling(old, buckets)) isPartial = true;
      else if (old) all.push(increaseOf(old, buckets));
      else all.push(wasVisible ? buckets : buckets.map((bucket) => ({ ...bucket, count: 0 })));
    }
    return { kind: 'histogram', buckets: summed(all), series: values.size, isPartial };
  }
  const values = found?.kind === 'numbers' ? found.values : new Map<string, number>();
  if (use === 'level') return { kind: 'level', levels: [...values.values()], series: values.size };
  const past = before?.kind === 'numbers' ? before.values : undefined;
  let count: number | null = 0;
  for (const [key, value] of values) {
    const old = past?.get(key) ?? (wasVisible ? 0 : value);
    if (value >= old) count = count === null ? null : count + value - old;
    else count = isAggregated || count === null ? null : count + Math.max(0, value);
  }
  return { kind: 'count', count, series: values.size };
}

/** Whether any bucket holds less than before, among those whose edges are the same. */
function isFalling(before: Buckets, now: Buckets): boolean {
  const counts = new Map(before.map(({ highMs, count }) => [highMs, count]));
  return totalOf(now) < totalOf(before) || now.some(({ highMs, count }) => count < (counts.get(highMs) ?? 0));
}

function remembered(before: Found | undefined, found: Found): Found {
  if (found.kind === 'numbers')
    return { kind: 'numbers', values: latest(before?.kind === 'numbers' ? before.values : undefined, found.values) };
  return { kind: 'histograms', values: latest(before?.kind === 'histograms' ? before.values : undefined, found.values) };
}

function latest<Value>(before: ReadonlyMap<string, Value> | undefined, now: ReadonlyMap<string, Value>): Map<string, Value> {
  const all = new Map(before);
  for (const [key, value] of now) {
    // To the end: the first ones are the oldest.
    all.delete(key);
    all.set(key, value);
  }
  for (const key of all.keys()) {
    if (all.size <= seriesMax) break;
    all.delete(key);
  }
  return all;
}

/** Whether anything was found at this moment. */
export function isVisible(reading: Reading): boolean {
  return [...reading.values()].some(({ values }) => values.size > 0);
}

/** Whether nothing was counted: either nothing happened, or there was no scrape in between. */
export function isStill(increase: Increase): boolean {
  return [...increase.values()].every(
    (come) => (come.kind === 'count' && come.count === 0) || (come.kind === 'histogram' && totalOf(come.buckets) === 0),
  );
}

/** What tells one series of an answer from the others. */
function keyOf(labels: Readonly<Record<string, string>>, without?: string): string {
  const names = Object.keys(labels).filter((name) => name !== without);
  return JSON.stringify(names.sort().map((name) => [name, labels[name]]));
}
