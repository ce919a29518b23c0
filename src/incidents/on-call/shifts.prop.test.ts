import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ScheduleLayer, ScheduleSpec } from '../../spec/schedule.ts';
import { onCallAt, shiftsBetween } from './shifts.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
/** Moments in which clocks of these zones change, and one in which they do not. */
const changes: readonly (readonly [zone: string, moment: string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Asia/Kolkata', '2026-03-29T01:00Z'],
];
const people = ['a', 'b', 'c', 'd'];

const formats = new Map(
  zones.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })]),
);
const clockAt = (zone: string, ms: number): number => Date.parse(`${formats.get(zone)?.format(ms).replace(' ', 'T')}Z`);

/** The latest that clocks have shown up to a moment: they are put back by an hour at most, and on a whole half hour. */
function reached(zone: string, ms: number): number {
  let latest = clockAt(zone, ms);
  const halfHour = ms - (ms % (30 * minuteMs));
  for (let back = 0; back <= 4; back += 1) latest = Math.max(latest, clockAt(zone, halfHour - back * 30 * minuteMs - minuteMs));
  return latest;
}

/** Who has the turn, told another way than the code does: by what clocks have reached. */
function personIn(
  { firstLocalMs, turnMs, untilMs, people: names, windows }: ScheduleLayer,
  zone: string,
  ms: number,
): string | null {
  const clock = reached(zone, ms);
  if (clock < firstLocalMs || (untilMs !== null && ms >= untilMs)) return null;
  const intoWeek = (((clock - 4 * dayMs) % weekMs) + weekMs) % weekMs;
  const isOpen = windows.some(
    ({ fromMinute, minutes }) => (((intoWeek - fromMinute * minuteMs) % weekMs) + weekMs) % weekMs < minutes * minuteMs,
  );
  if (windows.length > 0 && !isOpen) return null;
  return names[Math.floor((clock - firstLocalMs) / turnMs) % names.length] ?? null;
}

function personAt({ layers, overrides, timeZone }: ScheduleSpec, ms: number): string | null {
  const override = overrides.findLast(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs);
  if (override) return override.person;
  return layers.map((layer) => personIn(layer, timeZone, ms)).findLast((name) => name !== null) ?? null;
}

const window = fc.record({
  fromMinute: fc.nat(10_079),
  minutes: fc.oneof(fc.integer({ min: 1, max: 1_440 }), fc.constant(10_080)),
});

function anySchedule(zone: string, nearMs: number): fc.Arbitrary<ScheduleSpec> {
  const minutes = fc.oneof(fc.integer({ min: -3 * 1_440, max: 3 * 1_440 }), fc.integer({ min: -120, max: 120 }));
  const near = minutes.map((some) => nearMs + some * minuteMs);
  const layer = fc.record({
    name: fc.constant('layer'),
    firstLocalMs: fc.oneof(near, fc.constant(Date.parse('2024-02-29T09:00Z'))),
    turnMs: fc.oneof(
      fc.constantFrom(hourMs, 12 * hourMs, dayMs, weekMs, 14 * dayMs),
      fc.integer({ min: 60, max: 3_000 }).map((some) => some * minuteMs),
    ),
    untilMs: fc.option(near),
    people: fc.array(fc.constantFrom(...people), { minLength: 1, maxLength: 4 }),
    windows: fc.array(window, { maxLength: 3 }),
  });
  const override = fc.tuple(near, fc.integer({ min: 1, max: 2_000 })).map(([fromMs, lasting]) => ({
    person: 'override',
    fromMs,
    untilMs: fromMs + lasting * minuteMs,
    why: null,
    insteadOf: null,
  }));
  return fc.record({
    name: fc.constant('any'),
    timeZone: fc.constant(zone),
    layers: fc.array(layer, { maxLength: 3 }),
    overrides: fc.array(override, { maxLength: 3 }),
  });
}

test('shifts cover a time without gap or overlap, and say of each moment who is on call in it', () => {
  const story = fc.constantFrom(...changes).chain(([zone, moment]) => {
    const changeMs = Date.parse(moment);
    return fc.tuple(fc.constant(changeMs), anySchedule(zone, changeMs));
  });
  fc.assert(
    fc.property(story, ([changeMs, schedule]) => {
      const [fromMs, untilMs] = [changeMs - 2 * dayMs, changeMs + 2 * dayMs];
      const shifts = shiftsBetween(schedule, fromMs, untilMs);
      assert.equal(shifts[0]?.fromMs, fromMs);
      assert.equal(shifts.at(-1)?.untilMs, untilMs);
      const check = (ms: number): void => {
        const shift = shifts.find((one) => one.fromMs <= ms && ms < one.untilMs);
        assert(shift);
        assert.deepEqual(onCallAt(schedule, ms), shift.onCall);
        assert.equal(shift.onCall?.person ?? null, personAt(schedule, ms), new Date(ms).toISOString());
      };
      for (const [index, shift] of shifts.entries()) {
        assert(shift.fromMs < shift.untilMs);
        if (index > 0) assert.equal(shift.fromMs, shifts[index - 1]?.untilMs);
        // Edges of the document are whole minutes, so are those of shifts.
        check(shift.fromMs);
        check(shift.untilMs - minuteMs);
      }
      for (let ms = changeMs - 3 * hourMs; ms < changeMs + 3 * hourMs; ms += 10 * minuteMs) check(ms);
    }),
    { numRuns: 200 },
  );
});

test('whoever takes turns takes as many as the others, and as long but for the nights in which clocks change', () => {
  const rotation = fc.record({
    zone: fc.constantFrom(...zones),
    names: fc.uniqueArray(fc.constantFrom(...people), { minLength: 1, maxLength: 4 }),
    turnHours: fc.constantFrom(12, 24, 36, 168),
    rounds: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(rotation, ({ zone, names, turnHours, rounds }) => {
      const turnMs = turnHours * hourMs;
      const firstLocalMs = Date.parse('2026-03-01T09:00Z');
      const layer = { name: 'all', firstLocalMs, turnMs, untilMs: null, people: names, windows: [] };
      const schedule = { name: 'fair', timeZone: zone, layers: [layer], overrides: [] };
      const shifts = shiftsBetween(schedule, firstLocalMs - dayMs, firstLocalMs + (rounds * names.length + 3) * turnMs);
      const taken = shifts.filter(({ onCall }) => onCall).slice(0, rounds * names.length);
      for (const name of names) {
        const own = taken.filter(({ onCall }) => onCall?.person === name);
        assert.equal(own.length, rounds);
        const lastedMs = own.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
        assert(Math.abs(lastedMs - rounds * turnMs) <= 2 * hourMs);
      }
    }),
    { numRuns: 100 },
  );
});
