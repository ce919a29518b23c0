import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict, VerdictKind } from '../analysis/guard.ts';
import { type Counts, noCounts } from '../analysis/sample.ts';
import { sentenceOf } from '../analysis/sentence.ts';
import { marksMax, type Seen, SeriesKeeper, type Teller } from './series.ts';

const start = 1_800_000_000;

function seen(second: number, more: { step?: number; verdict?: VerdictKind; candidate?: Counts | null } = {}): Seen {
  const { step = 0, verdict: kind = 'pass', candidate = counts(1, 0, 20) } = more;
  const verdict: Verdict = {
    kind,
    said: { kind: 'requests', n: second },
    sentence: `second ${second}`,
    metrics: [],
    faultAtMs: null,
  };
  const sample = { second: start + second, edgesMs: [], weight: 10, stable: counts(9, 1, 40), candidate };
  return { sample, step, verdict, metrics: () => [] };
}

function counts(n: number, errors: number, bucket: number): Counts {
  return { ...noCounts, n, errors, histogram: [bucket, n] };
}

function keeper(seconds: Iterable<number>, keep = 100): SeriesKeeper {
  const series = new SeriesKeeper(keep);
  for (const second of seconds) series.add(seen(second));
  return series;
}

const tell: Teller = (said) => sentenceOf(said, { candidate: '2.0.0', stable: '1.0.0' }, 'en');

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

test('a point of ten seconds has their counts, and the last word', () => {
  const { points, every } = keeper(upTo(25)).series(10, 0, tell);
  assert.equal(every, 10);
  assert.deepEqual(
    points.map(({ from, second, seconds, sentence }) => [from - start, second - start, seconds, sentence]),
    [
      [0, 9, 10, '2.0.0 had 9 requests on this step'],
      [10, 19, 10, '2.0.0 had 19 requests on this step'],
      [20, 24, 5, '2.0.0 had 24 requests on this step'],
    ],
  );
  const ms = (exponent: number) => Number((10 ** exponent).toPrecision(6));
  assert.deepEqual(points[0]?.candidate, {
    requests: 10,
    errors: 0,
    p50: ms(19.5 / 20),
    p95: ms(19.95 / 20),
    p99: ms(19.99 / 20),
  });
  assert.deepEqual([points[0]?.stable?.requests, points[0]?.stable?.errors], [90, 10]);
});

test('seconds that never came are in no point', () => {
  const { points } = keeper([0, 1, 35, 36]).series(10, 0, tell);
  assert.deepEqual(
    points.map(({ from, seconds }) => [from - start, seconds]),
    [
      [0, 2],
      [30, 2],
    ],
  );
});

test('points of a minute still have all of a release whose seconds are not kept any more', () => {
  const series = keeper(upTo(2_000), 100);
  assert.equal(series.series(1, 0, tell).points.length, 100);
  assert.equal(series.series(1, 0, tell).complete, false);
  const minutes = series.series(60, 0, tell);
  assert.equal(minutes.complete, true);
  assert.equal(
    minutes.points.reduce((sum, { seconds }) => sum + seconds, 0),
    2_000,
  );
});

test('a sample of several seconds counts as these', () => {
  const series = new SeriesKeeper(10);
  const one = seen(45);
  series.add({ ...one, sample: { ...one.sample, seconds: 15 } });
  assert.equal(series.series(60, 0, tell).points[0]?.seconds, 15);
});

test('after a second there is only what is newer, and an unfinished point again', () => {
  const series = keeper(upTo(25));
  const after = start + 19;
  assert.deepEqual(
    series.series(10, after, tell).points.map(({ from }) => from - start),
    [20],
  );
  series.add(seen(25));
  assert.deepEqual(
    series.series(10, start + 24, tell).points.map(({ from, seconds }) => [from - start, seconds]),
    [[20, 6]],
  );
  assert.deepEqual(series.series(10, start + 25, tell).points, []);
});

test('what is not kept any more is missed only by who asks for it', () => {
  const series = keeper(upTo(500), 100);
  assert.equal(series.series(1, start + 398, tell).complete, false);
  assert.equal(series.series(1, start + 399, tell).complete, true);
});

test('a version without an answer has no counts, one without requests has no latency', () => {
  const series = new SeriesKeeper(10);
  series.add(seen(0, { candidate: null }));
  series.add(seen(1, { candidate: noCounts }));
  const [silent, idle] = series.series(1, 0, tell).points;
  assert.equal(silent?.candidate, null);
  assert.deepEqual(idle?.candidate, { requests: 0, errors: 0, p50: null, p95: null, p99: null });
});

test('steps, verdicts and the abort are marked where they are, and the newest stay', () => {
  const series = new SeriesKeeper(10);
  series.add(seen(0, { verdict: 'undecided' }));
  series.add(seen(1, { verdict: 'undecided' }));
  series.add(seen(2, { verdict: 'pass' }));
  series.add(seen(3, { step: 4, verdict: 'pass' }));
  series.add(seen(4, { step: 4, verdict: 'fail' }));
  series.abort({ kind: 'fresh' });
  const { marks } = series.series(600, 0, tell);
  assert.deepEqual(
    marks.map(({ second, kind }) => [second - start, kind]),
    [
      [0, 'step'],
      [0, 'verdict'],
      [2, 'verdict'],
      [3, 'step'],
      [4, 'verdict'],
      [4, 'abort'],
    ],
  );
  assert.deepEqual(marks.at(-1), { second: start + 4, weight: 10, step: 4, kind: 'abort', sentence: 'measurements are fresh' });
  for (let second = 5; second < 5 + 3 * marksMax; second += 1)
    series.add(seen(second, { step: 4, verdict: second % 2 ? 'pass' : 'undecided' }));
  const all = series.series(600, 0, tell);
  assert.equal(all.marks.length, marksMax);
  assert.equal(all.complete, false);
});
