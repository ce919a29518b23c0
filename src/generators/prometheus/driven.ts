import type { Events } from './events.ts';
import { type Counter, labelled, type Series } from './promql-text.ts';
import { type Labels, labelsFor } from './sample-labels.ts';

/** A series of a test, and by how much it rises. */
export type Driven = {
  /** As promtool reads it: a name with its labels. */
  readonly series: string;
  /** Per good event 0 or 1. */
  readonly good: number;
  /** Per bad event 0 or 1, and in `of` equal parts where several counters share them. */
  readonly bad: number;
  readonly of: number;
};

/**
 * Series that are counted as events of an objective.
 *
 * @returns null where it is not known which series its queries choose.
 */
export function drivenBy(events: Events): readonly Driven[] | null {
  if (events.kind === 'ratio') return ratio(events.part, events.total, events.count);
  if (events.kind === 'native') return null;
  const { below, total } = events;
  if (below.kind === 'other' || total.kind === 'other') return null;
  const [first] = below.series;
  const labels = first && labelsFor(first.matchers);
  if (!first || !labels) return null;
  return [
    { series: seriesText(first.name, labels), good: 1, bad: 0, of: 1 },
    { series: seriesText(first.name, { ...labels, le: '+Inf' }), good: 1, bad: 1, of: 1 },
  ];
}

function ratio(part: Counter, total: Counter, count: 'bad' | 'good'): readonly Driven[] | null {
  if (part.kind === 'other' || total.kind === 'other') return null;
  const parts = distinct(
    part.series.map((one) => {
      // A part of the same metric is a part of the total, where that has a place for it.
      const around = total.series.find(({ name }) => name === one.name);
      const shared = around ? labelsFor([...one.matchers, ...around.matchers]) : null;
      const labels = shared ?? labelsFor(one.matchers);
      return labels && { name: one.name, labels, isShared: shared !== null };
    }),
    part.kind === 'any',
  );
  const [rest] = total.series;
  if (!parts || !rest) return null;
  const ofSameName = part.series.filter(({ name }) => name === rest.name).map(({ matchers }) => matchers);
  const other = labelsFor(rest.matchers, ofSameName);
  if (!other) return null;
  // Where some parts are in the total and others are not, how much is left for the rest is no whole number.
  const isShared = parts.every((one) => one.isShared);
  if (!isShared && parts.some((one) => one.isShared)) return null;
  const own = count === 'bad' ? { good: 0, bad: 1 } : { good: 1, bad: 0 };
  const left = isShared ? { good: 1 - own.good, bad: 1 - own.bad } : { good: 1, bad: 1 };
  return [
    ...parts.map(({ name, labels }) => ({ series: seriesText(name, labels), ...own, of: parts.length })),
    { series: seriesText(rest.name, other), ...left, of: 1 },
  ];
}

type Part = { readonly name: Series['name']; readonly labels: Labels; readonly isShared: boolean };

/** @param hides - Whether of parts with the same labels only the first is seen. */
function distinct(parts: readonly (Part | null)[], hides: boolean): readonly Part[] | null {
  const found: Part[] = [];
  for (const part of parts) {
    if (!part) return null;
    if (!hides || !found.some(({ labels }) => labelled(labels) === labelled(part.labels))) found.push(part);
  }
  return found.length > 0 ? found : null;
}

function seriesText(name: string, labels: Labels): string {
  const inside = labelled(labels);
  return inside === '' ? name : `${name}{${inside}}`;
}
