import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Series } from '../../prometheus/answer.ts';
import type { Asked } from './plan.ts';
import { type Known, type Reading, readingsOf, step } from './reading.ts';

const counter: Asked = { id: 'requests', use: 'count', isAggregated: false, unitMs: 1, queryFor: () => '', told: null };
const times: Asked = { ...counter, id: 'latency', use: 'histogram' };

function series(labels: Record<string, string>, ...values: [number, number][]): Series {
  return { labels, values, histograms: [] };
}

function countOf(known: Known, reading: Reading, wasVisible = true): number | null {
  const come = step([counter], known, reading, wasVisible).increase.get('requests');
  return come?.kind === 'count' ? come.count : assert.fail();
}

const numbers = (values: Record<string, number>): Reading =>
  new Map([['requests', { kind: 'numbers', values: new Map(Object.entries(values)) }]]);

test('the same series twice is one counter, and the one that is ahead counts', () => {
  const found = readingsOf(counter, [series({ a: '1' }, [15, 5], [30, 9]), series({ a: '1' }, [15, 4], [30, 10])]);
  assert.deepEqual(
    [...found].map(([atS, { values }]) => [atS, [...values.values()]]),
    [
      [15, [5]],
      [30, [10]],
    ],
  );
});

test('buckets of one histogram belong together, whatever their order, and those without an edge to nothing', () => {
  const found = readingsOf({ ...times, unitMs: 1_000 }, [
    series({ a: '1', le: '+Inf' }, [15, 5]),
    series({ a: '1', le: '0.5' }, [15, 4]),
    series({ a: '1', le: 'x' }, [15, 1]),
    series({ a: '1' }, [15, 1]),
  ]);
  const at = found.get(15);
  assert.equal(at?.kind, 'histograms');
  assert.deepEqual(at?.kind === 'histograms' && [...at.values.values()], [
    [
      { lowMs: 0, highMs: 500, count: 4 },
      { lowMs: 500, highMs: Number.POSITIVE_INFINITY, count: 1 },
    ],
  ]);
});

test('what was there when nothing had been seen yet is no news, and what comes beside others is', () => {
  assert.equal(countOf(new Map(), numbers({ a: 7 }), false), 0);
  assert.equal(countOf(numbers({ a: 7 }), numbers({ a: 8, b: 3 })), 4);
});

test('whatever counters do, what has come is what really came when each is read before it begins anew', () => {
  const process = fc.record({
    lives: fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(process, { minLength: 1, maxLength: 4 }), (processes) => {
      // Each life of a process begins at 0 with its first count above the last of the life before, or not: both are told apart by a fall.
      let known: Known = numbers(Object.fromEntries(processes.map((_, i) => [`p${i}`, 0])));
      let seen = 0;
      let real = 0;
      const values = processes.map(() => 0);
      const rounds = Math.max(...processes.map(({ lives }) => lives.flat().length));
      const moments = processes.map(({ lives }) => lives.flatMap((life) => life.map((more, i) => ({ more, isNew: i === 0 }))));
      for (let round = 0; round < rounds; round += 1) {
        for (const [i, of] of moments.entries()) {
          const moment = of[round];
          if (!moment) continue;
          const before = values[i] ?? 0;
          const isSeenAsNew = moment.isNew && moment.more < before;
          values[i] = isSeenAsNew ? moment.more : before + moment.more;
          real += moment.more;
        }
        const next = step([counter], known, numbers(Object.fromEntries(values.map((value, i) => [`p${i}`, value]))), true);
        const come = next.increase.get('requests');
        seen += come?.kind === 'count' ? (come.count ?? 0) : 0;
        known = next.known;
      }
      assert.equal(seen, real);
    }),
  );
});

test('a histogram that is a sum and falls tells nothing, instead of a lifetime of latencies', () => {
  const summedTimes: Asked = { ...times, isAggregated: true };
  const reading = (fast: number, slow: number): Reading =>
    new Map([
      [
        'latency',
        {
          kind: 'histograms',
          values: new Map([
            [
              '',
              [
                { lowMs: 0, highMs: 100, count: fast },
                { lowMs: 100, highMs: 500, count: slow },
              ],
            ],
          ]),
        },
      ],
    ]);
  const first = step([summedTimes], new Map(), reading(19_900, 100), true).known;
  const come = step([summedTimes], first, reading(9_960, 50), true).increase.get('latency');
  assert.ok(come?.kind === 'histogram');
  assert.equal(
    come.buckets.reduce((sum, { count }) => sum + count, 0),
    0,
  );
  const partly = step([summedTimes], first, reading(25_000, 50), true).increase.get('latency');
  assert.ok(partly?.kind === 'histogram');
  assert.equal(
    partly.buckets.reduce((sum, { count }) => sum + count, 0),
    0,
  );
  const rising = step([summedTimes], first, reading(19_905, 105), true).increase.get('latency');
  assert.ok(rising?.kind === 'histogram');
  assert.equal(
    rising.buckets.reduce((sum, { count }) => sum + count, 0),
    10,
  );
});
