import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, type MetricReading, noCounts, type Sample } from '../analysis/sample.ts';
import { withReadings } from './source-readings.ts';
import { WeightsRead } from './weights-read.ts';

function sample(second: number, stable: Record<string, MetricReading> | null = {}, candidate = stable): Sample {
  const counts = (metrics: Record<string, MetricReading> | null) =>
    metrics && { ...noCounts, ...(Object.keys(metrics).length > 0 ? { metrics } : {}) };
  return { second, edgesMs: [], weight: 10, stable: counts(stable), candidate: counts(candidate) };
}

const share = (bad: number, n: number) => ({ declined: { bad, n } });

test('a reading goes onto the first second that is not before it, and onto that alone', () => {
  const { samples, waiting } = withReadings(
    [sample(100), sample(101), sample(102)],
    [sample(101, share(1, 9), share(2, 3)), sample(103, share(4, 4))],
  );
  assert.deepEqual(samples, [sample(100), sample(101, share(1, 9), share(2, 3)), sample(102)]);
  assert.deepEqual(waiting, [sample(103, share(4, 4))]);
});

test('several readings become one: counts add up, levels have their mean', () => {
  const one = { ...share(1, 10), cpu: { value: 40 } };
  const other = { ...share(2, 5), cpu: { value: 60 } };
  const { samples } = withReadings([sample(100)], [sample(70, one), sample(85, other)]);
  assert.deepEqual(samples, [sample(100, { ...share(3, 15), cpu: { value: 50 } })]);
});

test('a reading of long ago says nothing about now', () => {
  const { samples, waiting } = withReadings([sample(1_000)], [sample(800, share(1, 9))]);
  assert.deepEqual(samples, [sample(1_000)]);
  assert.deepEqual(waiting, []);
});

test('where the router knows nothing of a version there is nothing to put a reading onto', () => {
  const { samples } = withReadings([sample(100, {}, null)], [sample(100, share(1, 9))]);
  assert.deepEqual(samples, [sample(100, share(1, 9), null)]);
});

const route = (weight: number, appliedAtMs: number) => ({
  route: { stable: null, candidate: weight > 0 ? { version: 'b', endpoints: [] } : null, weight, match: [] },
  fence: { token: 1, seq: 1 },
  appliedAtMs,
  lapsed: false,
});

test('the weight of a time is the mean of what the router had in force', () => {
  const weights = new WeightsRead();
  assert.equal(weights.mean(0, 10_000, 10_000), 0);
  weights.note(5_100, route(10, 5_000));
  weights.note(9_000, route(10, 5_000));
  assert.equal(weights.mean(0, 10_000, 10_000), 5);
  weights.note(12_100, route(50, 12_000));
  assert.equal(weights.mean(5_000, 12_000, 13_000), 10);
  assert.equal(weights.mean(11_000, 13_000, 13_000), 30);
  weights.note(15_000, null);
  weights.note(20_500, route(0, 20_000));
  assert.equal(weights.mean(18_000, 22_000, 22_000), 25);
});

test('what nobody heard of was not in force, whatever the clock of the counts says', () => {
  const weights = new WeightsRead();
  weights.note(1_000, route(10, 0));
  assert.equal(weights.mean(0, 10_000, 3_000), 10);
  assert.equal(weights.mean(0, 10_000, 8_000), 5);
  assert.equal(weights.mean(100_000, 110_000, 3_000), 10);
});

test('a reading waits for a second of which the router knows something, side by side', () => {
  const counts = (n: number, metrics?: Counts['metrics']): Counts => ({
    n,
    errors: 0,
    classes: {},
    histogram: [],
    slower: [],
    ...(metrics ? { metrics } : {}),
  });
  const router = (second: number, candidate: Counts | null) => ({
    second,
    edgesMs: [],
    weight: 10,
    stable: counts(9),
    candidate,
  });
  const reading = {
    second: 10,
    seconds: 15,
    edgesMs: [],
    weight: 0,
    stable: counts(0, { declined: { bad: 1, n: 90 } }),
    candidate: counts(0, { declined: { bad: 7, n: 9 } }),
  };
  const { samples } = withReadings([router(10, null), router(11, counts(1))], [reading]);
  assert.deepEqual(samples[0]?.stable?.metrics, { declined: { bad: 1, n: 90 } });
  assert.deepEqual(samples[1]?.candidate?.metrics, { declined: { bad: 7, n: 9 } });
  assert.equal(samples[1]?.stable?.metrics, undefined);
});
