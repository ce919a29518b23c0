import { z } from 'zod';
import { clockMinutes, clockTime, date, moment, momentIn, timeZone, weekday, weekdayOf, weekdays } from './calendar-time.ts';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { personName, scheduleName } from './person.ts';
import { safeUrl } from './safe-address.ts';
import { type NamedSecret, namedSecret } from './secret.ts';
import { apiVersion } from './service.ts';
import { uniqueNames } from './unique-names.ts';
import { duration } from './units.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** Part of each week in which a layer counts, by the clocks of the schedule's zone. */
export type WeeklyWindow = {
  /** Minutes since Monday, 00:00; 0 … 10,079. */
  readonly fromMinute: number;
  /** How long on the clock; at most a week. */
  readonly minutes: number;
};

/** People who take turns. */
export type ScheduleLayer = {
  readonly name: string;
  /** Beginning of the first turn by the clocks of the zone, as if it was UTC, in milliseconds. */
  readonly firstLocalMs: number;
  /** Length of a turn on those clocks. Whole minutes. */
  readonly turnMs: number;
  /** Unix milliseconds; null: it has no end. */
  readonly untilMs: number | null;
  /** In the order of their turns; at least one. */
  readonly people: readonly string[];
  /** Empty: always. */
  readonly windows: readonly WeeklyWindow[];
};

/** Somebody who is on call for a time whatever the layers say. */
export type ScheduleOverride = {
  readonly person: string;
  /** Unix milliseconds; `untilMs` is not in it. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly why: string | null;
  /** Whose turn it takes, where two have swapped theirs; null: it is no swap. */
  readonly insteadOf: string | null;
};

/** A calendar elsewhere whose events say who is on call. */
export type ScheduleCalendar = {
  /** Its address, or where that is kept. */
  readonly url: string | NamedSecret;
  readonly everyMs: number;
  /** How it was last read. Absent: nobody has asked for it here. */
  readonly read?: CalendarRead;
};

/** What is known of a calendar elsewhere. */
export type CalendarRead = {
  /** When it was last read, in unix milliseconds; null: never. */
  readonly atMs: number | null;
  /** Why it could not be read the last time; null: it could. */
  readonly problem: string | null;
  /** Titles of events of which it cannot be told whose they are. */
  readonly unknown: readonly string[];
};

/** A `Schedule` document, checked and with every default filled in: of layers and of overrides that cover a moment the last one counts. */
export type ScheduleSpec = {
  readonly name: string;
  readonly timeZone: string;
  readonly layers: readonly ScheduleLayer[];
  readonly overrides: readonly ScheduleOverride[];
  /** Its events count as overrides before those. Absent: it has none. */
  readonly calendar?: ScheduleCalendar;
};

const line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });

const rotation = z
  .strictObject({
    every: duration({ minMs: 3_600_000, maxMs: 366 * dayMs, example: '1w' })
      .refine((ms) => ms % minuteMs === 0, { error: 'expected whole minutes' })
      .describe('How long a turn is: 1d, 1w, 12h. By the clock: a day is from 09:00 to 09:00 also when clocks change.'),
    at: clockTime.prefault('09:00').describe('When one hands over to the next.'),
    on: weekday.optional().describe('On which day, of turns that last whole weeks; left out: the day of `from`.'),
    from: date.describe('The day of the first turn; with `on` the first such day from it on.'),
  })
  .superRefine(({ every, on }, context) => {
    if (on !== undefined && every % weekMs !== 0)
      context.addIssue({
        code: 'custom',
        message: 'expected turns of whole weeks (every: 1w) with a day to hand over',
        path: ['on'],
      });
  })
  .transform(({ every, at, on, from }) => {
    const days = on === undefined ? 0 : (on - dayOfWeek(from) + 7) % 7;
    return { turnMs: every, firstLocalMs: from + days * dayMs + at * minuteMs };
  });

/** Monday is 0. The epoch was a Thursday. */
function dayOfWeek(localMidnightMs: number): number {
  return (((localMidnightMs / dayMs + 3) % 7) + 7) % 7;
}

