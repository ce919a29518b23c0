import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { differenceInterval, type Interval, quantileInterval, type Share, shareInterval } from './confidence.ts';
import { addHistogram, noRequests } from './quantile.ts';
import { bucketEdgeMs, bucketOf } from './sample.ts';
import { uniform } from './simulated-traffic.fixture.ts';

const alpha = 0.05;
const paths = 300;
/** Requests after which somebody looks: often in the beginning, as far as 6,000. */
const looks = Array.from({ length: 60 }, (_, i) => Math.round(1.12 ** (i + 9)));

/** In how many of the paths the interval is ever without the truth. */
function missed(p: number, interval: (share: Share) => Interval): number {
  const random = uniform(11);
  let count = 0;
  for (let path = 0; path < paths; path += 1) {
    let bad = 0;
    let n = 0;
    let ever = false;
    for (const look of looks) {
      for (; n < look; n += 1) if (random() < p) bad += 1;
      const { low, high } = interval({ bad, n });
      ever ||= p < low || p > high;
    }
    if (ever) count += 1;
  }
  return count;
}

for (const p of [0, 0.001, 0.05, 0.5, 1]) {
  test(`a share of ${p} is inside at every look, in 95 of 100 paths at least`, () => {
    const count = missed(p, (share) => shareInterval(share, alpha));
    assert(count <= paths * alpha, `${count} of ${paths} missed`);
  });
}

test('an interval for one look is found out by the same paths', () => {
  const count = missed(0.05, ({ bad, n }) => {
    const seen = (bad + 2) / (n + 4); // Agresti and Coull, 1998.
    const half = 1.96 * Math.sqrt((seen * (1 - seen)) / (n + 4));
    return { low: seen - half, high: seen + half };
  });
  assert(count > paths * 0.15, `${count} of ${paths} missed`);
});

/** Candidate and stable in the same seconds, whose rates may move; in how many of the paths the mean difference is ever outside. */
function missedDifference(rates: (second: number, random: () => number) => readonly [number, number]): number {
  const random = uniform(5);
  let count = 0;
  for (let path = 0; path < paths; path += 1) {
    const seen = [0, 0];
    const mean = [0, 0];
    let ever = false;
    for (let second = 1; second <= 40; second += 1) {
      const now = rates(second, random);
      for (const side of [0, 1] as const) {
        const n = side === 0 ? 10 : 40;
        for (let i = 0; i < n; i += 1) if (random() < now[side]) seen[side] = (seen[side] ?? 0) + 1;
        mean[side] = ((mean[side] ?? 0) * (second - 1) + now[side]) / second;
      }
      const { low, high } = differenceInterval(
        { bad: seen[0] ?? 0, n: 10 * second },
        { bad: seen[1] ?? 0, n: 40 * second },
        alpha,
      );
      const truth = (mean[0] ?? 0) - (mean[1] ?? 0);
      ever ||= truth < low || truth > high;
    }
    if (ever) count += 1;
  }
  return count;
}

const differences: readonly [what: string, rates: Parameters<typeof missedDifference>[0]][] = [
  ['two versions that never fail', () => [0, 0]],
  ['one that always and one that never fails', () => [1, 0]],
  ['rare failures of one', () => [0.002, 0.001]],
  ['frequent failures', () => [0.5, 0.45]],
  ['shocks that hit both', (_, random) => (random() < 0.1 ? [0.6, 0.6] : [0.03, 0.01])],
  ['rates that rise', (second) => [second / 200, second / 400]],
];
for (const [what, rates] of differences) {
  test(`with ${what} the mean difference is inside at every look`, () => {
    const count = missedDifference(rates);
    assert(count <= paths * alpha, `${count} of ${paths} missed`);
  });
}

const share = fc
  .tuple(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e11 })), fc.nat())
  .map(([n, some]) => ({ n, bad: Math.min(n, some % 3 === 0 ? some % 20 : Math.floor((n * (some % 1_009)) / 1_008)) }));

test('an interval lies within 0 and 1, around what was seen, and is wider for more certainty', () => {
  fc.assert(
    fc.property(share, ({ bad, n }) => {
      const { low, high } = shareInterval({ bad, n }, alpha);
      assert(0 <= low && low <= bad / n && bad / n <= high && high <= 1, `${low} ${bad / n} ${high}`);
      const surer = shareInterval({ bad, n }, alpha / 10);
      assert(surer.low <= low && high <= surer.high);
    }),
  );
});

test('one failure more moves neither end down', () => {
  fc.assert(
    fc.property(share, ({ bad, n }) => {
      const more = shareInterval({ bad: bad + 1, n: n + 1 }, alpha);
      const fewer = shareInterval({ bad, n: n + 1 }, alpha);
      // As exactly as an end is known where one request of a hundred billion is the difference.
      assert(more.low >= fewer.low * (1 - 1e-10) && more.high >= fewer.high * (1 - 1e-10));
    }),
  );
});

test('good and bad are mirror images', () => {
  fc.assert(
    fc.property(share, ({ bad, n }) => {
      const mirrored = shareInterval({ bad: n - bad, n }, alpha);
      const { low, high } = shareInterval({ bad, n }, alpha);
      assert(Math.abs(low - (1 - mirrored.high)) < 1e-9 && Math.abs(high - (1 - mirrored.low)) < 1e-9);
    }),
  );
});

