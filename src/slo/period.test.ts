import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalendarUnit } from '../spec/types.ts';
import { periodAt, periodBefore } from './period.ts';

const ms = Date.parse;
const cases: readonly [unit: CalendarUnit, zone: string, now: string, from: string, to: string][] = [
  ['month', 'UTC', '2026-11-28T17:00:00Z', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
  ['month', 'Europe/Moscow', '2026-11-30T22:00:00Z', '2026-11-30T21:00:00Z', '2026-12-31T21:00:00Z'],
  ['week', 'UTC', '2026-11-29T23:59:59Z', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
  ['week', 'UTC', '2026-11-30T00:00:00Z', '2026-11-30T00:00:00Z', '2026-12-07T00:00:00Z'],
  ['quarter', 'UTC', '2026-05-15T00:00:00Z', '2026-04-01T00:00:00Z', '2026-07-01T00:00:00Z'],
  ['year', 'Asia/Kolkata', '2026-12-31T18:29:59Z', '2025-12-31T18:30:00Z', '2026-12-31T18:30:00Z'],
  // Clocks go back: this day has 25 hours.
  ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  // And forward: this month is an hour shorter.
  ['month', 'America/New_York', '2026-03-15T12:00:00Z', '2026-03-01T05:00:00Z', '2026-04-01T04:00:00Z'],
  // In Santiago they go forward at midnight: the day begins at 01:00.
  ['day', 'America/Santiago', '2026-09-06T12:00:00Z', '2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z'],
];
for (const [unit, zone, now, from, to] of cases)
  test(`the ${unit} in ${zone} at ${now}`, () => {
    const objective = { windowMs: 0, calendar: { unit, zone } };
    assert.deepEqual(periodAt(objective, ms(now)), { fromMs: ms(from), toMs: ms(to) });
    assert.equal(periodBefore(objective, ms(now)).toMs, ms(from));
    assert.deepEqual(periodAt(objective, ms(from)), { fromMs: ms(from), toMs: ms(to) });
    assert.equal(periodAt(objective, ms(to)).fromMs, ms(to));
  });

test('a rolling period ends now', () => {
  const objective = { windowMs: 30 * 86_400_000 };
  const now = ms('2026-11-28T17:00:00Z');
  assert.deepEqual(periodAt(objective, now), { fromMs: now - objective.windowMs, toMs: now });
  assert.equal(periodBefore(objective, now).toMs, now - objective.windowMs);
});
