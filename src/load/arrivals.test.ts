import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrivalsOf, turnsOf } from './arrivals.ts';

function all(arrivals: () => number): number[] {
  const times: number[] = [];
  for (let ms = arrivals(); ms !== Number.POSITIVE_INFINITY; ms = arrivals()) times.push(ms);
  return times;
}

test('a constant rate begins exactly so many requests at equal distances, however long it lasts', () => {
  const times = all(arrivalsOf({ perSecond: 3_000, arrivals: 'constant' }, 0, 60_000, 1));
  assert.equal(times.length, 180_000);
  assert.equal(times[3], 1);
  assert.ok(Math.abs((times[179_999] ?? 0) - 59_999.666_666) < 1e-3);
});

test('a ramp grows evenly, begins half as many requests, and ends at the rate', () => {
  const times = all(arrivalsOf({ perSecond: 1_000, arrivals: 'constant' }, 2_000, 3_000, 1));
  const within = (fromMs: number, toMs: number) => times.filter((ms) => ms >= fromMs && ms < toMs).length;
  assert.equal(within(0, 2_000), 1_000);
  assert.equal(within(0, 1_000), 250);
  assert.equal(within(2_000, 3_000), 1_000);
  assert.ok(times.every((ms, index) => index === 0 || ms > (times[index - 1] ?? 0)));
});

test('arrivals by chance have the rate, the spread of a Poisson process, and are the same for the same seed', () => {
  const shape = { perSecond: 1_000, arrivals: 'poisson' as const };
  const times = all(arrivalsOf(shape, 0, 60_000, 7));
  // Standard deviation of the count is 245.
  assert.ok(Math.abs(times.length - 60_000) < 1_000, `${times.length}`);
  const gaps = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.03);
  assert.deepEqual(
    all(arrivalsOf(shape, 0, 1_000, 7)),
    times.filter((ms) => ms < 1_000),
  );
  assert.notDeepEqual(
    all(arrivalsOf(shape, 0, 1_000, 8)),
    times.filter((ms) => ms < 1_000),
  );
});

test('turns follow their weights in every stretch', () => {
  const turn = turnsOf([5, 1, 1]);
  const turns = Array.from({ length: 70 }, turn);
  assert.deepEqual(
    [0, 1, 2].map((one) => turns.slice(0, 7).filter((index) => index === one).length),
    [5, 1, 1],
  );
  assert.equal(turns.filter((index) => index === 0).length, 50);
  assert.equal(turnsOf([3])(), 0);
});
