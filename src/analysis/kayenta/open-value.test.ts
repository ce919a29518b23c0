import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantileMs } from '../quantile.ts';
import { bucketCount, bucketEdgeMs, bucketOf } from '../sample.ts';
import { simulatedStart, uniform } from '../simulated-traffic.fixture.ts';

const empty = new Array<number>(bucketCount).fill(0);
const filled = (...pairs: readonly [bucket: number, count: number][]) => {
  const counts = empty.slice();
  for (const [bucket, count] of pairs) counts[bucket] = count;
  return counts;
};

test('a quantile lies within its bucket, between neighbours by share', () => {
  const half = quantileMs(filled([40, 100]), 500_000);
  assert(half && Math.abs(half - bucketEdgeMs(39.5)) < 1e-9);
  assert.equal(quantileMs(filled([40, 95], [60, 5]), 950_000), bucketEdgeMs(40));
  assert(Number(quantileMs(filled([40, 95], [60, 5]), 950_001)) > bucketEdgeMs(59));
});

test('the ends: nothing, the first bucket from 0, the last without an end', () => {
  assert.equal(quantileMs(empty, 950_000), null);
  assert.equal(quantileMs([], 950_000), null);
  assert.equal(quantileMs(filled([0, 10]), 500_000), 0.5);
  assert.equal(quantileMs(filled([99, 10]), 500_000), bucketEdgeMs(98));
});

test('read off a histogram, a quantile is that of the requests within a bucket', () => {
  const random = uniform(simulatedStart);
  const times = Array.from({ length: 5_000 }, () => 80 * Math.exp(random() + random() - 1));
  const counts = empty.slice();
  for (const ms of times) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  const sorted = times.toSorted((a, b) => a - b);
  for (const ppm of [500_000, 900_000, 950_000, 990_000]) {
    const exact = sorted[Math.ceil((ppm / 1e6) * times.length) - 1] ?? Number.NaN;
    const read = quantileMs(counts, ppm) ?? Number.NaN;
    assert(read / exact < 1.04 && exact / read < 1.04, `${ppm}: ${read} for ${exact}`);
  }
});
