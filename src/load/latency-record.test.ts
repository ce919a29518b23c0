import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyRecord } from './latency-record.ts';

/** The smallest of all values that so many do not exceed. */
function nearestRank(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

test('a percentile is the value of its rank, never less, and at most 0.1 % more', () => {
  const values = fc.array(fc.oneof(fc.nat(3_000), fc.nat(2_000_000), fc.nat(1_800_000_000)), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999, 1), (us, share) => {
      const record = new LatencyRecord();
      for (const one of us) record.add(one / 1_000);
      const want = nearestRank(us, share) / 1_000;
      const found = record.at(share);
      assert.ok(found >= want && found <= want * 1.001, `${found} for ${want}`);
      assert.equal(record.latencies.max, Math.max(...us) / 1_000);
    }),
  );
});

test('below two milliseconds every microsecond is told apart', () => {
  const record = new LatencyRecord();
  for (let us = 1; us <= 2_000; us += 1) record.add(us / 1_000);
  assert.equal(record.at(0.5), 1);
  assert.equal(record.at(0.95), 1.9);
  assert.equal(record.at(0.9995), 1.999);
  assert.equal(record.latencies.mean, 1.0005);
});

test('what is out of bounds is counted at the bound, and nothing has no percentiles', () => {
  const record = new LatencyRecord();
  assert.deepEqual(record.latencies, { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 });
  record.add(-1);
  record.add(1e9);
  assert.equal(record.at(0.5), 0);
  assert.equal(record.latencies.max, 1_800_000);
});
