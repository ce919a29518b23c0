import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EventSlot } from '../source.ts';
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

/** What happens between two moments: more of each counter, or the process begins anew and does so much; and whether it is seen. */
const turn = fc.record({
  good: fc.nat(9),
  bad: fc.nat(3),
  isRestart: fc.boolean(),
  sight: fc.constantFrom('seen', 'seen', 'seen', 'no scrape', 'no bad', 'no total'),
});

test('whatever counters do and whenever they are seen, slots follow each other and hold exactly what has come', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 4, maxLength: 60 }), (turns) => {
      let state = nothingSeen(plan, 0);
      let [bad, total] = [5, 50];
      let [realBad, realTotal] = [0, 0];
      /** All that has really come up to each moment. */
      const real = new Map<number, readonly [bad: number, total: number]>();
      const slots: EventSlot[] = [];
      // One that begins anew is seen before it is past where it stood: otherwise nobody can tell.
      let [seenBad, seenTotal] = [bad, total];
      for (const [index, { good, bad: moreBad, isRestart, sight }] of turns.entries()) {
        const atS = (index + 1) * 15;
        const isNew =
          isRestart && sight === 'seen' && bad === seenBad && moreBad < bad && total === seenTotal && good + moreBad < total;
        bad = isNew ? moreBad : bad + moreBad;
        total = isNew ? good + moreBad : total + good + moreBad;
        realBad += moreBad;
        realTotal += good + moreBad;
        real.set(atS, [realBad, realTotal]);
        const seen = moment(plan, atS, sight === 'no scrape' ? null : [bad, total]);
        const broken = plan.queries[sight === 'no bad' ? 0 : 1]?.id ?? '';
        const unusable = new Map(sight.startsWith('no ') && sight !== 'no scrape' ? [[broken, 'no number']] : []);
        const next = advance(plan, state, { ...seen, unusable }, 15);
        ({ state } = next);
        if (sight === 'seen') [seenBad, seenTotal] = [bad, total];
        for (const { slot } of next.told) if (slot) slots.push(slot);
      }
      const [first] = slots;
      const last = slots.at(-1);
      if (!first || !last) return;
      for (const [index, { second, seconds }] of slots.entries())
        if (index > 0) assert.equal(second - seconds, slots[index - 1]?.second);
      const before = real.get(first.second - first.seconds) ?? assert.fail();
      const after = real.get(last.second) ?? assert.fail();
      const sum = (of: 'bad' | 'total'): number => slots.reduce((all, slot) => all + slot[of], 0);
      assert.deepEqual([sum('bad'), sum('total')], [after[0] - before[0], after[1] - before[1]]);
    }),
  );
});
