import { localMs, momentOf } from '../spec/local-time.ts';
import type { CalendarUnit, Objective } from '../spec/types.ts';

/** A period, in unix milliseconds; `toMs` is not in it. */
export type Period = { readonly fromMs: number; readonly toMs: number };

type LocalDay = { readonly year: number; readonly month: number; readonly day: number };

/** The period that an objective is judged over at a moment: the last so much time, or that of the calendar which the moment lies in. */
export function periodAt({ calendar, windowMs }: Pick<Objective, 'calendar' | 'windowMs'>, nowMs: number): Period {
  if (!calendar) return { fromMs: nowMs - windowMs, toMs: nowMs };
  const { unit, zone } = calendar;
  const begin = beginDay(unit, localDay(nowMs, zone));
  return { fromMs: midnight(begin, zone), toMs: midnight(nextBegin(unit, begin), zone) };
}

/** The complete period before the one of a moment. */
export function periodBefore(objective: Pick<Objective, 'calendar' | 'windowMs'>, nowMs: number): Period {
  const { fromMs } = periodAt(objective, nowMs);
  return objective.calendar ? periodAt(objective, fromMs - 1) : { fromMs: fromMs - objective.windowMs, toMs: fromMs };
}

function beginDay(unit: CalendarUnit, { year, month, day }: LocalDay): LocalDay {
  switch (unit) {
    case 'day':
      return { year, month, day };
    case 'week': {
      // Monday is the first day (ISO 8601).
      const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
      return added({ year, month, day }, -weekday);
    }
    case 'month':
      return { year, month, day: 1 };
    case 'quarter':
      return { year, month: month - ((month - 1) % 3), day: 1 };
    case 'year':
      return { year, month: 1, day: 1 };
  }
}

function nextBegin(unit: CalendarUnit, begin: LocalDay): LocalDay {
  const months = { day: 0, week: 0, month: 1, quarter: 3, year: 12 }[unit];
  if (months === 0) return added(begin, unit === 'day' ? 1 : 7);
  return ofUtc(Date.UTC(begin.year, begin.month - 1 + months, 1));
}

function added({ year, month, day }: LocalDay, days: number): LocalDay {
  return ofUtc(Date.UTC(year, month - 1, day + days));
}

function ofUtc(ms: number): LocalDay {
  const date = new Date(ms);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** When a day begins in a zone. Clocks may have been put forward over midnight: then it begins with the first moment that is there. */
function midnight(day: LocalDay, zone: string): number {
  return momentOf(Date.UTC(day.year, day.month - 1, day.day), zone);
}

function localDay(ms: number, zone: string): LocalDay {
  return ofUtc(localMs(ms, zone));
}
