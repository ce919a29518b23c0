import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UserError } from '../../errors.ts';
import {
  type AskedSilence,
  endSilence,
  noSilences,
  type SilenceEvent,
  type SilencesState,
  setSilence,
  takeSilence,
} from './silence-record.ts';
import { silencedBy, silenceState } from './silences.ts';

const t0 = Date.parse('2026-11-29T01:00:00Z');
const h = 3_600_000;
const fires = (): null => null;

const asked = (more: Partial<AskedSilence> = {}): AskedSilence => ({
  id: null,
  matcherSets: [[{ name: 'team', op: '=', value: 'payments' }]],
  startsAtMs: t0,
  endsAtMs: t0 + h,
  untilResolved: null,
  by: 'anna',
  comment: 'known',
  from: null,
  ...more,
});

function taken(state: SilencesState, events: readonly SilenceEvent[], at: number): SilencesState {
  return events.reduce((before, event) => takeSilence(before, { ...event, at }), state);
}

function set(state: SilencesState, more: Partial<AskedSilence>, newId: string, at: number): { id: string; state: SilencesState } {
  const { id, events } = setSilence(state, asked(more), newId, fires, at);
  return { id, state: taken(state, events, at) };
}

test('a silence begins now at the earliest', () => {
  const { state } = set(noSilences, { startsAtMs: t0 - h }, 'a', t0);
  assert.equal(state.get('a')?.startsAtMs, t0);
});

test('a longer silence keeps its id; one of other alerts is another one, and the old one ends', () => {
  const first = set(noSilences, {}, 'a', t0);
  const longer = set(first.state, { id: 'a', endsAtMs: t0 + 2 * h }, 'b', t0 + 1_000);
  assert.deepEqual([longer.id, longer.state.get('a')?.endsAtMs, longer.state.size], ['a', t0 + 2 * h, 1]);
  const other = set(longer.state, { id: 'a', matcherSets: [[{ name: 'team', op: '=', value: 'infra' }]] }, 'b', t0 + 2_000);
  assert.equal(other.id, 'b');
  const states = [...other.state.values()].map((one) => [one.id, silenceState(one, t0 + 2_000)]);
  assert.deepEqual(states, [
    ['a', 'expired'],
    ['b', 'active'],
  ]);
});

test('a silence that is to come and is ended was never active', () => {
  const { state } = set(noSilences, { startsAtMs: t0 + h, endsAtMs: t0 + 2 * h }, 'a', t0);
  const after = taken(state, endSilence(state, 'a', '', null, fires, t0 + 1_000), t0 + 1_000);
  const silence = after.get('a');
  assert(silence);
  for (const at of [t0 + 999, t0 + 1_000, t0 + h, t0 + 1.5 * h]) assert.notEqual(silenceState(silence, at), 'active');
  assert.deepEqual(endSilence(after, 'a', '', null, fires, t0 + 2_000), []);
});

test('labels of programs that are no Prometheus can be kept still, too; one for an alert is about no other of its labels', () => {
  const matcherSets = [[{ name: 'host.name', op: '=', value: 'a' }]] as const;
  const { state } = set(noSilences, { matcherSets, untilResolved: 'x@1', isAlone: true }, 'a', t0);
  const still = (id: string) => silencedBy([...state.values()], { id, labels: { 'host.name': 'a' } }, t0)?.id;
  assert.deepEqual([still('x@1'), still('y@1')], ['a', undefined]);
});

const refusals: readonly (readonly [what: string, more: Partial<AskedSilence>, code: string, message: RegExp])[] = [
  ['an end that has passed', { endsAtMs: t0 - 1 }, 'E_INPUT', /end time/],
  ['more than a year', { endsAtMs: t0 + 400 * 24 * h }, 'E_INPUT', /366 days at most/],
  ['everything', { matcherSets: [[{ name: 'team', op: '=~', value: '.*' }]] }, 'E_INPUT', /must not match the empty string/],
  ['no pattern', { matcherSets: [[{ name: 'team', op: '=~', value: '(' }]] }, 'E_INPUT', /invalid label matcher/],
  ['one that is not there', { id: 'x' }, 'E_UNKNOWN_SILENCE', /no silence x/],
];
for (const [what, more, code, message] of refusals)
  test(`a silence is refused: ${what}`, () =>
    assert.throws(
      () => setSilence(noSilences, asked(more), 'a', fires, t0),
      (error: UserError) => error.code === code && message.test(error.message),
    ));

test('there are at most a thousand at once, and those that are over are forgotten', () => {
  let state = noSilences;
  for (let at = 0; at < 1_000; at += 1) state = set(state, {}, `s${at}`, t0).state;
  assert.throws(() => set(state, {}, 'more', t0), /1000 silences/);
  const later = set(state, { endsAtMs: t0 + 10 * 24 * h }, 'later', t0 + 2 * h);
  assert.equal(later.state.size, 1_001);
  assert.equal(set(later.state, { endsAtMs: t0 + 10 * 24 * h }, 'last', t0 + 6 * 24 * h).state.size, 2);
});

test('whatever is asked, what is silent is within what was asked for last, and the past does not change', () => {
  const step = fc.record({
    id: fc.constantFrom(null, 0, 1, 2),
    start: fc.integer({ min: -2, max: 4 }),
    lasts: fc.integer({ min: 1, max: 4 }),
    ends: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let state = noSilences;
      for (const [index, { id, start, lasts, ends }] of steps.entries()) {
        const at = t0 + index * h;
        const ids = [...state.keys()];
        const wanted = id === null ? null : (ids[id % Math.max(1, ids.length)] ?? null);
        const before = state;
        if (ends && wanted !== null) state = taken(state, endSilence(state, wanted, '', null, fires, at), at);
        else {
          const startsAtMs = at + start * h;
          const endsAtMs = startsAtMs + lasts * h;
          if (endsAtMs <= at) continue;
          state = set(state, { id: wanted, startsAtMs, endsAtMs }, `s${index}`, at).state;
        }
        for (const one of before.values())
          for (let past = t0; past < at; past += h / 2) {
            const now = state.get(one.id);
            if (now)
              assert.equal(silenceState(now, past) === 'active', silenceState(one, past) === 'active', `${one.id} at ${past}`);
          }
      }
    }),
  );
});
