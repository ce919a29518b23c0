const dayMs = 86_400_000;

/** When something comes again (RFC 5545, RRULE), by whole days: the time of the day stays that of the first one. */
export type Recurrence = {
  readonly frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  /** Every so many days, weeks, months, years; at least 1. */
  readonly interval: number;
  /** How often in all; null: it is not counted. */
  readonly count: number | null;
  /** The last moment in which it may begin, on the clock of its zone as if it was UTC; null: none. */
  readonly untilLocalMs: number | null;
  /** First day of the week; Monday is 0. */
  readonly weekStart: number;
  /** `nth`: which such day of the month (of the year, where no month is named), from its end below 0; null: each. */
  readonly weekdays: readonly { readonly weekday: number; readonly nth: number | null }[];
  /** 1 … 31, from the end of the month below 0. */
  readonly monthDays: readonly number[];
  /** 1 … 12. */
  readonly months: readonly number[];
  /** Which of the days of a period, from 1, from its end below 0; empty: all. */
  readonly positions: readonly number[];
};

/**
 * Beginnings on the clock of a zone, as if it was UTC, in order, up to a time. Looks at each day once, so a rule that no day ever fits
 * ends as well.
 */
export function* beginnings(rule: Recurrence, firstLocalMs: number, endLocalMs: number): Generator<number> {
  const firstDay = Math.floor(firstLocalMs / dayMs);
  const ofDayMs = firstLocalMs - firstDay * dayMs;
  const fits = filterOf(rule, firstDay);
  let count = 0;
  for (let index = 0; ; index += 1) {
    const [from, until] = period(rule, firstDay, index);
    if (from * dayMs + ofDayMs >= endLocalMs) return;
    const days: number[] = [];
    for (let day = from; day < until; day += 1) if (fits(day)) days.push(day);
    for (const day of picked(days, rule.positions)) {
      const local = day * dayMs + ofDayMs;
      if (local < firstLocalMs) continue;
      if (local >= endLocalMs || (rule.untilLocalMs !== null && local > rule.untilLocalMs)) return;
      yield local;
      count += 1;
      if (count === rule.count) return;
    }
  }
}

/** The days of a period, since the epoch; the end is not in it. */
function period({ frequency, interval, weekStart }: Recurrence, firstDay: number, index: number): readonly [number, number] {
  const steps = index * interval;
  const { year, month } = dateOf(firstDay);
  switch (frequency) {
    case 'DAILY':
      return [firstDay + steps, firstDay + steps + 1];
    case 'WEEKLY': {
      const from = firstDay - ((weekdayOf(firstDay) - weekStart + 7) % 7) + steps * 7;
      return [from, from + 7];
    }
    case 'MONTHLY':
      return [dayOf(year, month + steps), dayOf(year, month + steps + 1)];
    case 'YEARLY':
      return [dayOf(year + steps, 1), dayOf(year + steps + 1, 1)];
  }
}

/** Whether a day is one of those that the rule names; what it leaves out is as on the first day. */
function filterOf(rule: Recurrence, firstDay: number): (day: number) => boolean {
  const { frequency, weekdays } = rule;
  const first = dateOf(firstDay);
  const isOpen = weekdays.length === 0 && rule.monthDays.length === 0;
  const dayNames = frequency === 'WEEKLY' && isOpen ? [{ weekday: weekdayOf(firstDay), nth: null }] : weekdays;
  const monthDays = isOpen && (frequency === 'MONTHLY' || frequency === 'YEARLY') ? [first.day] : rule.monthDays;
  const months = isOpen && frequency === 'YEARLY' && rule.months.length === 0 ? [first.month] : rule.months;
  const ofYear = frequency === 'YEARLY' && months.length === 0;
  return (day) => {
    const { year, month, day: ofMonth } = dateOf(day);
    if (months.length > 0 && !months.includes(month)) return false;
    const length = dayOf(year, month + 1) - dayOf(year, month);
    if (monthDays.length > 0 && !monthDays.includes(ofMonth) && !monthDays.includes(ofMonth - length - 1)) return false;
    if (dayNames.length === 0) return true;
    const [from, until] = ofYear ? [dayOf(year, 1), dayOf(year + 1, 1)] : [dayOf(year, month), dayOf(year, month + 1)];
    const nth = Math.floor((day - from) / 7) + 1;
    const fromEnd = -Math.floor((until - 1 - day) / 7) - 1;
    return dayNames.some((one) => one.weekday === weekdayOf(day) && (one.nth === null || one.nth === nth || one.nth === fromEnd));
  };
}

function picked(days: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return days;
  return days.filter((_, index) => positions.includes(index + 1) || positions.includes(index - days.length));
}

/** Monday is 0. The epoch was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Days since the epoch of the first day of a month; months beyond 12 are of later years. */
function dayOf(year: number, month: number): number {
  return Date.UTC(year, month - 1, 1) / dayMs;
}

function dateOf(day: number): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(day * dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
