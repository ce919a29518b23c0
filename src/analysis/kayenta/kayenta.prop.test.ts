import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { brentRoot } from './brent.ts';
import { anyEffect, classify, defaultRule, type MetricRule } from './classifier.ts';
import { kayentaJudge } from './judge.ts';
import { locationShift, wilcoxonDiff } from './mann-whitney.ts';
import { seededNoise } from './noise.ts';
import { normalQuantile } from './normal.ts';
import { iqrOutliers } from './outliers.ts';
import { ascending, cles, percentile } from './statistics.ts';

/** Whole numbers, so that shifts and sums are exact and ties are frequent. */
const whole = fc.integer({ min: -50, max: 50 });
const series = fc.array(whole, { minLength: 1, maxLength: 30 });
const real = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const anySeries = fc.array(fc.oneof({ weight: 8, arbitrary: real }, fc.constant(Number.NaN), fc.constant(0)), { maxLength: 20 });
const rule: fc.Arbitrary<MetricRule> = fc
  .record({
    direction: fc.constantFrom('increase', 'decrease', 'either'),
    nanStrategy: fc.constantFrom('remove', 'replace'),
    isCritical: fc.boolean(),
    mustHaveData: fc.boolean(),
    effect: fc.constantFrom('meanRatio' as const, 'cles' as const).map(anyEffect),
  })
  .map((one) => ({ ...defaultRule, ...one }));

test('the statistic is antisymmetric: swapping the sides and the shift changes its sign', () => {
  fc.assert(
    fc.property(series, series, whole, (x, y, shift) => {
      const [a, b] = [ascending(x), ascending(y)];
      const [one, other] = [wilcoxonDiff(a, b, shift, 0), wilcoxonDiff(b, a, -shift, 0)];
      assert((one === undefined && other === undefined) || Math.abs((one ?? 0) + (other ?? 0)) < 1e-12);
    }),
  );
});

test('the statistic sees only differences: moving the candidate moves the shift', () => {
  fc.assert(
    fc.property(series, series, whole, whole, (x, y, shift, by) => {
      const [a, b] = [ascending(x), ascending(y)];
      const moved = a.map((value) => value + by);
      const both = b.map((value) => value + by);
      const here = wilcoxonDiff(a, b, shift, 1);
      assert.equal(wilcoxonDiff(moved, b, shift + by, 1), here);
      assert.equal(wilcoxonDiff(moved, both, shift, 1), here);
    }),
  );
});

test('the statistic never rises with the shift, apart from what ties do to its scale', () => {
  fc.assert(
    fc.property(series, series, whole, fc.integer({ min: 1, max: 20 }), (x, y, shift, by) => {
      const [a, b] = [ascending(x), ascending(y)];
      const [near, far] = [wilcoxonDiff(a, b, shift, 0), wilcoxonDiff(a, b, shift + by, 0)];
      if (near !== undefined && far !== undefined) assert(Math.sign(near) >= Math.sign(far));
    }),
  );
});

test('the shift and its interval stay between the extreme differences', () => {
  fc.assert(
    fc.property(series, series, (x, y) => {
      const shift = locationShift(x, y, 0.98);
      if (shift === undefined) return;
      const [low, high] = [Math.min(...x) - Math.max(...y), Math.max(...x) - Math.min(...y)];
      for (const value of Object.values(shift)) assert(value >= low && value <= high, `${value}`);
    }),
  );
});

test('Brent finds the root of a continuous function to its tolerance', () => {
  fc.assert(
    fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(1, 3, 5), (at, power) => {
      const root = brentRoot((x) => (x - at) ** power, -10, 10, 1e-6, 1000);
      assert(root !== undefined && Math.abs(root - at) <= 1e-6, `${root}`);
    }),
  );
});

test('CLES of both orders adds up to 1', () => {
  fc.assert(fc.property(series, series, (x, y) => assert(Math.abs((cles(x, y) ?? 0) + (cles(y, x) ?? 0) - 1) < 1e-12)));
});

test('CLES counts pairs', () => {
  fc.assert(
    fc.property(series, series, (x, y) => {
      const won = x.flatMap((a) => y.map((b) => (a > b ? 1 : a === b ? 0.5 : 0))).reduce<number>((sum, one) => sum + one, 0);
      assert(Math.abs((cles(x, y) ?? 0) - won / (x.length * y.length)) < 1e-12);
    }),
  );
});

test('percentiles rise with the percent and stay inside the data', () => {
  fc.assert(
    fc.property(series, fc.nat({ max: 100 }), fc.nat({ max: 100 }), (data, p, q) => {
      const sorted = ascending(data);
      assert(percentile(sorted, Math.min(p, q)) <= percentile(sorted, Math.max(p, q)) + 1e-9);
      assert.equal(percentile(sorted, 0), sorted[0]);
      assert.equal(percentile(sorted, 100), sorted.at(-1));
    }),
  );
});

test('outliers do not depend on the order, and never reach the middle half', () => {
  fc.assert(
    fc.property(series, fc.boolean(), (data, isWide) => {
      const flags = iqrOutliers(data, 3, isWide);
      assert.deepEqual(iqrOutliers(data.toReversed(), 3, isWide), flags.toReversed());
      assert(flags.filter((flag) => flag).length <= data.length / 2);
    }),
  );
});

test('the normal quantile is odd and rises', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), (p) => {
      assert(Math.abs(normalQuantile(p) + normalQuantile(1 - p)) < 1e-6);
      assert(normalQuantile(p * 0.99) < normalQuantile(p));
    }),
  );
});

test('whatever the values, a judgement is the same twice, survives JSON, and its score lies in 0–100', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anySeries, anySeries, rule, fc.boolean()), { maxLength: 5 }), fc.integer(), (all, seed) => {
      const pairs = all.map(([candidate, stable, one, isMuted], index) => {
        return { name: `m${index}`, groups: [`g${index % 2}`], candidate, stable, rule: one, isMuted, outlierFactor: 3 };
      });
      const policy = { weights: { g0: 60 }, thresholds: { passMin: 90, marginalMin: 50 } };
      const got = kayentaJudge(pairs, policy, seededNoise(seed));
      assert.deepEqual(kayentaJudge(pairs, policy, seededNoise(seed)), got);
      // NaN and infinities would come back as null.
      assert.deepEqual(JSON.parse(JSON.stringify(got)), JSON.parse(JSON.stringify(got, (_, value) => noNaN(value))));
      assert(got.score >= 0 && got.score <= 100);
    }),
  );
});

test('the order of values never matters, and the same values always pass', () => {
  fc.assert(
    fc.property(series, series, rule, (x, y, one) => {
      assert.deepEqual(classify(ascending(x), y.toReversed(), one), classify(ascending(x), y, one));
      assert.equal(classify(x.toReversed(), x, one).label, 'Pass');
    }),
  );
});

test('a direction never blames the other one', () => {
  fc.assert(
    fc.property(series, series, (x, y) => {
      assert.notEqual(classify(x, y, { ...defaultRule, direction: 'increase' }).label, 'Low');
      assert.notEqual(classify(x, y, { ...defaultRule, direction: 'decrease' }).label, 'High');
    }),
  );
});

test('noise is finite for any seed and index', () => {
  fc.assert(fc.property(fc.integer(), fc.nat(), (seed, index) => assert(Math.abs(seededNoise(seed)(index)) < 6.4)));
});

function noNaN(value: unknown): unknown {
  assert(typeof value !== 'number' || Number.isFinite(value), `${value}`);
  return value;
}