/** `09:00`, or `friday 17:00`: minutes since midnight, and the day where there is one. */
function edge(text: string): { readonly day: number | null; readonly minutes: number } | undefined {
  const parts = /^(?:([a-z]+) )?(\d\d:\d\d)$/.exec(text);
  const minutes = clockMinutes(parts?.[2] ?? '');
  const day = parts?.[1] === undefined ? null : weekdayOf(parts[1]);
  return parts && minutes !== undefined && day !== -1 ? { day, minutes } : undefined;
}

const edgeText = z
  .string()
  .superRefine((text, context) => {
    if (edge(text)) return;
    const expected = 'expected a time such as "09:00", or a day and a time such as friday 17:00';
    context.addIssue({ code: 'custom', message: `${expected}, found ${found(text)}` });
  })
  .meta({ pattern: `^((${weekdays.join('|')}) )?\\d\\d:\\d\\d$`, examples: ['"09:00"', 'friday 17:00'] });

const restriction = z
  .strictObject({
    days: z.array(weekday).min(1).max(7).optional().describe('On which days it begins; left out: on each.'),
    from: edgeText.describe('When it begins.'),
    until: edgeText.describe('When it ends; not after `from`: on the next day. "24:00" is the end of the day.'),
  })
  .superRefine(({ days, from, until }, context) => {
    const refuse = (message: string, path: string): void => context.addIssue({ code: 'custom', message, path: [path] });
    const [begin, end] = [edge(from), edge(until)];
    if (!begin || !end) return;
    if ((begin.day === null) !== (end.day === null))
      refuse('expected a day in both `from` and `until`, or in none of them', begin.day === null ? 'from' : 'until');
    else if (begin.day !== null && days !== undefined) refuse('expected no days where `from` and `until` name theirs', 'days');
    if (begin.minutes === 1_440) refuse('expected a time before the end of the day', 'from');
  })
  .transform(({ days, from, until }): readonly WeeklyWindow[] => {
    const [begin, end] = [edge(from), edge(until)];
    // What is wrong in itself is refused above; this runs all the same.
    if (!begin || !end) return [];
    if (begin.day !== null && end.day !== null) {
      const fromMinute = begin.day * 1_440 + begin.minutes;
      const minutes = (((end.day * 1_440 + end.minutes - fromMinute) % 10_080) + 10_080) % 10_080;
      return [{ fromMinute, minutes: minutes === 0 ? 10_080 : minutes }];
    }
    const minutes = end.minutes > begin.minutes ? end.minutes - begin.minutes : end.minutes + 1_440 - begin.minutes;
    return [...new Set(days ?? [0, 1, 2, 3, 4, 5, 6])]
      .toSorted((a, b) => a - b)
      .map((day) => ({ fromMinute: day * 1_440 + begin.minutes, minutes }));
  });

const layer = z.strictObject({
  name: line.max(63).describe('What people call it.'),
  rotation: rotation.describe('How long turns are, and when they begin.'),
  people: z.array(personName).min(1).max(100).describe('Who takes turns, in their order. Who is in it twice has two turns.'),
  until: moment.optional().describe('When the layer ends; left out: never.'),
  restrictions: z
    .array(restriction)
    .max(50)
    .default([])
    .describe('When the layer counts; left out: always. Outside of it the layers before it do.'),
});

const span = {
  person: personName,
  from: moment.describe('By the clocks of the schedule, or with an offset such as +01:00.'),
  until: moment.describe('It is not in it.'),
};
const why = line.optional().describe('Why, for people.');

const override = z.strictObject({ ...span, why });
const swap = z.strictObject({
  between: z
    .tuple([z.strictObject(span), z.strictObject(span)])
    .describe('Two people with a time of each: the one is on call in the time of the other.'),
  why,
});

