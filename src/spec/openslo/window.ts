import type { CalendarUnit } from '../types.ts';
import { durationMs, durationText } from '../unit-text.ts';
import { annotations } from './annotations.ts';
import { below, type Report, type Spot } from './report.ts';
import type { Slo } from './schema.ts';
import { isShorthand, type Shorthand, shorthandText } from './shorthand.ts';

/** A window as documents of ours write it. */
export type WindowDocument = string | { readonly calendar: CalendarUnit; readonly zone: string };

type TimeWindow = NonNullable<Slo['spec']['timeWindow']>[number];

/** When calendars are written to begin: a Monday that is the first day of a month, a quarter and a year. */
const anchor = '2024-01-01 00:00:00';

/**
 * The window of an SLO; null: it was refused.
 *
 * @param at - Of `spec.timeWindow`.
 */
export function windowOf(slo: Slo, at: Spot, report: Report): WindowDocument | null {
  const [window] = slo.spec.timeWindow ?? [];
  if (!window) return report.refuse(at, 'expected a timeWindow, such as [{ duration: 28d, isRolling: true }]');
  const spot = below(at, 0);
  if (window.calendar) return calendarOf(window.duration, window.calendar, spot, report);
  const exact = exactly(window.duration, annotations.window, slo, below(spot, 'duration'), report);
  return exact === null ? null : durationText(exact);
}

/** The window as OpenSLO has it, and what it cannot say of it in annotations. */
export function timeWindowOf(
  window: WindowDocument,
  windowMs: number,
): { readonly timeWindow: unknown; readonly exact: string | null } {
  if (typeof window === 'string')
    return {
      timeWindow: [{ duration: shorthandText(windowMs), isRolling: true }],
      exact: isShorthand(windowMs) ? null : window,
    };
  const duration = { day: '1d', week: '1w', month: '1M', quarter: '1Q', year: '1Y' }[window.calendar];
  const calendar = { startTime: anchor, timeZone: window.zone };
  return { timeWindow: [{ duration, isRolling: false, calendar }], exact: null };
}

/**
 * A duration, or what an annotation says in its place where OpenSLO has to round it up.
 *
 * @returns Milliseconds; null: they contradict each other.
 */
export function exactly(given: Shorthand, annotation: string, slo: Slo, at: Spot, report: Report): number | null {
  const text = slo.metadata.annotations?.[annotation];
  if (text === undefined) return given.ms;
  const exact = durationMs(text);
  const spot: Spot = { entry: at.entry, path: ['metadata', 'annotations', annotation] };
  if (exact === undefined) return report.problem(spot, `expected a duration such as 90s, found ${JSON.stringify(text)}`);
  if (Math.ceil(exact / 60_000) * 60_000 === given.ms) return exact;
  return report.problem(
    spot,
    `expected ${durationText(given.ms)} as the document says, rounded up to minutes, found ${text}: take the annotation away`,
  );
}

/** Periods of a calendar by what OpenSLO calls them. */
function unitOf({ count, unit }: Shorthand): CalendarUnit | null {
  const units: Readonly<Record<string, CalendarUnit>> = {
    '1d': 'day',
    '1w': 'week',
    '7d': 'week',
    '1M': 'month',
    '1Q': 'quarter',
    '3M': 'quarter',
    '1Y': 'year',
    '4Q': 'year',
    '12M': 'year',
  };
  return units[`${count}${unit}`] ?? null;
}

function calendarOf(
  duration: Shorthand,
  { startTime, timeZone }: NonNullable<TimeWindow['calendar']>,
  at: Spot,
  report: Report,
): WindowDocument | null {
  const start = startOf(startTime);
  const startAt = below(at, 'calendar', 'startTime');
  if (!start) return report.problem(startAt, `expected a time such as 2024-01-01 00:00:00, found ${JSON.stringify(startTime)}`);
  const unit = unitOf(duration);
  if (unit === null) {
    const text = `${duration.count}${duration.unit}`;
    const hint = duration.unit === 'm' ? ': m are minutes, and a month is 1M' : '';
    return report.refuse(
      below(at, 'duration'),
      `expected 1d, 1w, 1M, 1Q or 1Y beside a calendar, whose periods begin with it, found ${text}${hint}`,
      `write isRolling: true without a calendar for the last ${text}`,
    );
  }
  const wrong = beginsElsewhere(unit, start);
  if (wrong === null) return { calendar: unit, zone: timeZone };
  return report.refuse(
    startAt,
    `expected a startTime ${wrong}, found ${startTime}${unit === 'week' ? ` (a ${weekdays[start.weekday]})` : ''}`,
  );
}

type Start = { readonly month: number; readonly day: number; readonly weekday: number; readonly isMidnight: boolean };

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `2022-01-01 12:00:00`, with or without seconds, or with a T; null: no such time. */
function startOf(text: string): Start | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  const moment = new Date(Date.UTC(year, month - 1, day));
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== day) return null;
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  return { month, day, weekday: moment.getUTCDay(), isMidnight: hours + minutes + seconds === 0 };
}

/** When periods begin here, if that is not when they begin in the document. */
function beginsElsewhere(unit: CalendarUnit, { month, day, weekday, isMidnight }: Start): string | null {
  const [isRight, said] = {
    day: [true, 'at 00:00:00, when days begin'],
    week: [weekday === 1, 'on a Monday at 00:00:00, when weeks begin'],
    month: [day === 1, 'on the first of a month at 00:00:00, when months begin'],
    quarter: [day === 1 && month % 3 === 1, 'on the first of January, April, July or October at 00:00:00, when quarters begin'],
    year: [day === 1 && month === 1, 'on the first of January at 00:00:00, when years begin'],
  }[unit] as [boolean, string];
  return isRight && isMidnight ? null : said;
}
