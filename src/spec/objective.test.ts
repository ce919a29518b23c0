import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { serviceJsonSchema } from './json-schema.ts';
import { calendarMs } from './objective.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';
import type { Objective } from './types.ts';

const kinds = { Service: serviceDocument(standIns) };
const textOf = (objectives: string) =>
  documentWith(`  source: { prometheus: { url: "http://prometheus:9090" } }\n  objectives: [${objectives}]\n`);

function read(objectives: string): readonly Objective[] {
  return parseDocuments(textOf(objectives), 'a.yaml', kinds).flatMap(({ value }) => value.objectives);
}

/** The problems of an objective, each behind what stands at its place. */
function problems(objectives: string): readonly string[] {
  const lines = textOf(objectives).split('\n');
  try {
    read(objectives);
  } catch (error) {
    assert(error instanceof SpecError, String(error));
    return error.problems.map(
      ({ line, column, message, fix }) =>
        `${lines[line - 1]?.slice(column - 1).split(/[\s,\]}]/)[0]} | ${message}${fix === undefined ? '' : ` | ${fix}`}`,
    );
  }
  return [];
}

const minute = 60_000;
const day = 86_400_000;
const plain = { name: 'a', targetPpm: 999_000, windowMs: 30 * day, belowMs: null };
const withKeys = (keys: string) => `{ name: a, target: 99.9%, window: 30d, ${keys} }`;
const tier = { name: 'P', sharePpm: 20_000, longMs: 60 * minute, shortMs: 5 * minute, minBad: 10, tells: 'page' };

const readings: readonly (readonly [string, unknown])[] = [
  ['{ name: a, target: 99.9%, window: 30d }', plain],
  ['{ name: a, target: 99.9%, window: 1m10s }', { ...plain, windowMs: 70_000 }],
  [withKeys('below: 500ms'), { ...plain, belowMs: 500 }],
  [
    '{ name: a, target: 99.9%, window: { calendar: month } }',
    { ...plain, windowMs: 31 * day + 60 * minute, calendar: { unit: 'month', zone: 'UTC' } },
  ],
  [
    '{ name: a, target: 99.9%, window: { calendar: week, zone: Europe/Moscow } }',
    { ...plain, windowMs: 7 * day + 60 * minute, calendar: { unit: 'week', zone: 'Europe/Moscow' } },
  ],
  [withKeys('events: { good: g, total: t }'), { ...plain, events: { kind: 'ratio', count: 'good', query: 'g', total: 't' } }],
  [withKeys('events: { bad: b, total: t }'), { ...plain, events: { kind: 'ratio', count: 'bad', query: 'b', total: 't' } }],
  [
    withKeys('below: 500ms, events: { histogram: h }'),
    { ...plain, belowMs: 500, events: { kind: 'classic', query: 'h', unitMs: 1_000 } },
  ],
  [
    withKeys('below: 500ms, events: { native: h, unit: ms }'),
    { ...plain, belowMs: 500, events: { kind: 'native', query: 'h', unitMs: 1 } },
  ],
  [withKeys('slices: { each: 1m, target: 95% }'), { ...plain, slices: { everyMs: minute, targetPpm: 950_000 } }],
  [withKeys('alerts: off'), { ...plain, alerts: [] }],
  [withKeys('alerts: [{ name: P, budget: 2%, in: 1h }]'), { ...plain, alerts: [tier] }],
  [
    withKeys('alerts: [{ name: P, budget: 2%, in: 1h, short: 10s, minBad: 0, for: 90s, tells: chat }]'),
    { ...plain, alerts: [{ ...tier, shortMs: 10_000, minBad: 0, forMs: 90_000, tells: 'chat' }] },
  ],
  // A twelfth in whole slots, and never less than one.
  [
    withKeys('alerts: [{ name: P, budget: 2%, in: 7m }]'),
    { ...plain, alerts: [{ ...tier, longMs: 7 * minute, shortMs: 40_000 }] },
  ],
  [
    withKeys('alerts: [{ name: P, budget: 2%, in: 10s, for: 0s }]'),
    { ...plain, alerts: [{ ...tier, longMs: 10_000, shortMs: 10_000 }] },
  ],
];
for (const [text, expected] of readings) test(`it is read: ${text}`, () => assert.deepEqual(read(text), [expected]));

