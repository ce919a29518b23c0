import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exceedance, positionShift, shareAbove } from './exceedance.ts';
import { latencyEdges } from './latency-edges.ts';
import { bucketOf, type Counts } from './sample.ts';
import { uniform } from './simulated-traffic.fixture.ts';
import { openGuard, watch } from './watch.ts';

const names = { candidate: '1.1.0', stable: '1.0.0' };
const policy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: null }],
  minRequests: 20,
};

/** Counts of that many requests that all take about the same time: a normal spread of 3 %. */
function alike(n: number, ms: number, random: () => number): Counts {
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const z = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const bucket = bucketOf(ms * (1 + 0.03 * z));
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const histogram = [...counts].sort(([a], [b]) => a - b).flat();
  return { n, errors: 0, classes: {}, histogram, slower: [] };
}

/** Second of the first `fail` after five minutes of history, of ten minutes at 10 % of 100 requests/s; null without one. */
function failsAfterS(slowerBy: number, seed: number): number | null {
  const random = uniform(seed);
  let state = openGuard(policy, names);
  for (let second = 0; second < 900; second++) {
    const weight = second < 300 ? 0 : 10;
    const sample = {
      second: 1_800_000_000 + second,
      edgesMs: [],
      weight,
      stable: alike(100 - weight, 40, random),
      candidate: alike(weight, 40 * (1 + slowerBy), random),
    };
    const next = watch(state, { sample, step: weight === 0 ? -1 : 0 });
    state = next.state;
    if (next.verdict.kind === 'fail') return second - 300;
  }
  return null;
}

test('where all requests take about the same time, a rise within the margin is accepted and a larger one is found', () => {
  for (const seed of [1, 2, 3]) {
    assert.equal(failsAfterS(0.12, seed), null, 'less than 20 % slower');
    const found = failsAfterS(0.6, seed);
    // The first minute is warm-up.
    assert.ok(found !== null && found <= 90, `60 % slower: ${found}`);
  }
});

test('at every edge just what is accepted as slower is accepted, as a ratio or as a difference', () => {
  const histogram = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 5_000 })), { minLength: 1, maxLength: 30 })
    .map((pairs) => [...new Map(pairs)].sort(([a], [b]) => a - b).flat());
  const worse = fc.integer({ min: 0, max: 2_000_000 });
  fc.assert(
    fc.property(histogram, worse, fc.constantFrom(500_000, 950_000, 990_000), (counts, worseByPpm, quantilePpm) => {
      const known = exceedance(counts);
      for (const { bucket, margin } of latencyEdges(known, quantilePpm, worseByPpm)) {
        const share = known.points.find((point) => point.bucket === bucket)?.share ?? 0;
        const slower = shareAbove(known, bucket - positionShift(worseByPpm / 1e6));
        const accepted = margin.factor * share + margin.delta;
        assert.ok(margin.factor >= 1.15 && margin.delta >= 0 && margin.delta <= 1);
        assert.ok(accepted >= Math.min(slower, 0.5) - 10 * (0.5 / known.n), `${accepted} of ${slower}`);
      }
    }),
  );
});

test('the edges of a smooth distribution are where the accepted candidate exceeds 25, 10, 5 and 1 %', () => {
  const histogram = Array.from({ length: 60 }, (_, i) => [i + 20, Math.round(1e6 * 0.2 * 0.8 ** i)]).flat();
  const known = exceedance(histogram);
  const shift = positionShift(0.2);
  const shares = latencyEdges(known, 950_000, 200_000).map(({ bucket }) => shareAbove(known, bucket - shift));
  assert.equal(shares.length, 4);
  [0.25, 0.1, 0.05, 0.01].forEach((share, i) => assert.ok(Math.abs(Math.log((shares[i] ?? 1) / share)) < 0.13));
});

test('where stable lies in one bucket, a version that is several times slower is found, and the next bucket is none', () => {
  for (const [histogram, slow, next] of [
    [[30, 1000], 50, 36],
    [[30, 999, 60, 1], 50, 36],
    [[29, 10, 30, 990], 50, 31],
    [[14, 999, 20, 1], 34, 20],
  ] as const) {
    const edges = latencyEdges(exceedance(histogram), 950_000, 200_000);
    assert.ok(edges.length > 0, String(histogram));
    assert.ok(
      edges.some(({ bucket }) => bucket < slow),
      `${histogram}: all requests in bucket ${slow} are slower`,
    );
    // 20 % more latency may carry every request of a coarse bucket into the next one.
    for (const { bucket, margin } of edges) assert.ok(bucket >= next || margin.delta >= 0.5, `${histogram}: ${bucket}`);
  }
});
