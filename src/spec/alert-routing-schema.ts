import { z } from 'zod';
import { type AlertMatcher, matchersIn } from './alert-matcher.ts';
import { patternOf } from './alert-pattern.ts';
import { found } from './issue-text.ts';
import { dayOfMonthRange, minuteRange, monthRange, type TimeInterval, weekdayRange, yearRange } from './time-interval.ts';
import { duration } from './units.ts';

/** Whose words a document is in: those of ours, or those of `alertmanager.yml`. Both mean the same. */
export type RoutingWords = 'ours' | 'alertmanager';

/** A key in those words: `groupBy`, `group_by`. */
export function wordOf(words: RoutingWords, key: string): string {
  return words === 'ours' ? key : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A node as it is written. What is undefined comes from the node above. */
export type RouteDraft = {
  readonly policy?: string | undefined;
  readonly notifiers?: readonly string[] | undefined;
  readonly receiver?: string | undefined;
  readonly groupBy?: readonly string[] | undefined;
  readonly groupWait?: number | undefined;
  readonly groupInterval?: number | undefined;
  readonly repeatInterval?: number | undefined;
  readonly matchers?: readonly AlertMatcher[] | undefined;
  readonly match?: readonly AlertMatcher[] | undefined;
  readonly matchRe?: readonly AlertMatcher[] | undefined;
  readonly continue?: boolean | undefined;
  readonly muteTimeIntervals?: readonly string[] | undefined;
  readonly activeTimeIntervals?: readonly string[] | undefined;
  readonly routes?: readonly RouteDraft[] | undefined;
};

export type InhibitDraft = {
  readonly name?: string | undefined;
  readonly equal?: readonly string[] | undefined;
} & Partial<
  Readonly<
    Record<
      'sourceMatchers' | 'targetMatchers' | 'sourceMatch' | 'targetMatch' | 'sourceMatchRe' | 'targetMatchRe',
      readonly AlertMatcher[]
    >
  >
>;

export type IntervalDraft = { readonly name: string; readonly timeIntervals: readonly TimeInterval[] };

/** More than people can follow. */
const routesMax = 500;
const namesMax = 100;
const labelName = z.string().min(1).max(200);
const intervalName = z.string().min(1).max(200);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const matchers = z
  .array(
    z.string().transform((text, context) => {
      const read = matchersIn(text);
      if (!('problem' in read)) return read;
      context.addIssue({ code: 'custom', message: `expected a matcher such as severity="critical": ${read.problem}` });
      return z.NEVER;
    }),
  )
  .max(namesMax)
  .transform((lists) => lists.flat())
  .describe('What labels have to be like, all of them: name="value", != or, with a regular expression (RE2), =~ and !~.');

/** `{ owner: team-A }`, older than matchers. */
const match = z
  .record(labelName, scalar)
  .transform((labels) => Object.entries(labels).map(([name, value]): AlertMatcher => ({ name, op: '=', value })));

const matchRe = z
  .record(
    labelName,
    scalar.superRefine((text, context) => {
      const pattern = patternOf(text);
      if ('problem' in pattern)
        context.addIssue({
          code: 'custom',
          message: `expected a regular expression (RE2), found ${found(text)}: ${pattern.problem}`,
        });
    }),
  )
  // Alertmanager anchors these before it makes matchers of them, and keys of routes have them so.
  .transform((labels) =>
    Object.entries(labels).map(([name, value]): AlertMatcher => ({ name, op: '=~', value: `^(?:${value})$` })),
  );

const groupBy = z
  .array(labelName)
  .max(namesMax)
  .superRefine((names, context) => {
    const again = names.findIndex((name, at) => names.indexOf(name) !== at);
    if (again >= 0)
      context.addIssue({
        code: 'custom',
        message: `expected each label once, found ${found(names[again])} again`,
        path: [again],
      });
    if (names.length > 1 && names.includes('...'))
      context.addIssue({ code: 'custom', message: 'expected "..." alone: it stands for all labels' });
  })
  .describe('Labels by which alerts are put together; "..." for all of them, [] for one group.');

/** As Prometheus writes durations: `0` needs no unit, and a year has 365 days. */
function span(words: RoutingWords, minMs: number) {
  const schema = duration({ minMs, maxMs: 366 * 86_400_000, example: '5m' });
  if (words === 'ours') return schema;
  return z.preprocess((value) => {
    if (value === 0 || value === '0') return '0s';
    return typeof value === 'string' ? value.replace(/^(\d{1,3})y/, (_, years) => `${Number(years) * 365}d`) : value;
  }, schema);
}

/** Puts keys into our words. */
function renamed<Draft>(words: RoutingWords, value: object): Draft {
  if (words === 'ours') return value as Draft;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), one]),
  ) as Draft;
}

function inWords(words: RoutingWords, shape: Readonly<Record<string, z.ZodType>>) {
  return z.strictObject(Object.fromEntries(Object.entries(shape).map(([key, schema]) => [wordOf(words, key), schema])));
}

/**
 * The schema of a node of the tree with those below it.
 *
 * @param receivers - What names who is told, in these words.
 */
