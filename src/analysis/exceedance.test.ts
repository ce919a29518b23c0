import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exceedance, positionOf, positionShift, quantileEdgeMs, shareAbove, sumHistograms } from './exceedance.ts';
import { bucketEdgeMs, bucketOf } from './sample.ts';

const histogram = [20, 50, 30, 40, 40, 9, 60, 1];

test('points are the occupied buckets that something lies above', () => {
  assert.deepEqual(exceedance(histogram), {
    n: 100,
    points: [
      { bucket: 20, share: 0.5 },
      { bucket: 30, share: 0.1 },
      { bucket: 40, share: 0.01 },
    ],
    highest: 60,
  });
  assert.deepEqual(exceedance([]), { n: 0, points: [], highest: null });
  assert.deepEqual(exceedance([7, 3]), { n: 3, points: [], highest: 7 });
});

test('between points the share is log-linear, all are above the first bucket, and beyond the last it falls on from half a request', () => {
  const seen = exceedance(histogram);
  const near = (position: number, share: number) =>
    assert.ok(Math.abs(shareAbove(seen, position) - share) < 1e-12, `${position}`);
  near(20, 0.5);
  near(25, Math.sqrt(0.5 * 0.1));
  near(30, 0.1);
  near(35, Math.sqrt(0.1 * 0.01));
  near(19, 1);
  near(-1, 1);
  near(-30, 1);
  const last = shareAbove(seen, seen.highest ?? 0);
  assert.ok(Math.abs(last * seen.n - 0.5) < 1e-9);
  assert.ok(shareAbove(seen, 70) < last);
  assert.equal(shareAbove(exceedance([]), 10), 0);
  assert.equal(shareAbove(exceedance([7, 3]), 6), 1);
  assert.ok(shareAbove(exceedance([7, 3]), 10) < 0.17);
});

test('a latency that is slower by a factor lies further on by the same way everywhere', () => {
  assert.equal(positionShift(0), 0);
  assert.equal(positionShift(9), 20);
  assert.ok(Math.abs(positionOf(150) + positionShift(0.5) - positionOf(225)) < 1e-12);
  assert.equal(positionOf(0), 0);
});

test('a quantile is at most the upper edge of the bucket that it lies in', () => {
  assert.equal(quantileEdgeMs(exceedance(histogram), 500_000), bucketEdgeMs(20));
  assert.equal(quantileEdgeMs(exceedance(histogram), 900_000), bucketEdgeMs(30));
  assert.equal(quantileEdgeMs(exceedance(histogram), 900_001), bucketEdgeMs(40));
  assert.equal(quantileEdgeMs(exceedance(histogram), 999_999), bucketEdgeMs(60));
  assert.equal(quantileEdgeMs(exceedance([]), 950_000), null);
});

const latencies = fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 60 });
const ofLatencies = (all: readonly number[]) => sumHistograms(all.map((ms) => [bucketOf(ms), 1]));

test('shares fall with the position, are exact at occupied buckets, and sums are those of all requests together', () => {
  fc.assert(
    fc.property(latencies, latencies, (a, b) => {
      const all = [...a, ...b];
      const sum = sumHistograms([ofLatencies(a), ofLatencies(b)]);
      assert.deepEqual(sum, ofLatencies(all));
      const seen = exceedance(sum);
      assert.equal(seen.n, all.length);
      for (const { bucket, share } of seen.points) {
        assert.ok(Math.abs(share - all.filter((ms) => bucketOf(ms) > bucket).length / all.length) < 1e-12);
        assert.ok(Math.abs(shareAbove(seen, bucket) - share) < 1e-12);
      }
      for (let position = -5; position < 120; position += 0.7)
        assert.ok(shareAbove(seen, position + 0.7) <= shareAbove(seen, position) + 1e-12);
    }),
    { numRuns: 50 },
  );
});
