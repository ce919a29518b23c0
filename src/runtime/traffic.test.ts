import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCounts, type Sample } from '../analysis/sample.ts';
import { trafficIn } from './traffic.ts';

function sample(second: number, n: number, errors: number, histogram: readonly number[], seconds?: number): Sample {
  const stable = { ...noCounts, n, errors, histogram };
  const base = { second, edgesMs: [], weight: 0, stable, candidate: null };
  return seconds === undefined ? base : { ...base, seconds };
}

test('recent traffic is requests over the seconds that were counted, with the errors and the latency of all of them', () => {
  assert.deepEqual(trafficIn([sample(100, 30, 1, [40, 29, 50, 1]), sample(101, 10, 0, [38, 2, 40, 8]), sample(102, 0, 0, [])]), {
    requestsPerSecond: 40 / 3,
    errorPpm: 25_000,
    histogram: [38, 2, 40, 37, 50, 1],
    everyS: 1,
  });
});

test('a source that counts every 15 s is not taken for fifteen times the traffic', () => {
  const scraped = [sample(115, 600, 0, [54, 600], 15), sample(130, 600, 0, [54, 600], 15)];
  assert.equal(trafficIn(scraped)?.requestsPerSecond, 40);
  assert.equal(trafficIn(scraped)?.everyS, 15);
  // Without a word about it, the time since the reading before is what one covers.
  assert.equal(trafficIn([sample(100, 40, 0, []), sample(115, 600, 0, [])])?.requestsPerSecond, 40);
});

test('seconds without an answer tell nothing, and seconds without requests tell that there are none', () => {
  assert.equal(trafficIn([]), null);
  assert.equal(trafficIn([{ ...sample(100, 1, 0, []), stable: null }]), null);
  assert.equal(trafficIn([sample(100, 40, 0, []), { ...sample(101, 0, 0, []), stable: null }])?.requestsPerSecond, 40);
  assert.deepEqual(trafficIn([sample(100, 0, 0, [])]), { requestsPerSecond: 0, errorPpm: null, histogram: [], everyS: 1 });
});