export function routeSchema(words: RoutingWords, receivers: Readonly<Record<string, z.ZodType>>): z.ZodType<RouteDraft> {
  const names = z.array(intervalName).max(namesMax).optional();
  const route: z.ZodType<RouteDraft> = inWords(words, {
    ...receivers,
    // Alertmanager takes an empty list for none given; with us it is a wish: one group.
    groupBy:
      words === 'ours' ? groupBy.optional() : groupBy.transform((names) => (names.length === 0 ? undefined : names)).optional(),
    groupWait: span(words, 0).optional().describe(`How long the first message waits for more alerts. Default: ${words === 'ours' ? '0s' : '30s'}.`),
    groupInterval: span(words, 1_000).optional().describe('How often news of a group is told. Default: 5m.'),
    repeatInterval: span(words, 1_000).optional().describe('How often a group without news is told again. Default: 4h.'),
    matchers: matchers.optional(),
    ...(words === 'alertmanager' && { match: match.optional(), matchRe: matchRe.optional() }),
    continue: z.boolean().optional().describe('Ask the nodes after it too when it has taken an alert.'),
    muteTimeIntervals: names.describe('Names of intervals in which nobody is told.'),
    activeTimeIntervals: names.describe('Names of intervals outside of which nobody is told.'),
    routes: z
      .array(z.lazy(() => route))
      .max(routesMax)
      .optional()
      .describe('Nodes below it: the first that takes an alert has it.'),
  }).transform((value): RouteDraft => renamed(words, value));
  return route;
}

/** The schema of an inhibition. */
export function inhibitSchema(words: RoutingWords): z.ZodType<InhibitDraft> {
  const older = {
    sourceMatch: match.optional(),
    sourceMatchRe: matchRe.optional(),
    targetMatch: match.optional(),
    targetMatchRe: matchRe.optional(),
  };
  return inWords(words, {
    name: z.string().min(1).max(200).optional().describe('For people.'),
    sourceMatchers: matchers.optional().describe('Alerts that speak for others while they fire.'),
    targetMatchers: matchers.optional().describe('Alerts that others speak for.'),
    ...(words === 'alertmanager' && older),
    equal: z.array(labelName).max(namesMax).optional().describe('Labels that both have the same values of.'),
  }).transform((value): InhibitDraft => renamed(words, value));
}

/** A part of an interval; its errors are the reader's. */
function part<Value extends object>(read: (text: string) => Value | { readonly problem: string }) {
  return z
    .array(
      z.union([z.string(), z.number()]).transform((text, context): Value => {
        const value = read(String(text));
        if (!('problem' in value)) return value;
        context.addIssue({ code: 'custom', message: value.problem });
        return z.NEVER;
      }),
    )
    .max(namesMax)
    .optional();
}

const location = z
  .string()
  .superRefine((text, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    if (text === 'Local') return refuse('expected the name of a time zone: "Local" would be another one on each machine');
    try {
      new Intl.DateTimeFormat('en', { timeZone: text });
    } catch {
      refuse(`expected a time zone such as UTC or Europe/Moscow, found ${found(text)}`);
    }
  })
  .describe('Time zone of the clocks. Default: UTC.');

/** The schema of one interval. */
export function timeIntervalSchema(words: RoutingWords): z.ZodType<TimeInterval> {
  const times = z
    .array(
      inWords(words, { startTime: z.string(), endTime: z.string() })
        .transform((value) => renamed<{ startTime: string; endTime: string }>(words, value))
        .transform(({ startTime, endTime }, context) => {
          const range = minuteRange(startTime, endTime);
          if (!('problem' in range)) return range;
          context.addIssue({ code: 'custom', message: range.problem });
          return z.NEVER;
        }),
    )
    .max(namesMax)
    .optional();
  type Draft = { [Key in keyof TimeInterval]?: TimeInterval[Key] };
  return inWords(words, {
    times: times.describe('Parts of a day: { startTime: "09:00", endTime: "17:00" }, without their end.'),
    weekdays: part(weekdayRange).describe('monday, or monday:friday.'),
    daysOfMonth: part(dayOfMonthRange).describe('1:15, or from the end of the month: -3:-1.'),
    months: part(monthRange).describe('january:march, or 1:3.'),
    years: part(yearRange).describe('2026, or 2026:2028.'),
    location: location.optional(),
  }).transform((value): TimeInterval => {
    const { times: minutes, weekdays, daysOfMonth, months, years, location: zone } = renamed<Draft>(words, value);
    return {
      times: minutes ?? null,
      weekdays: weekdays ?? null,
      daysOfMonth: daysOfMonth ?? null,
      months: months ?? null,
      years: years ?? null,
      location: zone || 'UTC',
    };
  });
}

/** The schema of intervals that share a name. */
export function namedIntervalSchema(words: RoutingWords): z.ZodType<IntervalDraft> {
  return inWords(words, {
    name: intervalName,
    timeIntervals: z.array(timeIntervalSchema(words)).max(namesMax),
  }).transform((value): IntervalDraft => renamed(words, value));
}
