import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, holeMaxS, type Moment, nothingSeen } from './event-count.ts';
import { type EventPlan, eventPlan, freshnessOf } from './event-plan.ts';
import { PrometheusConfig } from './schema.ts';

const config = PrometheusConfig.parse({ url: 'http://prometheus:9090' });
const events = { kind: 'ratio', count: 'bad', query: 'b{job="shop"}', total: 't{job="shop"}' } as const;
const plan = eventPlan(config, [{ name: 'availability', belowMs: null, events }]);

/** A moment with a fresh sample of both counters; null: there was none. */
function moment(plan: EventPlan, atS: number, counts: readonly [bad: number, total: number] | null): Moment {
  const [bad, total] = plan.queries;
  const freshness = plan.rules[0]?.freshness ?? '';
  return {
    atS,
    newestS: new Map(counts ? [[freshness, atS - 1]] : []),
    found: new Map(
      counts
        ? [
            [bad?.id ?? '', { kind: 'numbers', values: new Map([['', counts[0]]]) }],
            [total?.id ?? '', { kind: 'numbers', values: new Map([['', counts[1]]]) }],
          ]
        : [],
    ),
    unusable: new Map(),
  };
}

test('one query is asked once, however many objectives need it', () => {
  const more = eventPlan(config, [
    { name: 'a', belowMs: null, events },
    { name: 'b', belowMs: null, events: { ...events, query: 'c{job="shop"}' } },
    { name: 'c', belowMs: 100, events: { kind: 'classic', query: 'took{job="shop"}', unitMs: 1_000 } },
    { name: 'd', belowMs: 500, events: { kind: 'classic', query: 'took_bucket{job="shop"}', unitMs: 1_000 } },
  ]);
  assert.deepEqual(
    more.queries.map(({ text }) => text),
    ['b{job="shop"}', 't{job="shop"}', 'c{job="shop"}', 'took_bucket{job="shop"}'],
  );
});

const freshness: readonly [query: string, want: string | null][] = [
  ['t', 'max(timestamp(t))'],
  ['t{code="5",job=~"a|b"}', 'max(timestamp(t{code="5",job=~"a|b"})) or max(timestamp(up{job=~"a|b"}) and up{job=~"a|b"} == 1)'],
  ['t{job!="a"}', 'max(timestamp(t{job!="a"}))'],
  [
    'sum by (instance) (t{instance="x:1"})',
    'max(timestamp(t{instance="x:1"})) or max(timestamp(up{instance="x:1"}) and up{instance="x:1"} == 1)',
  ],
  ['{__name__="t"}', 'max(timestamp({__name__="t"}))'],
];
for (const [query, want] of freshness)
  test(`the newest sample of ${query} is asked for`, () => assert.equal(freshnessOf(query), want));

test('what came in a hole counts up to an hour, and of a longer one it is said that nothing does', () => {
  for (const holeS of [holeMaxS - 60, holeMaxS + 60]) {
    let state = nothingSeen(plan, 0);
    const slots: unknown[] = [];
    const notes: string[] = [];
    const go = (atS: number, counts: readonly [number, number] | null): void => {
      const next = advance(plan, state, moment(plan, atS, counts), 15);
      ({ state } = next);
      for (const { slot, note } of next.told) {
        if (slot) slots.push([slot.seconds, slot.bad, slot.total]);
        if (note) notes.push(note);
      }
    };
    for (let atS = 15; atS <= 60; atS += 15) go(atS, [1, 10]);
    for (let atS = 75; atS < 60 + holeS; atS += 15) go(atS, null);
    go(60 + holeS, [4, 50]);
    go(75 + holeS, [5, 52]);
    if (holeS < holeMaxS) {
      assert.deepEqual(slots, [
        [15, 0, 0],
        [holeS, 3, 40],
        [15, 1, 2],
      ]);
      assert.deepEqual(notes, []);
    } else {
      assert.deepEqual(slots, [
        [15, 0, 0],
        [15, 1, 2],
      ]);
      assert.match(notes.join(), /^nothing is known of the time from 1970-01-01 00:01:00 to 1970-01-01 01:02:00/);
    }
  }
});
