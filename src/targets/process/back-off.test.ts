import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endsInRow, hasRecovered, remainingDelayMs, restartDelayMs } from './back-off.ts';

test('the wait doubles from the first restart on, up to the longest one', () => {
  const policy = { backoff: 1_000, max: 30_000 };
  const waits = [0, 1, 2, 3, 4, 5, 6, 7, 1_000].map((ends) => restartDelayMs(ends, policy));
  assert.deepEqual(waits, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('whatever the policy, the wait is never longer than its bound and never gets shorter', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 10, max: 3_600_000 }),
      fc.integer({ min: 10, max: 86_400_000 }),
      (ends, backoff, max) => {
        const now = restartDelayMs(ends, { backoff, max });
        assert(now <= max && now <= restartDelayMs(ends + 1, { backoff, max }));
      },
    ),
  );
});

test('a minute of readiness without a break makes the next end the first one again', () => {
  assert.deepEqual([null, 0, 59_999, 60_000].map(hasRecovered), [false, false, false, true]);
  assert.deepEqual([endsInRow(0, null), endsInRow(4, 59_999), endsInRow(4, 60_000)], [1, 5, 1]);
});

test('what is left of a wait is never more than the longest one, whatever the clock did', () => {
  const policy = { max: 30_000 };
  const left = [-5_000, 0, 1_500, 9_000_000].map((inMs) => remainingDelayMs(1_000_000 + inMs, 1_000_000, policy));
  assert.deepEqual(left, [0, 0, 1_500, 30_000]);
});
