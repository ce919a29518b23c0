import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, type Counts, noCounts, type Sample } from '../analysis/sample.ts';
import { ServiceSignals } from './signal-track.ts';

const t0 = 1_700_000_040;
const versions = { stable: '1.0.0', candidate: '2.0.0' };

function counts(n: number, errors = 0, ms = 100): Counts {
  return n === 0 ? noCounts : { n, errors, classes: {}, histogram: [bucketOf(ms), n], slower: [] };
}

function sample(second: number, stable: Counts | null, candidate: Counts | null = null, seconds?: number): Sample {
  return { second, edgesMs: [], weight: 0, stable, candidate, ...(seconds === undefined ? {} : { seconds }) };
}

function run(signals: ServiceSignals, from: number, count: number, stable: Counts, candidate: Counts | null = null) {
  return Array.from({ length: count }, (_, i) => signals.take([sample(from + i, stable, candidate)], versions)).flat();
}

test('the last minute is what all versions did in it, and is gone when nothing new is known', () => {
  const signals = new ServiceSignals();
  assert.equal(signals.signals(t0), null);
  run(signals, t0, 300, counts(9, 0, 100), counts(1, 1, 3_000));
  const now = signals.signals(t0 + 300);
  assert(now);
  assert.equal(now.requestsPerSecond, 10);
  assert.equal(now.errorShare, 0.1);
  assert(now.p50Ms !== null && now.p50Ms > 88 && now.p50Ms <= 100, `${now.p50Ms}`);
  assert(now.p95Ms !== null && now.p95Ms > 2_600 && now.p95Ms < 3_400, `${now.p95Ms}`);
  assert.equal(signals.signals(t0 + 301), now, 'the same while it is the same');
  assert.equal(signals.signals(t0 + 340), null, 'nobody has said anything for too long');
  run(signals, t0 + 400, 100, counts(0));
  assert.deepEqual(signals.signals(t0 + 500), {
    requestsPerSecond: 0,
    errorShare: null,
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
    cpuShare: null,
    memoryBytes: null,
  });
});

test('points add up to the requests, by version, and a second counts once', () => {
  const signals = new ServiceSignals();
  run(signals, t0, 120, counts(5), counts(2, 1));
  run(signals, t0 + 60, 60, counts(500));
  for (const every of [10, 60] as const) {
    const points = signals.points(every, 0);
    assert.deepEqual(
      points.map(({ from }) => from),
      Array.from({ length: 120 / every }, (_, i) => t0 + i * every),
    );
    assert.equal(
      points.reduce((sum, { requests }) => sum + requests, 0),
      840,
    );
    const [first] = points;
    assert.deepEqual([first?.seconds, first?.errors], [every, every]);
    assert.deepEqual(
      first?.byVersion.map(({ version, requests, errors }) => [version, requests, errors]),
      [
        ['1.0.0', 5 * every, 0],
        ['2.0.0', 2 * every, every],
      ],
    );
  }
  assert.equal(signals.points(10, t0 + 100).length, 1, 'only what begins after');
});

test('closed minutes are handed out once, for whoever keeps them, and come back into another memory', () => {
  const signals = new ServiceSignals();
  const closed = run(signals, t0, 181, counts(1));
  assert.deepEqual(
    closed.map(({ from, requests }) => [from, requests]),
    [
      [t0, 60],
      [t0 + 60, 60],
      [t0 + 120, 60],
    ],
  );
  const next = new ServiceSignals();
  run(next, t0 + 300, 90, counts(2));
  next.restore(closed);
  assert.deepEqual(
    next.points(60, 0).map(({ from, requests }) => [from, requests]),
    [
      [t0, 60],
      [t0 + 60, 60],
      [t0 + 120, 60],
      [t0 + 300, 120],
      [t0 + 360, 60],
    ],
  );
});

test('memory has a bound, and an idle day is one entry', () => {
  const signals = new ServiceSignals();
  run(signals, t0, 2 * 86_400, counts(0));
  const hour = signals.points(10, 0);
  assert.equal(hour.length, 360);
  assert.equal(hour.at(-1)?.from, t0 + 2 * 86_400 - 10);
  const day = signals.points(60, 0);
  assert.equal(day.length, 1_440);
  assert(day.every(({ requests, seconds }) => requests === 0 && seconds === 60));
  run(signals, t0 + 2 * 86_400, 86_400, counts(3));
  assert.equal(signals.points(60, 0).length, 1_440);
  assert(signals.points(60, 0).every(({ requests }) => requests === 180));
});

test('a source that counts less often tells how many seconds it covers; what nobody knows is no point', () => {
  const signals = new ServiceSignals();
  signals.take([sample(t0 + 14, counts(30), null, 15), sample(t0 + 29, null, null, 15), sample(t0 + 44, counts(60), null, 15)], {
    stable: '1.0.0',
    candidate: null,
  });
  assert.deepEqual(
    signals.points(60, 0).map(({ seconds, requests }) => [seconds, requests]),
    [[30, 90]],
  );
  assert.equal(signals.signals(t0 + 45)?.requestsPerSecond, 3);
});

test('what the instances use is in the minute and in its points', () => {
  const signals = new ServiceSignals();
  signals.usage = { cpuShare: 0.25, memoryBytes: 1_000 };
  run(signals, t0, 30, counts(0));
  assert.equal(signals.signals(t0 + 30)?.cpuShare, 0.25);
  assert.deepEqual(
    signals.points(10, 0).map(({ memoryBytes }) => memoryBytes),
    [1_000, 1_000, 1_000],
  );
});
