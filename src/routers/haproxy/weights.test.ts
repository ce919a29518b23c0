import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { weightsOf } from './weights.ts';

const sum = (weights: readonly number[]): number => weights.reduce((total, weight) => total + weight, 0);

test('one server of each has the percents themselves', () => {
  for (const percent of [0, 1, 10, 37, 50, 99, 100])
    assert.deepEqual(weightsOf(percent, 1, 1), { stable: [100 - percent], candidate: [percent] });
});

const cases: readonly [percent: number, stable: number, candidate: number, want: ReturnType<typeof weightsOf>][] = [
  [20, 2, 1, { stable: [40, 40], candidate: [20] }],
  [50, 1, 2, { stable: [50], candidate: [25, 25] }],
  [25, 2, 2, { stable: [75, 75], candidate: [25, 25] }],
  [100, 0, 3, { stable: [], candidate: [100, 100, 100] }],
  [0, 3, 0, { stable: [100, 100, 100], candidate: [] }],
];
for (const [percent, stable, candidate, want] of cases)
  test(`${percent} % with ${stable} against ${candidate}`, () => assert.deepEqual(weightsOf(percent, stable, candidate), want));

test('the share is exact whatever the numbers of servers are, and HAProxy takes every weight', () => {
  const servers = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), servers, servers, (percent, stableServers, candidateServers) => {
      const { stable, candidate } = weightsOf(percent, stableServers, candidateServers);
      assert.equal(stable.length, stableServers);
      assert.equal(candidate.length, candidateServers);
      for (const weight of [...stable, ...candidate]) assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= 256);
      assert.equal(sum(candidate) * 100, percent * (sum(stable) + sum(candidate)));
      for (const side of [stable, candidate]) assert.ok(Math.max(...side) - Math.min(...side) <= 1);
    }),
  );
});
