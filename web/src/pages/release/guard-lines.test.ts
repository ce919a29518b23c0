import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesMetric, SeriesPoint } from '../../api/schema.ts';
import { guardLines, guardRange } from './guard-lines.ts';
import { measuredSplit } from './split.ts';

const metric = (difference: number | null, more: Partial<SeriesMetric> = {}): SeriesMetric => ({
  metric: 'errors',
  unit: 'share',
  since: 1,
  candidate: difference,
  stable: 0,
  difference,
  low: difference === null ? null : difference - 0.1,
  high: difference === null ? null : difference + 0.1,
  margin: 0.01,
  accepted: 0.01,
  limit: 0.05,
  kind: 'undecided',
  logEvidence: 0,
  logThreshold: 3,
  limitLogEvidence: 0,
  limitLogThreshold: 3,
  ...more,
});
const counts = (requests: number) => ({ requests, errors: 0, p50: 1, p95: 1, p99: 1 });
const point = (second: number, metrics: readonly SeriesMetric[], more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  from: second,
  second,
  seconds: 1,
  weight: 10,
  step: 1,
  candidate: counts(10),
  stable: counts(90),
  verdict: 'undecided',
  sentence: '',
  metrics,
  ...more,
});

test('lines are broken where values begin anew', () => {
  const lines = guardLines(
    { points: [point(1, [metric(0.1)]), point(2, [metric(0.2)]), point(3, [metric(0, { since: 3 })])] },
    'errors',
  );
  assert.deepEqual(lines.times, [1, 2, 2.5, 3]);
  assert.deepEqual(lines.difference, [0.1, 0.2, null, 0]);
});

test('a share that nothing bounds yet ends at 100 %, other units have no end', () => {
  const open = { low: null, high: null };
  const share = guardLines({ points: [point(1, [metric(0.1, open)])] }, 'errors');
  assert.deepEqual([share.low, share.high], [[-1], [1]]);
  const own = guardLines({ points: [point(1, [metric(0.1, { ...open, unit: 'own' })])] }, 'errors');
  assert.deepEqual([own.low, own.high], [[null], [null]]);
});

test('the limit stands beside the difference', () => {
  const { limit } = guardLines({ points: [point(1, [metric(0.1, { stable: 0.02 })])] }, 'errors');
  assert.ok(Math.abs((limit[0] ?? 0) - 0.03) < 1e-9);
});

test('a metric that a point does not have is a gap', () => {
  assert.deepEqual(guardLines({ points: [point(1, [])] }, 'errors').difference, [null]);
});

test('the range shows the difference and the margin, whatever the band does', () => {
  const wide = guardLines({ points: [point(1, [metric(0.002, { low: -1, high: 1 })])] }, 'errors');
  const [low, high] = guardRange(wide);
  assert.ok(low < -0.01 && low > -0.2, String(low));
  assert.ok(high > 0.05 && high < 0.2, String(high));
  const [, none] = guardRange(guardLines({ points: [] }, 'errors'));
  assert.ok(none > 0);
});

test('the split is that of the newest seconds of the same weight', () => {
  const points = [point(1, [], { weight: 5 }), ...[2, 3, 4].map((second) => point(second, []))];
  assert.deepEqual(measuredSplit({ points, every: 1 }), { share: 0.1, candidate: 30, all: 300, seconds: 3 });
});

test('without requests there is no split', () => {
  assert.equal(measuredSplit({ points: [point(1, [], { candidate: null, stable: null })], every: 1 }), null);
  assert.equal(measuredSplit({ points: [], every: 1 }), null);
});