const mistakes: readonly (readonly [string, ...string[]])[] = [
  ['{ target: 99%, window: 30d }', '{ | spec.objectives[0].name is missing | expected text'],
  ['{ name: "", target: 99%, window: 30d }', '"" | expected at least 1 character, found 0'],
  [`{ name: ${'a'.repeat(64)}, target: 99%, window: 30d }`, `${'a'.repeat(64)} | expected at most 63 characters, found 64`],
  ['{ name: "a\\nb", target: 99%, window: 30d }', '"a\\nb" | expected one line of text'],
  ['{ name: a, target: 0.99, window: 30d }', '0.99 | expected a percentage such as 99.9%, found 0.99'],
  ['{ name: a, target: 100%, window: 30d }', '100% | expected a percentage from 0.0001% to 99.9999%, found 100%'],
  ['{ name: a, target: 0%, window: 30d }', '0% | expected a percentage from 0.0001% to 99.9999%, found 0%'],
  ['{ name: a, target: 99.99999%, window: 30d }', '99.99999% | expected a percentage such as 99.9%, found "99.99999%"'],
  ['{ name: a, target: 99%, window: 30 }', '30 | expected a duration such as 30d, found 30'],
  ['{ name: a, target: 99% }', '{ | spec.objectives[0].window is missing | expected a duration such as 30d'],
  ['{ name: a, target: 99%, window: 30s }', '30s | expected a duration from 1m to 366d, found 30s'],
  ['{ name: a, target: 99%, window: 367d }', '367d | expected a duration from 1m to 366d, found 367d'],
  ['{ name: a, target: 99%, window: 65s }', '65s | expected whole 10s, found 1m5s'],
  [
    '{ name: a, target: 99%, window: { calendar: fortnight } }',
    'fortnight | expected day, week, month, quarter or year, found "fortnight"',
  ],
  [
    '{ name: a, target: 99%, window: { calendar: month, zone: Moscow } }',
    'Moscow | expected a time zone such as UTC or Europe/Moscow, found "Moscow"',
  ],
  [
    '{ name: a, target: 99%, window: { calendar: month, zon: UTC } }',
    'zon: | unknown key "zon"; did you mean "zone"? Known here: calendar, zone | write zone instead of zon',
  ],
  [withKeys('below: 0ms'), '0ms | expected a duration from 1ms to 366d, found 0ms'],
  [
    withKeys('blow: 1s'),
    'blow: | unknown key "blow"; did you mean "below"? Known here: alerts, below, events, name, slices, target, window | write below instead of blow',
  ],
  [withKeys('events: requests'), 'requests | expected events such as { bad: …, total: … }, found "requests"'],
  [withKeys('events: { bad: b }'), 'events: | spec.objectives[0].events.total is missing | expected text'],
  [withKeys('events: { total: t }'), 'events: | spec.objectives[0].events.bad is missing | expected text'],
  [withKeys('events: { good: g, bad: b, total: t }'), 'bad: | unknown key "bad". Known here: good, total'],
  [withKeys('events: { bad: "a\\nb", total: t }'), '"a\\nb" | expected one line of text'],
  [
    withKeys(`events: { bad: ${'b'.repeat(2_001)}, total: t }`),
    `${'b'.repeat(2_001)} | expected at most 2000 characters, found 2001`,
  ],
  [withKeys('events: { bad: "bad query", total: t }'), '"bad | expected a events, found a bad query'],
  [withKeys('events: { histogram: h }'), '{ | expected below: 500ms beside a histogram: it says which events are good'],
  [withKeys('events: { native: h, unit: m }, below: 1s'), 'm | expected s or ms, found "m"; did you mean "ms"?'],
  [
    withKeys('below: 1s, events: { bad: b, total: t }'),
    '1s | expected no below beside counters of good or bad events: they say themselves which are good',
  ],
  [withKeys('slices: { each: 5s, target: 95% }'), '5s | expected a duration from 10s to 1d, found 5s'],
  [withKeys('slices: { each: 25s, target: 95% }'), '25s | expected whole 10s, found 25s'],
  [withKeys('slices: { each: 1m }'), 'slices: | spec.objectives[0].slices.target is missing | expected a percentage such as 95%'],
  [withKeys('alerts: on'), 'on | expected a list, found "on"'],
  [withKeys('alerts: []'), '[ | expected at least 1 item, found 0'],
  [withKeys('alerts: [{ name: "P 0", budget: 2%, in: 1h }]'), '"P | expected a name such as P0'],
  [withKeys('alerts: [{ name: P0, budget: 101%, in: 1h }]'), '101% | expected a percentage from 0.0001% to 100%, found 101%'],
  [withKeys('alerts: [{ name: P0, budget: 2%, in: 91d }]'), '91d | expected a duration from 10s to 90d, found 91d'],
  [
    withKeys('alerts: [{ name: P0, budget: 2%, in: 61s, short: 15s }]'),
    '61s | expected whole 10s, found 1m1s',
    '15s | expected whole 10s, found 15s',
  ],
  [withKeys('alerts: [{ name: P0, budget: 2%, in: 1h, for: 25h }]'), '25h | expected a duration from 0s to 1d, found 25h'],
  [withKeys('alerts: [{ name: P0, budget: 2%, in: 1h, minBad: -1 }]'), '-1 | expected a number of at least 0, found -1'],
  [withKeys('alerts: [{ name: P0, budget: 2%, in: 1h, minBad: 1.5 }]'), '1.5 | expected a whole number, found 1.5'],
  [
    withKeys('alerts: [{ name: P0, budget: 2%, in: 1h, tells: pager }]'),
    'pager | expected page, chat or email, found "pager"; did you mean "page"?',
  ],
  [
    withKeys('alerts: [{ name: P0, budget: 2%, in: 1h }, { name: P0, budget: 5%, in: 0s }]'),
    'P0 | alert 1 is already called "P0"',
    '0s | expected a duration from 10s to 90d, found 0s',
  ],
  [
    '{ name: a, target: 99%, window: 30d }, { name: a, target: 9, window: 30d }',
    'a | objective 1 is already called "a"',
    '9 | expected a percentage such as 99.9%, found 9',
  ],
  ['5', '5 | expected a mapping (key: value), found 5'],
];
for (const [text, ...expected] of mistakes)
  test(`a mistake: ${expected[0]?.slice(0, 120)}`, () => assert.deepEqual(problems(text), expected));

