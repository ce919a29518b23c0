import { z } from 'zod';
import type { Recurrence } from '../../incidents/on-call/recurrence.ts';
import type { Property } from './components.ts';

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** jCal has one value by itself and several as a list. */
const list = <One extends z.ZodType>(one: One) =>
  z.union([one.transform((value) => [value]), z.array(one).max(400)]).default([]) as unknown as z.ZodType<
    readonly z.output<One>[]
  >;
const nonZero = (max: number) =>
  z
    .int()
    .min(-max)
    .max(max)
    .refine((value) => value !== 0);

const shape = z.strictObject({
  freq: z.enum(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']),
  interval: z.int().min(1).max(1_000).default(1),
  count: z.int().min(1).max(100_000).optional(),
  until: z.string().optional(),
  wkst: z.union([z.enum(weekdays), z.int().min(1).max(7)]).default('MO'),
  byday: list(z.string().regex(/^[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)$/)),
  bymonthday: list(nonZero(31)),
  bymonth: list(z.int().min(1).max(12)),
  bysetpos: list(nonZero(366)),
});

/**
 * What an RRULE says, or why it is not read: rules of hours and of weeks of the year are none of rotations. The library's own expansion is
 * not used: it never ends on a rule that no day fits.
 *
 * @param localMs - What the clock of the event shows at a moment.
 */
export function recurrenceOf(property: Property, localMs: (ms: number) => number): Recurrence | string {
  const given = shape.safeParse(property[3]);
  if (!given.success) {
    const [issue] = given.error.issues;
    const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
    return `its rule is not read: ${String(key ?? 'RRULE').toUpperCase()}`;
  }
  const { freq, interval, count, until, wkst, byday, bymonthday, bymonth, bysetpos } = given.data;
  const untilLocalMs = until === undefined ? null : untilOf(until, localMs);
  if (untilLocalMs !== null && Number.isNaN(untilLocalMs)) return 'its rule is not read: UNTIL';
  return {
    frequency: freq,
    interval,
    count: count ?? null,
    untilLocalMs,
    // jCal of the library counts days of the week from Sunday, 1.
    weekStart: typeof wkst === 'number' ? (wkst + 5) % 7 : weekdays.indexOf(wkst),
    weekdays: byday.map((text) => ({
      weekday: weekdays.indexOf(text.slice(-2)),
      nth: text.length > 2 ? Number(text.slice(0, -2)) : null,
    })),
    monthDays: bymonthday,
    months: bymonth,
    positions: bysetpos,
  };
}

/** A date is meant with all of its day. */
function untilOf(text: string, localMs: (ms: number) => number): number {
  if (text.length === 10) return Date.parse(`${text}T23:59:59Z`);
  return text.endsWith('Z') ? localMs(Date.parse(text)) : Date.parse(`${text}Z`);
}
