import { localMs, momentOf } from '../../spec/local-time.ts';
import { beginnings, type Recurrence } from './recurrence.ts';

const dayMs = 86_400_000;

/** How the clock of a calendar's zone and moments go together. */
export type CalendarClock = {
  readonly momentOf: (local: number) => number;
  readonly localMs: (ms: number) => number;
};

/** The clock of a zone that the runtime knows. */
export function zoneClock(zone: string): CalendarClock {
  return { momentOf: (local) => momentOf(local, zone), localMs: (ms) => localMs(ms, zone) };
}

/** From when a zone that a calendar describes itself (VTIMEZONE) has an offset from UTC. */
export type Observance = {
  /** On the clock with the offset before it, as if it was UTC. */
  readonly firstLocalMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetMs: number;
  /** Null: it begins once. */
  readonly rule: Recurrence | null;
};

/** The clock of a zone that a calendar describes itself, in a time and a day around it. */
export function describedClock(observances: readonly Observance[], fromMs: number, untilMs: number): CalendarClock {
  const changes = observances
    .flatMap(({ firstLocalMs, offsetBeforeMs, offsetMs, rule }) => {
      const begin = (local: number) => ({ atMs: local - offsetBeforeMs, offsetMs });
      if (rule === null) return [begin(firstLocalMs)];
      return [...beginnings(rule, shortened(rule, firstLocalMs, fromMs), untilMs + 2 * dayMs)].map(begin);
    })
    .toSorted((a, b) => a.atMs - b.atMs);
  const earliest = observances.toSorted((a, b) => a.firstLocalMs - b.firstLocalMs)[0]?.offsetBeforeMs ?? 0;
  const offsetAt = (ms: number): number => changes.findLast(({ atMs }) => atMs <= ms)?.offsetMs ?? earliest;
  return {
    localMs: (ms) => ms + offsetAt(ms),
    momentOf: (local) => {
      // As of zones that the runtime knows: the first moment in which the clock shows that time or a later one.
      const before = offsetAt(local - dayMs);
      const change = changes.find(({ atMs }) => atMs > local - dayMs && atMs <= local + dayMs);
      if (!change || local - before < change.atMs) return local - before;
      return Math.max(change.atMs, local - change.offsetMs);
    },
  };
}

/** Descriptions begin in 1601 or 1970; of a rule of every year the years long before are of no interest. */
function shortened(rule: Recurrence, firstLocalMs: number, fromMs: number): number {
  if (rule.frequency !== 'YEARLY' || rule.interval !== 1 || rule.count !== null) return firstLocalMs;
  const first = new Date(firstLocalMs);
  const year = new Date(fromMs).getUTCFullYear() - 2;
  return year <= first.getUTCFullYear()
    ? firstLocalMs
    : Date.UTC(year, first.getUTCMonth(), first.getUTCDate()) + (((firstLocalMs % dayMs) + dayMs) % dayMs);
}
