import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, defaultRule, type Label } from './classifier.ts';
import { kayentaJudge, type MetricPair } from './judge.ts';
import { normalQuantile } from './normal.ts';
import { afterJudgement, runWindows } from './run.ts';
import { type ScoredMetric, score, scoreLabel } from './scorer.ts';

const metric = (label: Label, groups: string | readonly string[] = 'g', more: Partial<ScoredMetric> = {}): ScoredMetric => ({
  label,
  isCritical: false,
  isMuted: false,
  groups: typeof groups === 'string' ? [groups] : groups,
  ...more,
});
const critical = { isCritical: true };
const muted = { isMuted: true };

const scores: readonly [name: string, metrics: ScoredMetric[], weights: Record<string, number>, want: number][] = [
  ['one metric passes', [metric('Pass')], {}, 100],
  ['one metric is high', [metric('High')], {}, 0],
  ['half of a group passes', [metric('Pass'), metric('High')], {}, 50],
  ['a third of a group passes, to two places', [metric('Pass'), metric('High'), metric('Low')], {}, 33.33],
  ['missing data that must be there counts as a failure', [metric('Pass'), metric('NodataFailMetric')], {}, 50],
  ['weights decide between groups', [metric('Pass', 'a'), metric('Pass', 'a'), metric('High', 'b')], { a: 75, b: 25 }, 75],
  [
    'a group counts by its weight, not its size',
    [metric('Pass', 'a'), metric('High', 'a'), metric('High', 'b')],
    { a: 50, b: 50 },
    25,
  ],
  ['groups without a weight share the rest', [metric('High', 'a'), metric('Pass', 'b'), metric('High', 'c')], { a: 40 }, 30],
  ['the weight of an absent group is lost', [metric('Pass', 'a')], { a: 60, b: 40 }, 60],
  ['a metric in two groups counts in both', [metric('Pass', ['a', 'b']), metric('High', 'b')], { a: 50, b: 50 }, 75],
  ['no data at all is 0', [metric('Nodata')], {}, 0],
  ['half without data is 0', [metric('Pass'), metric('Nodata')], {}, 0],
  ['fewer without data are left out', [metric('Pass'), metric('High'), metric('Nodata')], {}, 50],
  [
    'a group without data counts as passed',
    [metric('High', 'a'), metric('Pass', 'a'), metric('Nodata', 'b')],
    { a: 50, b: 50 },
    75,
  ],
  ['an error counts neither way', [metric('High'), metric('Pass'), metric('Error')], {}, 50],
  ['only errors count as passed', [metric('Error')], {}, 100],
  ['a critical failure is 0', [metric('Pass'), metric('High', 'g', critical)], {}, 0],
  ['a critical metric without data is 0', [metric('Pass'), metric('Pass'), metric('Nodata', 'g', critical)], {}, 0],
  ['a critical pass saves nothing', [metric('Low'), metric('Pass', 'g', critical)], {}, 50],
  ['a muted failure is not counted', [metric('Pass'), metric('High', 'g', muted)], {}, 100],
  ['a muted metric without data is not counted', [metric('Pass'), metric('Nodata', 'g', muted)], {}, 100],
  ['a metric in no group is not counted', [metric('Pass'), metric('High', [])], {}, 100],
  ['no group at all is 0', [metric('Pass', [])], {}, 0],
  ['nothing is 0', [], {}, 0],
];
for (const [name, metrics, weights, want] of scores) {
  test(`score: ${name}`, () => assert.equal(score(metrics, weights).score, want));
}

test('thresholds belong to the better label, but a run ends at exactly the marginal one', () => {
  const thresholds = { passMin: 95, marginalMin: 75 };
  const labels = [100, 95, 94.99, 75, 74.99, 0].map((one) => scoreLabel(one, thresholds));
  assert.deepEqual(labels, ['Pass', 'Pass', 'Marginal', 'Marginal', 'Fail', 'Fail']);
  const early = [100, 75.01, 75, 0].map((one) => afterJudgement(one, false, thresholds));
  assert.deepEqual(early, ['continue', 'continue', 'failed', 'failed']);
  const last = [95, 94.99, 75, Number.NaN].map((one) => afterJudgement(one, true, thresholds));
  assert.deepEqual(last, ['passed', 'failed', 'failed', 'failed']);
  // With one threshold for both, reaching it is not enough.
  assert.equal(afterJudgement(80, true, { passMin: 80, marginalMin: 80 }), 'failed');
});