test('all mistakes of all objectives are told at once', () => {
  assert.equal(problems('{ name: a, target: 1, window: 1, below: 1, slices: {} }, { nam: b, target: 2% }').length, 7);
});

test('a period of the calendar is reckoned with as long as it can be', () => {
  // The longest of each kind, the clocks of Berlin put back in it.
  const between = (from: string, to: string) => Date.parse(to) - Date.parse(from);
  assert.equal(calendarMs.day, between('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00'));
  assert.equal(calendarMs.week, between('2026-10-19T00:00+02:00', '2026-10-26T00:00+01:00'));
  assert.equal(calendarMs.month, between('2026-10-01T00:00+02:00', '2026-11-01T00:00+01:00'));
  assert.equal(calendarMs.quarter, between('2026-10-01T00:00+02:00', '2027-01-01T00:00+01:00'));
  assert.equal(calendarMs.year, between('2028-01-01', '2029-01-01'));
});

type Node = { readonly [key: string]: unknown };

test('what the JSON Schema offers as a default or an example is what people write', () => {
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, examples, default: given, pattern } = node as Node;
    const offered = [...((examples as unknown[] | undefined) ?? []), ...(given === undefined ? [] : [given])];
    for (const value of offered) {
      if (type === 'string') assert.equal(typeof value, 'string', path);
      if (typeof pattern === 'string') assert.match(String(value), new RegExp(pattern), path);
    }
    for (const [key, inner] of Object.entries(node)) visit(inner, `${path}.${key}`);
  };
  visit(serviceJsonSchema(standIns), '');
});
