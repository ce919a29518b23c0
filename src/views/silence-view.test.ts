import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silenceView } from './silence-view.ts';

test('a silence that has just been set is active, also where the clock of the record is ahead', () => {
  const atMs = Date.parse('2026-11-29T01:00:00Z');
  const silence = {
    id: 's1',
    matcherSets: [],
    startsAtMs: atMs,
    endsAtMs: atMs + 60_000,
    untilResolved: null,
    by: 'anna',
    comment: '',
    setAtMs: atMs,
  };
  const state = (startsAtMs: number, nowMs: number) => silenceView({ ...silence, startsAtMs }, () => null, nowMs).state;
  assert.deepEqual(
    [state(atMs, atMs - 5), state(atMs, atMs + 5), state(atMs + 10, atMs - 5), state(atMs, atMs + 60_000)],
    ['active', 'active', 'pending', 'expired'],
  );
});