test('windows grow from the beginning, or slide, and the last one ends with the lifetime', () => {
  assert.deepEqual(runWindows({ lifetimeMs: 60 }), [{ fromMs: 0, toMs: 60 }]);
  assert.deepEqual(runWindows({ lifetimeMs: 50, intervalMs: 20 }), [
    { fromMs: 0, toMs: 20 },
    { fromMs: 0, toMs: 40 },
    { fromMs: 0, toMs: 50 },
  ]);
  assert.deepEqual(runWindows({ lifetimeMs: 60, intervalMs: 30, lookbackMs: 20 }), [
    { fromMs: 10, toMs: 30 },
    { fromMs: 40, toMs: 60 },
  ]);
  assert.throws(() => runWindows({ lifetimeMs: 60, intervalMs: 0 }), RangeError);
});

const policy = { weights: {}, thresholds: { passMin: 90, marginalMin: 50 } };
const pair = (candidate: readonly number[], stable: readonly number[], more: Partial<MetricPair> = {}): MetricPair => ({
  name: 'latency',
  groups: ['g'],
  candidate,
  stable,
  ...more,
});
const fine = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const slow = fine.map((x) => x * 3);

test('a judgement carries the label, the score and each metric with its sentence', () => {
  const got = kayentaJudge([pair(slow, fine), pair(fine.toReversed(), fine, { name: 'errors' })], policy);
  assert.equal(got.score, 50);
  assert.equal(got.label, 'Marginal');
  assert.deepEqual(got.groups, [{ name: 'g', score: 50, weight: 100 }]);
  assert.deepEqual(
    got.metrics.map(({ name, label, reason, effect }) => [name, label, reason, effect]),
    [
      ['latency', 'High', 'the candidate is significantly higher; effect size 3', 3],
      ['errors', 'Pass', 'candidate and stable have the same values', 1],
    ],
  );
  assert.deepEqual(JSON.parse(JSON.stringify(got)), got);
});

test('outliers are dropped only where the metric asks for it', () => {
  const peak = [...Array.from({ length: 400 }, (_, index) => 10 + (index % 10)), 1e6];
  assert.equal(kayentaJudge([pair(peak, fine)], policy).metrics[0]?.candidate.max, 1e6);
  assert.equal(kayentaJudge([pair(peak, fine, { outlierFactor: 3 })], policy).metrics[0]?.candidate.max, 19);
});

test('series of nothing but NaN: no data when removed, a pass when replaced, a failure when they must be there', () => {
  const nothing = [Number.NaN, Number.NaN];
  const label = (rule: MetricPair['rule'] = {}) => kayentaJudge([pair(nothing, nothing, { rule })], policy).metrics[0]?.label;
  assert.equal(label(), 'Nodata');
  assert.equal(label({ nanStrategy: 'replace' }), 'Pass');
  assert.equal(label({ mustHaveData: true }), 'NodataFailMetric');
  assert.equal(label({ mustHaveData: true, isCritical: true }), 'Nodata');
});

test('a regression in 7 of 10 values passes, in 9 of 10 it does not: the weakness that the guide names', () => {
  const worse = (count: number) => fine.map((x, index) => (index < count ? 100 * x : x));
  assert.equal(classify(worse(7), fine, defaultRule).label, 'Pass');
  assert.equal(classify(worse(9), fine, defaultRule).label, 'High');
});

test('two separated values a side are already significant: the weakness that the guide names', () => {
  assert.equal(classify([10.2, 10.3], [10, 10.1], defaultRule).label, 'High');
});

test('a mean of 0 switches the effect size off: the weakness that the guide names', () => {
  const effect = { ...defaultRule.effect, allowedIncrease: 1000 };
  const tiny = fine.map((x) => x / 1000);
  const zeros = fine.map(() => 0);
  assert.equal(classify(tiny, zeros, { ...defaultRule, effect }).label, 'High');
  assert.equal(classify(tiny, [...zeros, 1e-3], { ...defaultRule, effect }).label, 'Pass');
});

test('values that are not finite are an error, not a pass', () => {
  assert.equal(classify([1, 2, Infinity], fine, defaultRule).label, 'Error');
  assert.equal(classify([1e308, 1.1e308, 1.2e308], [1, 2, 3], defaultRule).label, 'Error');
});

test('normal quantiles in the middle, in the tail and at the ends', () => {
  const known = [
    [0.5, 0],
    [0.3, -0.5244005127080407],
    [1e-10, -6.361340902404056],
    [1e-12, -7.034483825301132],
    [0, -Infinity],
    [1, Infinity],
  ] as const;
  for (const [p, z] of known) assert(Object.is(normalQuantile(p), z) || Math.abs(normalQuantile(p) - z) < 1e-12, `${p}`);
  assert(Number.isNaN(normalQuantile(-0.1)));
});
