import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addHistogram, noRequests, quantileMs } from './quantile.ts';
import { bucketEdgeMs, bucketOf } from './sample.ts';
import { uniform } from './simulated-traffic.fixture.ts';

const of = (histogram: readonly number[], quantilePpm: number): number | null => {
  const counts = noRequests();
  addHistogram(counts, histogram);
  return quantileMs(counts, quantilePpm);
};

test('without requests there is no quantile', () => assert.equal(of([], 500_000), null));

test('within a bucket the logarithm is shared out evenly', () => {
  assert.equal(of([20, 100], 500_000), bucketEdgeMs(19.5));
  assert.equal(of([20, 100], 1_000_000), bucketEdgeMs(20));
  assert.equal(of([20, 50, 40, 50], 500_000), bucketEdgeMs(20));
  assert.equal(of([20, 50, 40, 50], 750_000), bucketEdgeMs(39.5));
});

test('below a millisecond it is shared out evenly itself', () => assert.equal(of([0, 4], 250_000), 0.25));

test('in the last bucket it is at least its lower edge, and buckets beyond are that one', () => {
  assert.equal(of([99, 5], 500_000), bucketEdgeMs(98));
  assert.equal(of([140, 5], 500_000), bucketEdgeMs(98));
});

test('it is within 12 % of the quantile of the latencies themselves', () => {
  const random = uniform(1);
  const latencies = Array.from({ length: 4_000 }, () => 5 * Math.exp(3 * random()));
  const counts = noRequests();
  for (const ms of latencies) addHistogram(counts, [bucketOf(ms), 1]);
  latencies.sort((a, b) => a - b);
  for (const ppm of [10_000, 500_000, 950_000, 990_000]) {
    const exact = latencies[Math.ceil((latencies.length * ppm) / 1e6) - 1] ?? Number.NaN;
    const ratio = (quantileMs(counts, ppm) ?? Number.NaN) / exact;
    assert(Math.abs(Math.log10(ratio)) < 1 / 20, `${ppm}: ${ratio}`);
  }
});
