import type { WorkingDays } from '../spec/escalation-policy.ts';
import { localMs, momentOf } from '../spec/local-time.ts';

const dayMs = 86_400_000;

/** The first beginning of a working day after a moment, both in unix milliseconds: on Monday at 03:00 it is Monday, 09:00. */
export function nextWorkingDayMs(afterMs: number, { timeZone, days, beginsMinute, holidays }: WorkingDays): number {
  const zone = timeZone ?? 'UTC';
  const today = Math.floor(localMs(afterMs, zone) / dayMs) * dayMs;
  // Each week has a working day but for holidays, so one of so many days is free of them.
  const farthest = today + (holidays.length + 2) * 7 * dayMs;
  for (let midnight = today; midnight < farthest; midnight += dayMs) {
    // The epoch was a Thursday.
    const weekday = (((midnight / dayMs + 3) % 7) + 7) % 7;
    if (!days.includes(weekday) || holidays.includes(midnight)) continue;
    const begins = momentOf(midnight + beginsMinute * 60_000, zone);
    if (begins > afterMs) return begins;
  }
  throw new RangeError('working days without a day of the week');
}
