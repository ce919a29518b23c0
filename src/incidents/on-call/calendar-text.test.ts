import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, schedule } from '../setup.fixture.ts';
import { calendarText } from './calendar-text.ts';

const dayMs = 86_400_000;
const fromMs = Date.parse('2026-10-24T12:00Z');
const people = [
  person('anna', '{ fullName: "Анна; Петрова, \\\\ 👩‍🚒 очень длинное имя, которое не помещается в одну строку календаря" }'),
];
const schedules = [
  schedule(
    'payments',
    '{ timeZone: Europe/Berlin, layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-10-01 } } ], overrides: [ { person: boris, from: 2026-10-25 12:00, until: 2026-10-25 13:00, why: "a; b, c" } ] }',
  ),
];
const asked = { schedules, people, person: null, fromMs, untilMs: fromMs + 2 * dayMs, nowMs: fromMs, language: 'en' as const };
const unfolded = (text: string): readonly string[] => text.replaceAll('\r\n ', '').split('\r\n');

test('lines end with CRLF, are at most 75 bytes long, and no letter is cut', () => {
  const text = calendarText(asked);
  assert(text.endsWith('END:VCALENDAR\r\n'));
  assert.doesNotMatch(text, /[^\r]\n/);
  for (const line of text.split('\r\n')) assert(Buffer.byteLength(line) <= 75 && !line.includes('\ufffd'), line);
  assert(
    unfolded(text).includes(
      'SUMMARY:On call: payments (Анна\\; Петрова\\, \\\\ 👩‍🚒 очень длинное имя\\, которое не помещается в одну строку календаря)',
    ),
  );
});

test('shifts are whole, in UTC, and say why they are there', () => {
  const lines = unfolded(calendarText(asked));
  const all = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));
  // The night in which clocks are put back lies in the second one.
  assert.deepEqual(all('DTSTART'), [
    '20261024T070000Z',
    '20261025T080000Z',
    '20261025T110000Z',
    '20261025T120000Z',
    '20261026T080000Z',
  ]);
  assert.deepEqual(all('DTEND'), [
    '20261025T080000Z',
    '20261025T110000Z',
    '20261025T120000Z',
    '20261026T080000Z',
    '20261027T080000Z',
  ]);
  assert.deepEqual(all('DESCRIPTION').slice(1, 3), ['layer all', 'override: a\\; b\\, c']);
});

test('a shift has the same UID whenever it is asked for, and a person has a calendar of their own', () => {
  const uids = (more: object): readonly string[] =>
    unfolded(calendarText({ ...asked, ...more })).filter((line) => line.startsWith('UID:'));
  const later = uids({ fromMs: fromMs + dayMs, untilMs: fromMs + 3 * dayMs });
  assert.deepEqual(later.slice(0, 2), uids({}).slice(-2));
  assert.deepEqual(uids({ person: 'anna' }), [
    'UID:payments.20261025T080000Z.anna@rampart',
    'UID:payments.20261025T120000Z.anna@rampart',
  ]);
  assert(calendarText({ ...asked, language: 'ru' }).includes('Дежурство: payments'));
});