test('at its ends the evidence is 2/alpha, by another formula', () => {
  const weights = Array.from({ length: 19 }, (_, k) => 1 / (k + 2));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  /** Mean likelihood ratio of the rates whose odds are e^λ times those of p, against p. */
  const evidence = (p: number, sign: number, { bad, n }: Share) =>
    weights.reduce((sum, weight, k) => {
      const odds = (Math.exp(sign * 2 ** (3 - k)) * p) / (1 - p);
      const q = odds / (1 + odds);
      return sum + (weight / all) * (q / p) ** bad * ((1 - q) / (1 - p)) ** (n - bad);
    }, 0);
  for (const seen of [
    { bad: 1, n: 100 },
    { bad: 30, n: 400 },
    { bad: 60, n: 120 },
  ]) {
    const { low, high } = shareInterval(seen, alpha);
    assert(Math.abs(evidence(low, 1, seen) - 2 / alpha) < 1e-6);
    assert(Math.abs(evidence(high, -1, seen) - 2 / alpha) < 1e-6);
  }
});

test('without requests nothing is known', () => {
  assert.deepEqual(shareInterval({ bad: 0, n: 0 }, alpha), { low: 0, high: 1 });
  assert.deepEqual(differenceInterval({ bad: 0, n: 0 }, { bad: 0, n: 0 }, alpha), { low: -1, high: 1 });
});

test('a day of a million requests a second is bounded to the hundred-thousandth', () => {
  const n = 86_400e6;
  const { low, high } = shareInterval({ bad: 864e6, n }, alpha);
  assert(0.009998 < low && low < 0.01 && 0.01 < high && high < 0.010002, `${low} ${high}`);
  const none = shareInterval({ bad: 0, n }, alpha);
  assert(none.high * n > 4 && none.high * n < 5, `${none.high * n}`);
});

test('it is at most twice as wide as an interval for one look', () => {
  for (const [bad, n] of [
    [50, 1_000],
    [100, 10_000],
    [5_000, 10_000],
    [50_000, 1_000_000],
  ] as const) {
    const { low, high } = shareInterval({ bad, n }, alpha);
    const seen = bad / n;
    const once = 2 * 1.96 * Math.sqrt((seen * (1 - seen)) / n);
    assert(high - low < 2 * once, `${n}: ${(high - low) / once}`);
  }
});

test('what is no share is refused', () => {
  for (const wrong of [
    { bad: 2, n: 1 },
    { bad: -1, n: 1 },
    { bad: Number.NaN, n: 1 },
    { bad: 0, n: Number.POSITIVE_INFINITY },
  ])
    assert.throws(() => shareInterval(wrong, alpha), RangeError);
});

test('a quantile of latency is inside at every look', () => {
  const random = uniform(3);
  const medianMs = 60;
  /** Log-logistic: its quantile function is exact and short. */
  const latencyMs = (u: number) => medianMs * (u / (1 - u)) ** 0.3;
  for (const quantilePpm of [500_000, 950_000, 990_000]) {
    const truth = latencyMs(quantilePpm / 1e6);
    let count = 0;
    for (let path = 0; path < paths; path += 1) {
      const counts = noRequests();
      let n = 0;
      let ever = false;
      for (const look of looks.filter((_, i) => i % 2 === 0)) {
        for (; n < look; n += 1) addHistogram(counts, [bucketOf(latencyMs(random())), 1]);
        const { low, high } = quantileInterval(counts, quantilePpm, alpha, bucketEdgeMs);
        ever ||= truth <= low || (high !== null && truth > high);
      }
      if (ever) count += 1;
    }
    assert(count <= paths * alpha, `${quantilePpm}: ${count} of ${paths} missed`);
  }
});

test('a quantile is bounded by bucket edges, and by nothing where nothing is known', () => {
  const of = (counts: readonly (readonly [bucket: number, count: number])[], quantilePpm = 950_000) => {
    const dense = noRequests();
    addHistogram(dense, counts.flat());
    return quantileInterval(dense, quantilePpm, alpha, bucketEdgeMs);
  };
  assert.deepEqual(of([]), { low: 0, high: null });
  // Three slow requests are enough to say that p95 is not low, and nothing else.
  assert.deepEqual(of([[30, 3]], 500_000), { low: 0, high: null });
  assert.deepEqual(of([[30, 3]]), { low: bucketEdgeMs(29), high: null });
  // All in one bucket: it is that bucket.
  assert.deepEqual(of([[30, 10_000]]), { low: bucketEdgeMs(29), high: bucketEdgeMs(30) });
  // One in ten is slow, so p95 is slow and p50 is not.
  const slow = [
    [30, 9_000],
    [60, 1_000],
  ] as const;
  assert.deepEqual(of(slow), { low: bucketEdgeMs(59), high: bucketEdgeMs(60) });
  assert.deepEqual(of(slow, 500_000), { low: bucketEdgeMs(29), high: bucketEdgeMs(30) });
  // The last bucket has no upper edge.
  assert.deepEqual(of([[99, 10_000]]), { low: bucketEdgeMs(98), high: null });
});
