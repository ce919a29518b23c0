import { z } from 'zod';
import { timeZone } from './calendar-time.ts';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { orOff } from './or-off.ts';
import { evenIfBroken } from './strategy.ts';
import type { BurnTier, CalendarUnit, Objective, ObjectiveEvents } from './types.ts';
import { uniqueNames } from './unique-names.ts';
import { durationText } from './unit-text.ts';
import { duration, percent } from './units.ts';

const dayMs = 86_400_000;

const hourMs = 3_600_000;

/** The longest that a period of the calendar lasts, in milliseconds: clocks may be put back by an hour in it, and in a year they go forth as well. */
export const calendarMs: Readonly<Record<CalendarUnit, number>> = {
  day: dayMs + hourMs,
  week: 7 * dayMs + hourMs,
  month: 31 * dayMs + hourMs,
  quarter: 92 * dayMs + hourMs,
  year: 366 * dayMs,
};

const line = z
  .string()
  .min(1)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });

const query = line.max(2_000);

/** A time that events can be counted for: whole slots of ten seconds. */
const slots = (bounds: Parameters<typeof duration>[0]) =>
  duration(bounds).refine((ms) => ms % 10_000 === 0, {
    error: ({ input }) => `expected whole 10s, found ${durationText(Number(input))}`,
  });

const rolling = slots({ minMs: 60_000, example: '30d' }).describe('Rolling: the last so much time.');
const calendar = z
  .strictObject({
    calendar: z.enum(['day', 'week', 'month', 'quarter', 'year']).describe('The period that is running; weeks begin on Monday.'),
    zone: timeZone.default('UTC').describe('Time zone in which it begins.'),
  })
  .describe('Of the calendar: from its beginning to now.');

const window = choice([rolling, calendar], (value) => (isMapping(value) ? calendar : rolling));

const good = z.strictObject({
  good: query.describe('Counter of good events.'),
  total: query.describe('Counter of all events.'),
});
const bad = z.strictObject({
  bad: query.describe('Counter of bad events.'),
  total: query.describe('Counter of all events.'),
});
const histogram = z.strictObject({
  histogram: query.describe('Classic histogram; its name, without _bucket. `below` has to be one of its bucket bounds.'),
  unit: z.enum(['s', 'ms']).default('s').describe('Unit of its bounds.'),
});
const native = z.strictObject({
  native: query.describe('Native histogram. `below` is exact at its bucket bounds, and in between an interval.'),
  unit: z.enum(['s', 'ms']).default('s').describe('Unit of its bounds.'),
});
const events = choice([good, bad, histogram, native], (value, refuse) => {
  if (!isMapping(value)) return refuse({ message: `expected events such as { bad: …, total: … }, found ${found(value)}` });
  if ('histogram' in value) return histogram;
  if ('native' in value) return native;
  return 'good' in value ? good : bad;
}).transform((given): ObjectiveEvents => {
  if ('histogram' in given) return { kind: 'classic', query: given.histogram, unitMs: given.unit === 's' ? 1_000 : 1 };
  if ('native' in given) return { kind: 'native', query: given.native, unitMs: given.unit === 's' ? 1_000 : 1 };
  return 'good' in given
    ? { kind: 'ratio', count: 'good', query: given.good, total: given.total }
    : { kind: 'ratio', count: 'bad', query: given.bad, total: given.total };
});

const tier = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,20}$/, { error: 'expected a name such as P0' })
      .describe('Name of the alert, unique; the first of the list is the most urgent.'),
    budget: percent({ minPpm: 1, maxPpm: 1_000_000, example: '2%' }).describe('Share of the budget that is spent when it fires.'),
    in: slots({ minMs: 10_000, maxMs: 90 * dayMs, example: '1h' }).describe('In this time: its long window.'),
    short: slots({ minMs: 10_000, maxMs: 90 * dayMs, example: '5m' })
      .optional()
      .describe('Its short window: it resolves so soon after the errors stop. A twelfth of the long one unless said.'),
    minBad: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(10)
      .describe('Bad events in the long window below which it is silent.'),
    for: duration({ minMs: 0, maxMs: dayMs, example: '2m' }).prefault('0s').describe('How long it has to be so before it fires.'),
    tells: z.enum(['page', 'chat', 'email']).default('page').describe('Who is told: at once, within the half hour, next day.'),
  })
  .transform(
    ({ name, budget, in: longMs, short, minBad, for: forMs, tells }): BurnTier => ({
      name,
      sharePpm: budget,
      longMs,
      shortMs: short ?? Math.max(10_000, Math.round(longMs / 120_000) * 10_000),
      minBad,
      ...(forMs > 0 ? { forMs } : {}),
      tells,
    }),
  );

/** Burn-rate alerts of an objective; the usual three when they are left out. */
export const burnPolicy = orOff(z.array(tier).min(1).max(10).superRefine(uniqueNames('alert'), { when: evenIfBroken }));

const objective = z
  .strictObject({
    name: line.max(63).meta({ description: 'Name of the objective, unique in the document.', examples: ['availability'] }),
    target: percent({ minPpm: 1, maxPpm: 999_999, example: '99.9%' }).describe('Share of events that have to be good.'),
    window: window.describe('Time over which it is kept.'),
    below: duration({ minMs: 1, example: '500ms' })
      .optional()
      .describe('A request is good when it took less than this; without it, when it did not fail.'),
    events: events
      .optional()
      .describe('Counters of the source that good and bad events are counted by; without it they are the requests of users.'),
    slices: z
      .strictObject({
        each: slots({ minMs: 10_000, maxMs: dayMs, example: '1m' }).describe('Length of a slice of time.'),
        target: percent({ minPpm: 1, maxPpm: 1_000_000, example: '95%' }).describe(
          'Share of good events that makes it a good one.',
        ),
      })
      .optional()
      .describe('Counts slices of time in place of events: quiet ones weigh as much as busy ones.'),
    alerts: burnPolicy.optional().describe('Burn-rate alerts; P0, P1 and P2 by the usual windows when it is left out.'),
  })
  .superRefine(({ below, events }, context) => {
    const refuse = (message: string, path: PropertyKey[]) => context.addIssue({ code: 'custom', message, path });
    const isHistogram = events?.kind === 'classic' || events?.kind === 'native';
    if (isHistogram && below === undefined)
      refuse('expected below: 500ms beside a histogram: it says which events are good', ['events']);
    if (events?.kind === 'ratio' && below !== undefined)
      refuse('expected no below beside counters of good or bad events: they say themselves which are good', ['below']);
  });

/** Promises to the users of a service. Parses to `Objective`s. */
export const objectives = z
  .array(objective)
  .max(100)
  .superRefine(uniqueNames('objective'), { when: evenIfBroken })
  .transform((given) =>
    given.map(
      ({ name, target, window, below, events, slices, alerts }): Objective => ({
        name,
        targetPpm: target,
        windowMs: typeof window === 'number' ? window : calendarMs[window.calendar],
        belowMs: below ?? null,
        ...(typeof window === 'number' ? {} : { calendar: { unit: window.calendar, zone: window.zone } }),
        ...(events ? { events } : {}),
        ...(slices ? { slices: { everyMs: slices.each, targetPpm: slices.target } } : {}),
        ...(alerts === undefined ? {} : { alerts: alerts === 'off' ? [] : alerts }),
      }),
    ),
  )
  .describe('Promises to the users of the service (SLOs).');