const plainUrl = safeUrl('an address, such as https://calendar.example/team.ics');
const calendar = z
  .strictObject({
    url: choice([plainUrl, namedSecret], (value) => (isMapping(value) ? namedSecret : plainUrl)).describe(
      'Where the iCalendar is: an address, or { env: NAME } where the address itself is a secret.',
    ),
    every: duration({ minMs: 5 * minuteMs, maxMs: dayMs, example: '15m' })
      .prefault('15m')
      .describe('How often it is asked for.'),
  })
  .transform(({ url, every }): ScheduleCalendar => ({ url, everyMs: every }));

/** The schema of a whole `Schedule` document: who is on call when. Parses to a `ScheduleSpec`. */
export const scheduleDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('Schedule').describe('Kind of the document.'),
    metadata: z.strictObject({ name: scheduleName }).describe('What the schedule is called.'),
    spec: z
      .strictObject({
        timeZone: timeZone.default('UTC').describe('Whose clocks its times are of.'),
        layers: z
          .array(layer)
          .max(20)
          .superRefine(uniqueNames('layer'))
          .default([])
          .describe('People who take turns. Where several layers count, the last one does.'),
        overrides: z
          .array(override)
          .max(1_000)
          .default([])
          .describe('Who is on call whatever the layers say. The last one counts.'),
        swaps: z
          .array(swap)
          .max(500)
          .default([])
          .describe('Turns that two people have swapped. They count as overrides after those above.'),
        calendar: calendar
          .optional()
          .describe('A calendar elsewhere: who is on call in the times of its events. Overrides and swaps count more.'),
      })
      .superRefine(checkSpans)
      .describe('The schedule itself.'),
  })
  .meta({ title: 'Rampart schedule', description: 'Who is on call when.' })
  .transform(({ metadata: { name }, spec }): ScheduleSpec => {
    const { timeZone: zone } = spec;
    return {
      name,
      timeZone: zone,
      layers: spec.layers.map(({ name: called, rotation: turns, people, until, restrictions }) => ({
        name: called,
        ...turns,
        untilMs: until === undefined ? null : momentIn(until, zone),
        people,
        windows: restrictions.flat(),
      })),
      overrides: [
        ...spec.overrides.map((one) => ({ ...spanIn(one, zone), why: one.why ?? null, insteadOf: null })),
        ...spec.swaps.flatMap(({ between: [one, other], why: reason }) => [
          { ...spanIn(one, zone), person: other.person, insteadOf: one.person, why: reason ?? null },
          { ...spanIn(other, zone), person: one.person, insteadOf: other.person, why: reason ?? null },
        ]),
      ],
      ...(spec.calendar === undefined ? {} : { calendar: spec.calendar }),
    };
  });

type Span = z.output<typeof swap>['between'][number];

function spanIn({ person, from, until }: Span, zone: string): Pick<ScheduleOverride, 'person' | 'fromMs' | 'untilMs'> {
  return { person, fromMs: momentIn(from, zone), untilMs: momentIn(until, zone) };
}

/** Times have to end after they begin, which cannot be told before their zone is known. */
function checkSpans(
  spec: { readonly timeZone: string; readonly overrides: readonly Span[]; readonly swaps: readonly z.output<typeof swap>[] },
  context: z.core.$RefinementCtx<unknown>,
): void {
  const check = (one: Span, path: readonly PropertyKey[]): void => {
    // What is wrong in itself may stand here as it was written.
    if (!isMapping(one) || !isMapping(one.from) || !isMapping(one.until)) return;
    const { fromMs, untilMs } = spanIn(one, spec.timeZone);
    if (fromMs >= untilMs)
      context.addIssue({ code: 'custom', message: 'expected an end after the beginning', path: [...path, 'until'] });
  };
  for (const [index, one] of spec.overrides.entries()) check(one, ['overrides', index]);
  for (const [index, { between }] of spec.swaps.entries()) {
    for (const [side, one] of between.entries()) check(one, ['swaps', index, 'between', side]);
    if (between[0].person === between[1].person)
      context.addIssue({
        code: 'custom',
        message: `expected two people, found ${found(between[1].person)} twice`,
        path: ['swaps', index, 'between', 1, 'person'],
      });
  }
}
