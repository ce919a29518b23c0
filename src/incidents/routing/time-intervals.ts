import { localMs } from '../../spec/local-time.ts';
import type { TimeInterval, WholeRange } from '../../spec/time-interval.ts';

const dayMs = 86_400_000;

/** Whether a moment (unix milliseconds) lies in an interval, by the clocks of its place. */
export function isWithin(interval: TimeInterval, ms: number): boolean {
  const shown = localMs(ms, interval.location);
  const minute = Math.floor((((shown % dayMs) + dayMs) % dayMs) / 60_000);
  if (interval.times && !interval.times.some(({ from, until }) => minute >= from && minute < until)) return false;
  return isDayWithin(interval, shown);
}

/** Whether all but the time of the day holds on a day. */
function isDayWithin({ weekdays, daysOfMonth, months, years }: TimeInterval, shown: number): boolean {
  const date = new Date(shown);
  const month = date.getUTCMonth() + 1;
  return (
    has(years, date.getUTCFullYear()) &&
    has(months, month) &&
    has(weekdays, date.getUTCDay()) &&
    (!daysOfMonth || daysOfMonth.some((one) => isDayOfMonth(one, date.getUTCDate(), daysIn(date))))
  );
}

function has(ranges: readonly WholeRange[] | null, value: number): boolean {
  return !ranges || ranges.some(({ from, to }) => value >= from && value <= to);
}

function isDayOfMonth({ from, to }: WholeRange, day: number, days: number): boolean {
  const begin = from < 0 ? days + from + 1 : from;
  const end = to < 0 ? days + to + 1 : to;
  return day >= begin && day <= end;
}

function daysIn(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The first of the named intervals that a moment lies in; null: in none. A name without an interval holds nothing. */
export function intervalAt(
  names: readonly string[],
  intervals: ReadonlyMap<string, readonly TimeInterval[]>,
  ms: number,
): string | null {
  return names.find((name) => intervals.get(name)?.some((one) => isWithin(one, ms))) ?? null;
}

/** Leap years and weekdays come round in 28 years, where no century without a leap day lies between. */
const roundYears = 28;
/** The only ones in which a century could matter lie far ahead; a round of years that has all kinds of them. */
const firstYear = 2_024;

/** Whether there is no moment in it, whatever the year: 30 February. */
export function isNever(interval: TimeInterval): boolean {
  if (interval.times?.length === 0) return true;
  const years = interval.years
    ? interval.years.flatMap(({ from, to }) => Array.from({ length: Math.min(roundYears, to - from + 1) }, (_, at) => from + at))
    : Array.from({ length: roundYears }, (_, at) => firstYear + at);
  return !years.slice(0, 200).some((year) => {
    for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += dayMs) if (isDayWithin(interval, ms)) return true;
    return false;
  });
}

/** How long it is until it is decided anew whether a moment lies in an interval, at most: the end of the minute. */
const minuteMs = 60_000;

/**
 * When the answer of `intervalAt` becomes empty (or not empty) next, to the minute, in unix milliseconds; null: not within the given time.
 *
 * @param wanted - Whether a moment in one of them is looked for, or one in none.
 */
export function nextChange(
  names: readonly string[],
  intervals: ReadonlyMap<string, readonly TimeInterval[]>,
  fromMs: number,
  untilMs: number,
  wanted: boolean,
): number | null {
  for (let ms = Math.ceil(fromMs / minuteMs) * minuteMs; ms <= untilMs; ms += minuteMs)
    if ((intervalAt(names, intervals, ms) !== null) === wanted) return ms;
  return null;
}
