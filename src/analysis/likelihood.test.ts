import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limitGrowth, pairGrowth } from './likelihood.ts';

/** E[exp(growth)] over independent Poisson counts, summed far into both tails. */
function meanOfPair(
  effect: number,
  meanC: number,
  meanS: number,
  nS: number,
  odds: number,
  factor: number,
  delta: number,
): number {
  let mean = 0;
  for (let x = 0; x < 80; x++) {
    for (let y = 0; y < 80; y++) {
      const [growth = 0] = pairGrowth([effect], x, y, nS, odds, { factor, delta }, 1);
      mean += poissonChance(x, meanC) * poissonChance(y, meanS) * Math.exp(growth);
    }
  }
  return mean;
}

function poissonChance(k: number, mean: number): number {
  let log = -mean;
  for (let i = 1; i <= k; i++) log += Math.log(mean / i);
  return mean === 0 ? (k === 0 ? 1 : 0) : Math.exp(log);
}

test('a candidate exactly at the margin gives evidence with mean 1, whatever stable fails', () => {
  for (const shareS of [0, 0.01, 0.05]) {
    for (const delta of [0, 0.01]) {
      for (const effect of [0.4, 1.5, 3]) {
        const shareC = 1.3 * shareS + delta;
        const mean = meanOfPair(effect, 40 * shareC, 60 * shareS, 60, 40 / 60, 1.3, delta);
        assert.ok(Math.abs(mean - 1) < 1e-9, `share ${shareS}, delta ${delta}, effect ${effect}: ${mean}`);
      }
    }
  }
});

test('a candidate below the margin never gives evidence with a mean above 1', () => {
  const share = fc.double({ min: 0, max: 0.1, noNaN: true });
  fc.assert(
    fc.property(
      share,
      share,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 1.1, max: 6, noNaN: true }),
      (shareS, delta, part, effect) => {
        const shareC = part * (1.3 * shareS + delta);
        assert.ok(meanOfPair(effect, 20 * shareC, 60 * shareS, 60, 1 / 3, 1.3, delta) < 1 + 1e-9);
      },
    ),
    { numRuns: 50 },
  );
});

test('the evidence against a limit has mean 1 at the limit', () => {
  const n = 20;
  const limit = 0.05;
  let mean = 0;
  let chance = (1 - limit) ** n;
  for (let x = 0; x <= n; x++) {
    mean += chance * Math.exp(limitGrowth([8], x, n, limit)[0] ?? 0);
    chance *= ((n - x) / (x + 1)) * (limit / (1 - limit));
  }
  assert.ok(Math.abs(mean - 1) < 1e-9);
});

test('a failure speaks for each effect, a success against it', () => {
  assert.deepEqual(limitGrowth([Math.E], 1, 0, 0.01), [1]);
  assert.ok((limitGrowth([2], 0, 10, 0.01)[0] ?? 0) < 0);
  assert.ok((pairGrowth([5], 1, 0, 9, 1 / 9, { factor: 1.15, delta: 0 }, 1)[0] ?? 0) > 0);
  assert.ok((pairGrowth([5], 0, 1, 9, 1 / 9, { factor: 1.15, delta: 0 }, 1)[0] ?? 0) < 0);
  assert.deepEqual(pairGrowth([5], 0, 0, 0, 1 / 9, { factor: 1.15, delta: 0.01 }, 1), [0]);
});
