import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedule } from '../setup.fixture.ts';
import { noOverrides, type OnCallEvent, overridesOf, schedulesWith, takeOnCall } from './overrides.ts';
import { onCallAt } from './shifts.ts';

const dayMs = 86_400_000;
const atMs = Date.parse('2026-11-09T12:00Z');
const schedules = [
  schedule('payments', '{ layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-11-09 } } ] }'),
];
const names = { schedules, people: [{ name: 'anna' }, { name: 'boris' }, { name: 'carl' }] };
const overridden = (id: string, fromMs: number, untilMs: number): OnCallEvent & { readonly at: number } => ({
  kind: 'on-call-overridden',
  actor: 'dora',
  at: atMs,
  data: { id, schedule: 'payments', overrides: [{ person: 'carl', fromMs, untilMs, insteadOf: null }], why: '' },
});

test('what stands counts after the documents, and what is cancelled never was', () => {
  const state = takeOnCall(noOverrides, overridden('override-1', atMs, atMs + dayMs));
  const [standing] = schedulesWith(schedules, state);
  assert(standing);
  assert.equal(onCallAt(standing, atMs)?.person, 'carl');
  assert.equal(onCallAt(standing, atMs + dayMs)?.person, 'boris');
  const cancelled = takeOnCall(state, {
    kind: 'on-call-override-cancelled',
    actor: 'dora',
    at: atMs,
    data: { id: 'override-1', why: '' },
  });
  assert.deepEqual(schedulesWith(schedules, cancelled), schedules);
  assert.equal(cancelled.count, 1, 'its id is not given again');
});

test('what has been over for a month is forgotten', () => {
  let state = takeOnCall(noOverrides, overridden('old', atMs - 40 * dayMs, atMs - 32 * dayMs));
  state = takeOnCall(state, overridden('new', atMs, atMs + dayMs));
  assert.deepEqual(
    state.standing.map(({ id }) => id),
    ['new'],
  );
});

test('a swap takes the turns that two people have, also where an earlier swap has given them', () => {
  const day = (person: string, days: number) => ({
    person,
    fromMs: Date.parse('2026-11-10T09:00Z') + days * dayMs,
    untilMs: Date.parse('2026-11-11T09:00Z') + days * dayMs,
  });
  const wish = { schedule: 'payments', times: [day('boris', 0), day('anna', 1)] as const };
  const overrides = overridesOf(wish, names, noOverrides, atMs);
  assert.deepEqual(
    overrides.map(({ person, insteadOf }) => [person, insteadOf]),
    [
      ['anna', 'boris'],
      ['boris', 'anna'],
    ],
  );
  const data = { id: 'swap-1', schedule: 'payments', overrides, why: '' };
  const state = takeOnCall(noOverrides, { kind: 'on-call-overridden', actor: 'dora', at: atMs, data });
  const swapped = { ...names, schedules: schedulesWith(schedules, state) };
  assert.throws(
    () => overridesOf(wish, swapped, state, atMs),
    /boris is not on call of payments from 2026-11-10 09:00 to 2026-11-11 09:00 \(UTC\)/,
  );
  const back = { schedule: 'payments', times: [day('anna', 0), day('boris', 1)] as const };
  assert.equal(overridesOf(back, swapped, state, atMs).length, 2);
});
