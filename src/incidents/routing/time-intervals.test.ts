import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { z } from 'zod';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { timeIntervalSchema } from '../../spec/alert-routing-schema.ts';
import { explain } from '../../spec/explain.ts';
import { minuteRange, type TimeInterval } from '../../spec/time-interval.ts';
import { readYaml } from '../../spec/yaml-source.ts';
import { intervalAt, isNever, isWithin, nextChange } from './time-intervals.ts';

const one = timeIntervalSchema('alertmanager');
const list = z.array(one);

function read(yaml: string): { readonly intervals: readonly TimeInterval[]; readonly problems: readonly string[] } {
  const [document] = readYaml(yaml, 'x.yml').documents;
  const value = document?.value;
  const result = explain(Array.isArray(value) ? list : one, value);
  if (!result.ok) return { intervals: [], problems: result.findings.map(({ message }) => message) };
  return { intervals: [result.value].flat(), problems: [] };
}

/** `02 Jan 06 15:04 +0000`. */
function momentOf(text: string): number {
  const [, day = '', month, year, time, zone] = /^(\d+) (\w+) (\d\d) (\d\d:\d\d) ([+-]\d{4})$/.exec(text) ?? [];
  const ms = Date.parse(`${day.padStart(2, '0')} ${month} 20${year} ${time} ${zone}`);
  assert(Number.isFinite(ms), text);
  return ms;
}

function holds(intervals: readonly TimeInterval[], { contains = [], excludes = [] }: Times): void {
  const isIn = (text: string): boolean => intervals.some((interval) => isWithin(interval, momentOf(text)));
  for (const text of contains) assert(isIn(text), text);
  for (const text of excludes) assert(!isIn(text), text);
}

type Times = { readonly contains?: readonly string[]; readonly excludes?: readonly string[] };
type Vectors = {
  readonly parse: readonly (Times & { readonly yaml: string; readonly error?: string | null })[];
  readonly parse_time_range: readonly { readonly in: string; readonly error: boolean }[];
  readonly contains: readonly (Times & { readonly interval: { readonly days_of_month?: readonly string[] } })[];
  readonly complete: readonly (Times & { readonly yaml: string })[];
  readonly mutes: {
    readonly intervals: Readonly<Record<string, unknown>>;
    readonly cases: readonly { readonly now: string; readonly muted_by: readonly string[] }[];
  };
};

withVectors<Vectors>('alertmanager/time_intervals.json', (vectors) => {
  const rows = [...vectors.parse, ...vectors.complete];
  assert(rows.length >= 23);
  for (const { yaml, ...more } of rows)
    test(`an interval as Alertmanager reads it: ${JSON.stringify(yaml.replace(/^\s*---/, ''))}`, () => {
      const { intervals, problems } = read(yaml);
      const error = 'error' in more ? more.error : null;
      if (typeof error === 'string') return assert.deepEqual(problems, [error]);
      assert.deepEqual(problems, []);
      holds(intervals, more);
    });

  assert(vectors.contains.length >= 8);
  for (const { interval, ...times } of vectors.contains)
    test(`what is within an interval: ${JSON.stringify(interval)}`, () => {
      // One of them has days that no text can say, so these are not read.
      const { days_of_month: days, ...rest } = interval;
      const daysOfMonth = days?.map((text) => text.split(':').map(Number)).map(([from = 0, to = from]) => ({ from, to })) ?? null;
      const { intervals } = read(stringify(rest));
      assert.equal(intervals.length, 1);
      holds(
        intervals.map((one) => ({ ...one, daysOfMonth })),
        times,
      );
    });

  assert(vectors.parse_time_range.length >= 8);
  for (const { in: yaml, error } of vectors.parse_time_range)
    test(`a part of a day as Alertmanager has it: ${yaml}`, () =>
      assert.equal(read(`times: [${yaml}]`).problems.length > 0, error));

  const { intervals, cases } = vectors.mutes;
  const named = new Map(Object.entries(intervals).map(([name, given]) => [name, read(stringify(given)).intervals]));
  for (const { now, muted_by } of cases)
    test(`who mutes at ${now}`, () => {
      const names = [...named.keys()].filter((name) => intervalAt([name], named, Date.parse(now)) !== null);
      assert.deepEqual(names, muted_by);
    });
});

test('on the night when clocks are put forward a part of the day that does not exist holds at no moment', () => {
  const { intervals } = read(`times: [{ start_time: '02:00', end_time: '03:00' }]\nlocation: Europe/Berlin`);
  const within = (fromMs: number): number =>
    Array.from({ length: 24 * 60 }, (_, minute) => fromMs + minute * 60_000).filter((ms) =>
      intervals.some((interval) => isWithin(interval, ms)),
    ).length;
  assert.equal(within(Date.parse('2026-03-28T23:00Z')), 0);
  assert.equal(within(Date.parse('2026-10-24T22:00Z')), 120, 'and twice when they are put back');
  assert.equal(within(Date.parse('2026-06-01T22:00Z')), 60);
});

const never: readonly (readonly [yaml: string, want: boolean])[] = [
  ["months: ['february']\ndays_of_month: ['30:31']", true],
  ["months: ['february']\ndays_of_month: ['29']", false],
  ["months: ['february']\ndays_of_month: ['29']\nyears: ['2025:2027']", true],
  ["months: ['april']\ndays_of_month: ['31']\nweekdays: ['monday']", true],
  ["months: ['february']\ndays_of_month: ['29']\nweekdays: ['sunday']", false],
  ['times: []', true],
  ['{}', false],
];
for (const [yaml, want] of never)
  test(`an interval ${want ? 'that never holds' : 'that may hold'}: ${JSON.stringify(yaml)}`, () => {
    const [interval] = read(yaml).intervals;
    assert(interval);
    assert.equal(isNever(interval), want);
  });

test('when an interval ends is found to the minute', () => {
  const named = new Map([['night', read("times: [{ start_time: '00:00', end_time: '09:00' }]").intervals]]);
  const at = (text: string): number => Date.parse(text);
  assert.equal(nextChange(['night'], named, at('2026-01-01T03:04:05Z'), at('2026-01-02T00:00Z'), false), at('2026-01-01T09:00Z'));
  assert.equal(nextChange(['night'], named, at('2026-01-01T10:00Z'), at('2026-01-01T20:00Z'), true), null);
});

test('a part of a day needs no two digits for its hour', () =>
  assert.deepEqual(minuteRange('9:05', '24:00'), { from: 545, until: 1_440 }));
