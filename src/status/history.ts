import { periodAt } from '../slo/period.ts';
import { historyDays } from './fold.ts';
import { gravity } from './impact.ts';
import type { ComponentRecord, ComponentState } from './types.ts';

/** One day of a component, in the page's time zone. */
export type ComponentDay = {
  /** First moment of the day, unix milliseconds, and the first that is not in it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** `2026-11-29`. */
  readonly date: string;
  /** The worst of the day; null: it was not watched yet. */
  readonly worst: ComponentState | null;
  /** Milliseconds of the day that it was watched, and what it was in for how long. */
  readonly watchedMs: number;
  readonly partialMs: number;
  readonly majorMs: number;
};

/** What the last days of a component were. */
export type ComponentHistory = {
  /** Oldest first; the last one is today. */
  readonly days: readonly ComponentDay[];
  /** Part of the watched time that it was not out (0–1): a partial outage counts 30 % of its time, as at Statuspage; null: it was never watched. */
  readonly uptime: number | null;
};

/** What a minute of a partial outage counts against one of a major. */
const partialWeight = 0.3;

/** A time in which a component was worked on, as customers were told. */
export type WorkSpan = { readonly fromMs: number; readonly untilMs: number };

/**
 * The last days of a component, from its changes. What was announced as maintenance is no outage, as at Statuspage.
 *
 * @param timeZone - IANA name: whose days they are.
 * @param works - When it was maintained; they may overlap.
 */
export function historyOf(
  { createdAtMs, spans }: Pick<ComponentRecord, 'createdAtMs' | 'spans'>,
  timeZone: string,
  nowMs: number,
  works: readonly WorkSpan[] = [],
): ComponentHistory {
  const days: ComponentDay[] = [];
  const own = withWorks(spans, works);
  let untilMs = nowMs;
  for (let index = 0; index < historyDays; index += 1) {
    const { fromMs, toMs } = periodAt({ calendar: { unit: 'day', zone: timeZone }, windowMs: 0 }, untilMs);
    days.unshift(dayOf(fromMs, toMs, Math.min(toMs, nowMs), createdAtMs, own, timeZone));
    untilMs = fromMs - 1;
  }
  const sum = (of: (day: ComponentDay) => number): number => days.reduce((total, day) => total + of(day), 0);
  const watchedMs = sum((day) => day.watchedMs);
  const outMs = sum(({ partialMs, majorMs }) => majorMs + partialWeight * partialMs);
  return { days, uptime: watchedMs === 0 ? null : 1 - outMs / watchedMs };
}

function dayOf(
  fromMs: number,
  toMs: number,
  endMs: number,
  createdAtMs: number,
  spans: ComponentRecord['spans'],
  timeZone: string,
): ComponentDay {
  const times = { partialMs: 0, majorMs: 0 };
  let worst: ComponentState | null = null;
  for (const [index, span] of spans.entries()) {
    const begin = Math.max(span.fromMs, fromMs, createdAtMs);
    const end = Math.min(spans[index + 1]?.fromMs ?? endMs, endMs);
    if (end <= begin) continue;
    if (worst === null || gravity(span.state) > gravity(worst)) worst = span.state;
    if (span.state === 'partial_outage') times.partialMs += end - begin;
    if (span.state === 'major_outage') times.majorMs += end - begin;
  }
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(fromMs);
  return { fromMs, toMs, date, worst, watchedMs: Math.max(0, endMs - Math.max(fromMs, createdAtMs)), ...times };
}

/** The same changes, well in the time of each work. */
function withWorks(spans: ComponentRecord['spans'], works: readonly WorkSpan[]): ComponentRecord['spans'] {
  return works.reduce<ComponentRecord['spans']>((so, { fromMs, untilMs }) => {
    const after = so.findLast((span) => span.fromMs <= untilMs);
    if (untilMs <= fromMs || !after) return so;
    return [
      ...so.filter((span) => span.fromMs < fromMs),
      { fromMs, state: 'operational' },
      { fromMs: untilMs, state: after.state },
      ...so.filter((span) => span.fromMs > untilMs),
    ];
  }, spans);
}
