import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketOf } from '../../analysis/sample.ts';
import { aligned, type Buckets, classicBuckets, increaseOf, slowerThan, summed, toHistogram, totalOf } from './buckets.ts';

const inf = Number.POSITIVE_INFINITY;
const buckets = (...all: [lowMs: number, highMs: number, count: number][]): Buckets =>
  all.map(([lowMs, highMs, count]) => ({ lowMs, highMs, count }));

test('cumulative counts become buckets, in milliseconds, whatever their order', () => {
  const found = classicBuckets(
    [
      [inf, 10],
      [0.07, 4],
      [0.5, 9],
    ],
    1_000,
  );
  assert.deepEqual(found, buckets([0, 70, 4], [70, 500, 5], [500, inf, 1]));
  assert.deepEqual(
    classicBuckets(
      [
        [1, 5],
        [2, 4],
        [inf, 6],
      ],
      1,
    ),
    buckets([0, 1, 5], [1, 2, 0], [2, inf, 1]),
  );
});

const increases: readonly [name: string, before: Buckets, after: Buckets, Buckets][] = [
  [
    'what has come is the difference',
    buckets([0, 1, 2], [1, inf, 3]),
    buckets([0, 1, 5], [1, inf, 3]),
    buckets([0, 1, 3], [1, inf, 0]),
  ],
  [
    'a bucket that fell means that all began anew',
    buckets([0, 1, 2], [1, inf, 3]),
    buckets([0, 1, 5], [1, inf, 1]),
    buckets([0, 1, 5], [1, inf, 1]),
  ],
  ['also one that is gone', buckets([0, 1, 2], [2, 3, 3]), buckets([0, 1, 2]), buckets([0, 1, 2])],
  [
    'a bucket that is new began with 0',
    buckets([1, 2, 2]),
    buckets([0, 1, 1], [1, 2, 2], [2, 4, 7]),
    buckets([0, 1, 1], [1, 2, 0], [2, 4, 7]),
  ],
  [
    'a histogram that has become coarser',
    buckets([1, 2, 2], [2, 4, 1], [4, 8, 3]),
    buckets([1, 4, 5], [4, 16, 3]),
    buckets([1, 4, 2], [4, 16, 0]),
  ],
  ['one that has become finer has begun anew', buckets([1, 4, 2]), buckets([1, 2, 2], [2, 4, 1]), buckets([1, 2, 2], [2, 4, 1])],
];
for (const [name, before, after, want] of increases) test(name, () => assert.deepEqual(increaseOf(before, after), want));

test('two histograms are compared over the edges that both have', () => {
  const coarse = buckets([0, 100, 3], [100, 1_000, 4], [1_000, inf, 1]);
  const fine = buckets([0, 50, 1], [50, 100, 2], [100, 250, 5], [250, 1_000, 6], [1_000, 2_000, 7], [2_000, inf, 0]);
  const [one, other] = aligned(coarse, fine);
  assert.deepEqual(one, coarse);
  assert.deepEqual(other, buckets([0, 100, 3], [100, 1_000, 11], [1_000, inf, 7]));
  const [none] = aligned(buckets([0, 100, 3], [100, inf, 4]), buckets([0, 70, 3], [70, inf, 4]));
  assert.deepEqual(none, buckets([0, inf, 7]));
});

const anyEdges = fc
  .uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 })
  .map((all) => all.sort((a, b) => a - b));
const anyBuckets = anyEdges.chain((edges) =>
  fc
    .array(fc.nat(50), { minLength: edges.length + 1, maxLength: edges.length + 1 })
    .map((counts) => buckets(...counts.map((count, i): [number, number, number] => [edges[i - 1] ?? 0, edges[i] ?? inf, count]))),
);

test('aligning moves nothing over an edge that it keeps, and loses nothing', () => {
  fc.assert(
    fc.property(anyBuckets, anyBuckets, (one, other) => {
      const both = aligned(one, other);
      for (const [before, after] of [
        [one, both[0]],
        [other, both[1]],
      ] as const) {
        assert.equal(totalOf(after), totalOf(before));
        let upTo = 0;
        for (const { highMs, count } of after) {
          upTo += count;
          assert.equal(upTo, totalOf(before.filter((bucket) => bucket.highMs <= highMs)));
        }
      }
      assert.deepEqual(
        both[0].map(({ highMs }) => highMs),
        both[1].map(({ highMs }) => highMs),
      );
    }),
  );
});

test('differences of a growing histogram add up to what it grew by', () => {
  fc.assert(
    fc.property(anyBuckets, fc.array(fc.nat(9), { minLength: 20, maxLength: 20 }), (before, more) => {
      const after = before.map((bucket, i) => ({ ...bucket, count: bucket.count + (more[i] ?? 0) }));
      const increase = increaseOf(before, after);
      assert.deepEqual(
        increase.map(({ count }) => count),
        before.map((_, i) => more[i] ?? 0),
      );
      assert.deepEqual(
        increaseOf(after, after).filter(({ count }) => count > 0),
        [],
      );
    }),
  );
});

test('a bucket counts at its upper edge, and what has none in the last bucket', () => {
  const found = toHistogram(buckets([0, 1, 1], [1, 100, 2], [100, 105, 3], [105, 110, 0], [2_000, inf, 4]));
  assert.deepEqual(found, [0, 1, bucketOf(100), 2, bucketOf(105), 3, 99, 4]);
});

const slow = buckets([0, 100, 10], [100, 200, 10], [200, inf, 4]);
const slower: readonly [edgeMs: number, count: number][] = [
  [100, 14],
  [200, 4],
  [150, 9],
  [50, 19],
  [5_000, 4],
];
for (const [edgeMs, count] of slower)
  test(`slower than ${edgeMs} ms are ${count}`, () => assert.equal(slowerThan(slow, edgeMs), count));

test('several histograms are one', () => {
  assert.deepEqual(
    summed([buckets([0, 1, 2], [1, inf, 1]), buckets([0, 1, 3], [1, 2, 5])]),
    buckets([0, 1, 5], [1, 2, 5], [1, inf, 1]),
  );
});
