import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import { calendarText } from '../../incidents/on-call/calendar-text.ts';
import { importedShifts } from '../../incidents/on-call/imported.ts';
import { shiftsBetween } from '../../incidents/on-call/shifts.ts';
import { person, schedule } from '../../incidents/setup.fixture.ts';
import { readCalendar } from './read-calendar.ts';

const dayMs = 86_400_000;
const window = { zone: 'Europe/Berlin', fromMs: Date.parse('2026-10-20T00:00Z'), untilMs: Date.parse('2026-11-20T00:00Z') };
const calendar = (...lines: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: readonly string[]): readonly string[] => [
  'BEGIN:VEVENT',
  'UID:one',
  'SUMMARY:Anna',
  ...lines,
  'END:VEVENT',
];

async function times(...lines: readonly string[]): Promise<readonly string[]> {
  const events = await readCalendar(calendar(...lines), 'team.ics', window);
  const text = (ms: number): string => new Date(ms).toISOString().slice(5, 16);
  return events.map(({ fromMs, untilMs }) => `${text(fromMs)} ${text(untilMs)}`);
}

const outlook = [
  'BEGIN:VTIMEZONE',
  'TZID:W. Europe Standard Time',
  'BEGIN:STANDARD',
  'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010101T020000',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];
/** Each Saturday at 09:00 for a day, over the night in which clocks are put back. */
const saturdays = ['10-24T07:00 10-25T08:00', '10-31T08:00 11-01T08:00', '11-07T08:00 11-08T08:00'];
const weekly = (zone: string, rule: string, ...more: readonly string[]): readonly string[] =>
  event(`DTSTART;TZID=${zone}:20261017T090000`, `DTEND;TZID=${zone}:20261018T090000`, `RRULE:FREQ=WEEKLY;${rule}`, ...more);

const cases: readonly [name: string, lines: readonly string[], times: readonly string[]][] = [
  ['a zone that the runtime knows', weekly('Europe/Berlin', 'COUNT=4'), saturdays],
  ['the same behind a prefix', weekly('/freeassociation.sourceforge.net/Europe/Berlin', 'UNTIL=20261107T080000Z'), saturdays],
  ['a zone that the calendar describes itself', [...outlook, ...weekly('W. Europe Standard Time', 'UNTIL=20261107')], saturdays],
  [
    'times that are left out, moved and cancelled',
    [
      ...weekly('Europe/Berlin', 'COUNT=4', 'EXDATE;TZID=Europe/Berlin:20261031T090000'),
      ...event('RECURRENCE-ID;TZID=Europe/Berlin:20261107T090000', 'DTSTART:20261109T080000Z', 'DURATION:PT8H'),
      ...event('STATUS:CANCELLED', 'DTSTART:20261030T080000Z', 'DURATION:PT8H'),
    ],
    [saturdays[0] ?? '', '11-09T08:00 11-09T16:00'],
  ],
  [
    'whole days, in the zone that was given',
    event('DTSTART;VALUE=DATE:20261025', 'DTEND;VALUE=DATE:20261026'),
    ['10-24T22:00 10-25T23:00'],
  ],
  [
    'days of the clock and exact hours',
    event('DTSTART;TZID=Europe/Berlin:20261024T120000', 'DURATION:P1DT2H'),
    ['10-24T10:00 10-25T13:00'],
  ],
  ['what lies beside the time', event('DTSTART:20260101T000000Z', 'DURATION:PT1H'), []],
  ['a rule that no day fits', event('DTSTART:20260101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31'), []],
];
for (const [name, lines, expected] of cases) test(name, async () => assert.deepEqual(await times(...lines), expected));

const bad: readonly [name: string, text: string, error: string][] = [
  ['no calendar', 'hello', 'no iCalendar'],
  ['nothing', '', 'no iCalendar'],
  ['a calendar that is cut off', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT', 'no iCalendar'],
  ['an unknown zone', calendar(...weekly('Mars', 'COUNT=1')), 'the zone Mars is not known, nor described'],
  ['each second', calendar(...event('DTSTART:20260101T000000Z', 'RRULE:FREQ=SECONDLY')), 'its rule is not read: FREQ'],
  [
    'hours of a day',
    calendar(...event('DTSTART:20260101T000000Z', 'RRULE:FREQ=DAILY;BYHOUR=9,17')),
    'its rule is not read: BYHOUR',
  ],
  ['no time', calendar(...event('DTSTART:20269999T000000Z')), 'DTSTART is no time'],
  ['no beginning', calendar(...event()), 'an event has no DTSTART'],
  [
    'since long ago',
    calendar(...event('DTSTART:19800101T000000Z', 'RRULE:FREQ=DAILY')),
    'it has come again for more than 20 years',
  ],
  [
    'too many',
    calendar(...Array.from({ length: 50 }, () => event('DTSTART:20261001T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY')).flat()),
    'there are more than 1000 events in the time',
  ],
];
for (const [name, text, error] of bad)
  test(`refused: ${name}`, () =>
    assert.rejects(readCalendar(text, 'team.ics', window), (thrown) => {
      assert(thrown instanceof UserError && thrown.code === 'E_CALENDAR');
      assert(thrown.where.startsWith('team.ics') && thrown.message.startsWith(error), thrown.message);
      return true;
    }));

test('a calendar that was written is read back with the same people at the same times', async () => {
  const people = [
    person('anna', '{ fullName: "Анна, Петрова; 👩‍🚒 с очень длинным именем, которое занимает больше одной строки" }'),
    person('boris', '{}'),
  ];
  const zone = 'America/New_York';
  const written = schedule(
    'payments',
    `{ timeZone: ${zone}, layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-10-01 }, restrictions: [ { from: "18:00", until: "08:00" } ] } ], swaps: [ { between: [ { person: anna, from: 2026-11-01, until: 2026-11-02 }, { person: boris, from: 2026-11-02, until: 2026-11-03 } ] } ] }`,
  );
  const [fromMs, untilMs] = [window.fromMs, window.fromMs + 30 * dayMs];
  const text = calendarText({ schedules: [written], people, person: null, fromMs, untilMs, nowMs: fromMs, language: 'ru' });
  const { shifts, unknown } = importedShifts(await readCalendar(text, 'own.ics', { zone, fromMs, untilMs }), people);
  assert.deepEqual(unknown, []);
  const own = shiftsBetween(written, fromMs - dayMs, untilMs + dayMs).flatMap(({ onCall, ...time }) =>
    onCall && time.untilMs > fromMs && time.fromMs < untilMs ? [{ person: onCall.person, ...time }] : [],
  );
  assert.deepEqual(shifts, own);
});

test('whose an event is: who is invited, else whose name is in the title, and never a guess', () => {
  const people = [
    person('anna', '{ fullName: Anna Petrova, contacts: [ { notifier: mail, to: Anna@shop.example } ] }'),
    person('ann', '{ fullName: Ann Lee }'),
  ];
  const whose = (summary: string, ...attendees: readonly string[]): string => {
    const { shifts, unknown } = importedShifts([{ summary, attendees, fromMs: 0, untilMs: 1 }], people);
    return shifts[0]?.person ?? `? ${unknown.join()}`;
  };
  assert.equal(whose('On Call - Ann Lee - Payments'), 'ann');
  assert.equal(whose('anna: nights'), 'anna');
  assert.equal(whose('Annabel'), '? Annabel');
  assert.equal(whose('ann and anna'), '? ann and anna');
  assert.equal(whose('Ann Lee', 'anna@shop.example'), 'anna');
});
