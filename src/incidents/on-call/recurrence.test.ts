import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { beginnings, type Recurrence } from './recurrence.ts';

const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const plain: Recurrence = {
  frequency: 'DAILY',
  interval: 1,
  count: null,
  untilLocalMs: null,
  weekStart: 0,
  weekdays: [],
  monthDays: [],
  months: [],
  positions: [],
};
const first = Date.parse('2026-01-30T09:00Z');
const texts = (rule: Partial<Recurrence>, until: string): readonly string[] =>
  [...beginnings({ ...plain, ...rule }, first, Date.parse(until))].map((ms) => new Date(ms).toISOString().slice(0, 10));

const cases: readonly [name: string, rule: Partial<Recurrence>, until: string, days: readonly string[]][] = [
  ['every other day, three times', { interval: 2, count: 3 }, '2027', ['2026-01-30', '2026-02-01', '2026-02-03']],
  ['up to a moment', { untilLocalMs: first + 86_400_000 }, '2027', ['2026-01-30', '2026-01-31']],
  ['each week on the day of the first', { frequency: 'WEEKLY' }, '2026-02-14', ['2026-01-30', '2026-02-06', '2026-02-13']],
  ['months without that day are left out', { frequency: 'MONTHLY' }, '2026-05-01', ['2026-01-30', '2026-03-30', '2026-04-30']],
  [
    'the last Friday of a month',
    { frequency: 'MONTHLY', weekdays: [{ weekday: 4, nth: -1 }] },
    '2026-04-01',
    ['2026-01-30', '2026-02-27', '2026-03-27'],
  ],
  [
    'the last working day of a month',
    { frequency: 'MONTHLY', weekdays: [0, 1, 2, 3, 4].map((weekday) => ({ weekday, nth: null })), positions: [-1] },
    '2026-04-01',
    ['2026-01-30', '2026-02-27', '2026-03-31'],
  ],
  ['a day that no year has', { frequency: 'YEARLY', months: [2], monthDays: [30] }, '2100', []],
  ['a leap day', { frequency: 'YEARLY', months: [2], monthDays: [-1] }, '2028-12-31', ['2026-02-28', '2027-02-28', '2028-02-29']],
];
for (const [name, rule, until, days] of cases) test(name, () => assert.deepEqual(texts(rule, until), days));

test('another reader of the same rules says the same', () => {
  const weekday = fc.record({ weekday: fc.nat(6), nth: fc.constant(null) });
  const nth = fc.record({ weekday: fc.nat(6), nth: fc.constantFrom(1, 2, 3, -1, -2) });
  const some = <One>(one: fc.Arbitrary<One>) => fc.uniqueArray(one, { maxLength: 3, selector: (value) => JSON.stringify(value) });
  const shape = fc.oneof(
    fc.record({ frequency: fc.constant('DAILY' as const) }),
    fc.record({ frequency: fc.constant('WEEKLY' as const), weekdays: some(weekday), weekStart: fc.constantFrom(0, 6) }),
    fc.record({ frequency: fc.constant('MONTHLY' as const), weekdays: some(nth) }),
    fc.record({ frequency: fc.constant('MONTHLY' as const), monthDays: some(fc.integer({ min: 1, max: 28 })) }),
    fc.record({ frequency: fc.constant('YEARLY' as const) }),
  );
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 700 }), (given, interval, later) => {
      const rule: Recurrence = { ...plain, ...given, interval };
      const days = rule.weekdays.map((one) => `${one.nth ?? ''}${names[one.weekday]}`);
      const text = [
        `FREQ=${rule.frequency};INTERVAL=${interval};WKST=${names[rule.weekStart]}`,
        ...(days.length > 0 ? [`BYDAY=${days.join(',')}`] : []),
        ...(rule.monthDays.length > 0 ? [`BYMONTHDAY=${rule.monthDays.join(',')}`] : []),
      ].join(';');
      // It has the first moment in it also where the rule has not; so it is asked from one on that fits.
      const start = beginnings(rule, first + later * 86_400_000, Number.POSITIVE_INFINITY).next().value;
      const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
      const ours = beginnings(rule, start, Number.POSITIVE_INFINITY);
      const theirs = ICAL.Recur.fromString(text).iterator(ICAL.Time.fromDateTimeString(iso(start)));
      for (let count = 0; count < 20; count += 1) assert.equal(iso(ours.next().value), theirs.next().toString(), text);
    }),
    { numRuns: 200 },
  );
});
