import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf } from '../analysis/sample.ts';
import { Counters } from './counters.ts';
import { Ledger, memoryS } from './ledger.ts';
import { WeightHistory } from './weight-history.ts';

const none: ReadonlySet<string> = new Set();

test('requests of several workers add up to one sample per second', () => {
  const workers = [new Counters([50, 200]), new Counters([50, 200])];
  workers[0]?.of('1').record(10_100, 10, -1, 200);
  workers[0]?.of('1').record(10_900, 60, 0, 500);
  workers[1]?.of('1').record(10_300, 250, 2, 504);
  workers[1]?.of('2').record(11_000, 50, -1, 404);
  workers[1]?.of('2').recordAborted(11_000);
  const ledger = new Ledger(10, [50, 200]);
  const flushed = workers.map((worker) => worker.flush(12_500, none));
  ledger.add(
    flushed.flatMap(({ slots }) => slots),
    Math.min(...flushed.map(({ through }) => through)),
  );
  const samples = ledger.samples({ stable: '1', candidate: '2', afterSecond: 9, limit: 10 }, () => 25);
  assert.deepEqual(samples, [
    {
      second: 10,
      edgesMs: [50, 200],
      weight: 25,
      stable: {
        n: 3,
        errors: 2,
        classes: { status: 1, timeout: 1 },
        histogram: [bucketOf(10), 1, bucketOf(60), 1, bucketOf(250), 1],
        slower: [2, 1],
        firstErrorAtMs: 10_300,
      },
      candidate: { n: 0, errors: 0, classes: {}, histogram: [], slower: [0, 0] },
    },
    {
      second: 11,
      edgesMs: [50, 200],
      weight: 25,
      stable: { n: 0, errors: 0, classes: {}, histogram: [], slower: [0, 0] },
      candidate: { n: 1, errors: 0, classes: {}, histogram: [bucketOf(50), 1], slower: [0, 0] },
    },
  ]);
  assert.deepEqual(ledger.totals.get('2')?.codes, [0, 0, 0, 1, 0]);
  assert.equal(ledger.totals.get('2')?.aborted, 1);
  const slower = ledger.totals.get('1')?.slower;
  assert.deepEqual(slower && [...slower], [
    [50, 2],
    [200, 1],
  ]);
});

test('the current second is never answered, and a second once handed out gets no more counts', () => {
  const counters = new Counters([]);
  counters.of('1').record(10_999, 1, -1, 200);
  assert.deepEqual(counters.flush(10_999, none).slots, []);
  assert.equal(counters.flush(11_000, none).slots.length, 1);
  // The clock was put back a little: the count goes to the next open second instead of a closed one.
  counters.of('1').record(10_500, 1, -1, 200);
  const [slot] = counters.flush(12_000, none).slots;
  assert.equal(slot?.second, 11);
});

test('a clock that is put back by an hour starts the count anew', () => {
  const counters = new Counters([]);
  const ledger = new Ledger(7_200, []);
  const collect = (nowMs: number) => {
    const { slots, through } = counters.flush(nowMs, none);
    ledger.add(slots, through);
  };
  collect(7_300_000);
  collect(3_600_000);
  counters.of('1').record(3_600_500, 1, -1, 200);
  collect(3_602_000);
  const samples = ledger.samples({ stable: '1', candidate: null, afterSecond: 0, limit: 10 }, () => 0);
  assert.deepEqual(
    samples.map(({ second, stable }) => [second, stable?.n]),
    [
      [3_600, 1],
      [3_601, 0],
    ],
  );
});

test('memory ends after fifteen minutes', () => {
  const counters = new Counters([]);
  const ledger = new Ledger(0, []);
  for (let second = 0; second <= 2_000; second += 10) {
    counters.of('1').record(second * 1_000, 1, -1, 200);
    const { slots, through } = counters.flush((second + 1) * 1_000, none);
    ledger.add(slots, through);
  }
  const samples = ledger.samples({ stable: '1', candidate: null, afterSecond: 0, limit: 10_000 }, () => 0);
  assert.equal(samples.length, memoryS);
  assert.equal(samples[0]?.second, 2_000 - memoryS + 1);
  assert.equal(samples.at(-1)?.second, 2_000);
});

test('new thresholds count from one second on, never in the middle of one', () => {
  const counters = new Counters([10]);
  counters.setEdges({ edgesMs: [10, 20], fromSecond: 11 });
  counters.of('1').record(10_500, 15, -1, 200);
  counters.of('1').record(11_500, 15, -1, 200);
  const { slots } = counters.flush(12_000, none);
  assert.deepEqual(
    slots.map(({ edgesMs, slower }) => [edgesMs, slower]),
    [
      [[10], [1]],
      [
        [10, 20],
        [1, 0],
      ],
    ],
  );
});

test('the weight of a second is its mean over time, also for a version that became stable', () => {
  const history = new WeightHistory();
  const version = (name: string) => ({ version: name, endpoints: [] });
  const [one, two] = [version('1'), version('2')];
  history.note({ stable: one, candidate: null, weight: 0, match: [] }, 5_000);
  history.note({ stable: one, candidate: two, weight: 10, match: [] }, 10_250);
  history.note({ stable: one, candidate: two, weight: 50, match: [] }, 10_750);
  history.note({ stable: two, candidate: null, weight: 0, match: [] }, 12_000);
  assert.equal(history.weightOf('2', 4), 0);
  assert.equal(history.weightOf('2', 9), 0);
  assert.equal(history.weightOf('2', 10), (10 * 500 + 50 * 250) / 1_000);
  assert.equal(history.weightOf('2', 11), 50);
  assert.equal(history.weightOf('2', 12), 100);
  assert.equal(history.weightOf('1', 11), 50);
  assert.equal(history.weightOf(null, 11), 0);
});
