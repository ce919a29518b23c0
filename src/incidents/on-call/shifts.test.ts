import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedule } from '../setup.fixture.ts';
import { onCallAt, type Shift, shiftsBetween } from './shifts.ts';

const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(`${text}Z`);

/** A shift as people read it: `anna Sun 09:00 – Mon 09:00 (23h)`. */
function line({ fromMs, untilMs, onCall }: Shift, zone: string): string {
  const clock = (ms: number): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit' })
      .format(ms)
      .replace(',', '');
  return `${onCall?.person ?? 'nobody'} ${clock(fromMs)} – ${clock(untilMs)} (${(untilMs - fromMs) / hourMs}h)`;
}

const daily = (zone: string): string =>
  `{ timeZone: ${zone}, layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-01-01 } } ]  }`;

const nights: readonly [zone: string, from: string, until: string, shifts: readonly string[]][] = [
  [
    'Europe/Berlin',
    '2026-03-28T08:00',
    '2026-03-30T07:00',
    ['anna Sat 09:00 – Sun 09:00 (23h)', 'boris Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'Europe/Berlin',
    '2026-10-24T07:00',
    '2026-10-26T08:00',
    ['anna Sat 09:00 – Sun 09:00 (25h)', 'boris Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'America/New_York',
    '2026-03-07T14:00',
    '2026-03-09T13:00',
    ['boris Sat 09:00 – Sun 09:00 (23h)', 'anna Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'America/New_York',
    '2026-10-31T13:00',
    '2026-11-02T14:00',
    ['boris Sat 09:00 – Sun 09:00 (25h)', 'anna Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'Australia/Lord_Howe',
    '2026-04-03T22:00',
    '2026-04-05T22:30',
    ['boris Sat 09:00 – Sun 09:00 (24.5h)', 'anna Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'Australia/Lord_Howe',
    '2026-10-02T22:30',
    '2026-10-04T22:00',
    ['boris Sat 09:00 – Sun 09:00 (23.5h)', 'anna Sun 09:00 – Mon 09:00 (24h)'],
  ],
  [
    'Asia/Kolkata',
    '2026-03-28T03:30',
    '2026-03-30T03:30',
    ['anna Sat 09:00 – Sun 09:00 (24h)', 'boris Sun 09:00 – Mon 09:00 (24h)'],
  ],
];
for (const [zone, from, until, shifts] of nights)
  test(`from 09:00 to 09:00 stays there in ${zone} from ${from.slice(0, 10)} on`, () => {
    assert.deepEqual(
      shiftsBetween(schedule('daily', daily(zone)), at(from), at(until)).map((shift) => line(shift, zone)),
      shifts,
    );
  });

test('turns within a night: what clocks leave out has no turn, what they show twice has a longer one', () => {
  const hourly = schedule(
    'hourly',
    '{ timeZone: Europe/Berlin, layers: [ { name: all, people: [a, b, c, d, e], rotation: { every: 1h, at: "00:00", from: 2026-01-01 } } ] }',
  );
  const night = (from: string, hours: number): readonly string[] =>
    shiftsBetween(hourly, at(from), at(from) + hours * hourMs).map((shift) => line(shift, 'Europe/Berlin').slice(2));
  assert.deepEqual(night('2026-03-29T00:00', 2), ['Sun 01:00 – Sun 03:00 (1h)', 'Sun 03:00 – Sun 04:00 (1h)']);
  assert.deepEqual(night('2026-10-24T23:00', 4), [
    'Sun 01:00 – Sun 02:00 (1h)',
    'Sun 02:00 – Sun 03:00 (2h)',
    'Sun 03:00 – Sun 04:00 (1h)',
  ]);
});

test('layers, restrictions, overrides and swaps: what is written last counts', () => {
  const zone = 'Europe/Berlin';
  const all = schedule(
    'all',
    `{ timeZone: ${zone}, layers: [
      { name: weeks, people: [anna, boris], rotation: { every: 1w, on: monday, from: 2026-11-08 } },
      { name: office, people: [carl], rotation: { every: 1d, from: 2026-11-01 }, until: 2026-11-11, restrictions: [ { days: [monday, tuesday, wednesday], from: "09:00", until: "17:00" } ] } ],
      overrides: [ { person: dora, from: 2026-11-10 12:00, until: 2026-11-10 20:00, why: a wedding } ],
      swaps: [ { between: [ { person: anna, from: 2026-11-12, until: 2026-11-13 }, { person: boris, from: 2026-11-19, until: 2026-11-20 } ] } ] }`,
  );
  assert.deepEqual(
    shiftsBetween(all, at('2026-11-08T23:00'), at('2026-11-19T23:00')).map((shift) => line(shift, zone)),
    [
      'nobody Mon 00:00 – Mon 09:00 (9h)',
      'carl Mon 09:00 – Mon 17:00 (8h)',
      'anna Mon 17:00 – Tue 09:00 (16h)',
      'carl Tue 09:00 – Tue 12:00 (3h)',
      'dora Tue 12:00 – Tue 20:00 (8h)',
      'anna Tue 20:00 – Thu 00:00 (28h)',
      'boris Thu 00:00 – Fri 00:00 (24h)',
      'anna Fri 00:00 – Mon 09:00 (81h)',
      'boris Mon 09:00 – Thu 00:00 (63h)',
      'anna Thu 00:00 – Fri 00:00 (24h)',
    ],
  );
  assert.deepEqual(onCallAt(all, at('2026-11-10T11:00')), {
    person: 'dora',
    by: { kind: 'override', index: 0, insteadOf: null, why: 'a wedding' },
  });
  assert.deepEqual(onCallAt(all, at('2026-11-12T11:00'))?.by, { kind: 'override', index: 1, insteadOf: 'anna', why: null });
  assert.deepEqual(onCallAt(all, at('2026-11-09T11:00'))?.by, { kind: 'layer', layer: 'office', turn: 8 });
});

test('a swap moves what the two have themselves, and nothing that others have in between', () => {
  const of = (swap: string): readonly string[] => {
    const spec = `{ layers: [
      { name: days, people: [anna, boris], rotation: { every: 1d, from: 2026-11-09 }, restrictions: [ { from: "09:00", until: "21:00" } ] },
      { name: noon, people: [carl], rotation: { every: 1d, from: 2026-11-09 }, restrictions: [ { from: "12:00", until: "13:00" } ] } ],
      swaps: [ { between: [ ${swap} ] } ] }`;
    const shifts = shiftsBetween(schedule('s', spec), at('2026-11-09T09:00'), at('2026-11-10T21:00'));
    return shifts.map((shift) => line(shift, 'UTC'));
  };
  const swapped = [
    'boris Mon 09:00 – Mon 12:00 (3h)',
    'carl Mon 12:00 – Mon 13:00 (1h)',
    'boris Mon 13:00 – Mon 21:00 (8h)',
    'nobody Mon 21:00 – Tue 09:00 (12h)',
    'anna Tue 09:00 – Tue 12:00 (3h)',
    'carl Tue 12:00 – Tue 13:00 (1h)',
    'anna Tue 13:00 – Tue 21:00 (8h)',
  ];
  const each = '{ person: anna, from: 2026-11-09, until: 2026-11-10 }, { person: boris, from: 2026-11-10, until: 2026-11-11 }';
  assert.deepEqual(of(each), swapped);
  // Of a time that both give, each has what the other had.
  assert.deepEqual(of(each.replaceAll(/from: \S+ until: \S+/g, 'from: 2026-11-09, until: 2026-11-11')), swapped);
});

test('a weekend is one restriction, and nights go over midnight', () => {
  const spec = (restriction: string): string =>
    `{ timeZone: America/New_York, layers: [ { name: all, people: [anna], rotation: { every: 4w, from: 2026-01-01 }, restrictions: [ ${restriction} ] } ] }`;
  const shown = (restriction: string): readonly string[] =>
    shiftsBetween(schedule('s', spec(restriction)), at('2026-10-30T12:00'), at('2026-11-03T17:00'))
      .filter(({ onCall }) => onCall)
      .map((shift) => line(shift, 'America/New_York'));
  assert.deepEqual(shown('{ from: friday 17:00, until: monday 09:00 }'), ['anna Fri 17:00 – Mon 09:00 (65h)']);
  assert.deepEqual(shown('{ days: [saturday, sunday], from: "22:00", until: "06:00" }'), [
    'anna Sat 22:00 – Sun 06:00 (9h)',
    'anna Sun 22:00 – Mon 06:00 (8h)',
  ]);
  assert.deepEqual(shown('{ days: [sunday], from: "00:00", until: "24:00" }'), ['anna Sun 00:00 – Mon 00:00 (25h)']);
});

test('a schedule of nothing has one shift of nobody', () => {
  assert.deepEqual(shiftsBetween(schedule('empty', '{}'), 0, 10), [{ fromMs: 0, untilMs: 10, onCall: null }]);
  assert.deepEqual(shiftsBetween(schedule('empty', '{}'), 10, 10), []);
});
