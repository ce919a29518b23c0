import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concerns, isLeftOut, spansOf } from './corrections.ts';
import { SliceCounter } from './slices.ts';

const ended = (slots: readonly (readonly [fromS: number, bad: number, total: number])[]) => {
  const counter = new SliceCounter({ everyMs: 60_000, targetPpm: 950_000 });
  return slots.flatMap(([fromS, bad, total]) => counter.add(fromS, fromS + 10, { bad, total }));
};

test('a slice is bad when less of its own events were good than asked for, and good without any', () => {
  const minute = (at: number, bad: number, total: number) =>
    Array.from({ length: 6 }, (_, slot) => [at * 60 + slot * 10, bad, total] as const);
  const slices = ended([...minute(1, 1, 20), ...minute(2, 2, 20), ...minute(3, 0, 0)]);
  assert.deepEqual(slices, [
    { fromS: 60, toS: 120, events: { bad: 0, total: 1 } },
    { fromS: 120, toS: 180, events: { bad: 1, total: 1 } },
    { fromS: 180, toS: 240, events: { bad: 0, total: 1 } },
  ]);
});

test('a slice of which not all is known counts as what is known of it, once the next one begins', () => {
  assert.deepEqual(
    ended([
      [60, 10, 10],
      [190, 0, 5],
    ]),
    [{ fromS: 60, toS: 120, events: { bad: 1, total: 1 } }],
  );
  // A pause of hours are no slices: nobody knows what they were like.
  assert.equal(
    ended([
      [60, 0, 10],
      [9_000, 0, 10],
    ]).length,
    1,
  );
});

test('of spans that overlap each moment is left out once, whatever their order', () => {
  const spans = fc.array(
    fc
      .record({ fromMs: fc.integer({ min: 0, max: 200 }), long: fc.integer({ min: 0, max: 60 }) })
      .map(({ fromMs, long }) => ({ fromMs, toMs: fromMs + long })),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(spans, fc.integer({ min: 0, max: 280 }), (given, at) => {
      const joined = spansOf(given);
      for (const [index, { fromMs }] of joined.entries()) if (index > 0) assert.ok(fromMs > (joined[index - 1]?.toMs ?? 0));
      assert.equal(
        isLeftOut(joined, at),
        given.some(({ fromMs, toMs }) => at >= fromMs && at < toMs),
      );
    }),
  );
});

test('a correction concerns its objective, or all of a service', () => {
  const correction = { id: 'c', objective: 'shop/availability', fromMs: 0, toMs: 1, why: '', by: 'anna' };
  assert(concerns(correction, 'shop/availability'));
  assert(!concerns(correction, 'shop/availability-2'));
  assert(concerns({ ...correction, objective: 'shop/*' }, 'shop/latency'));
  assert(!concerns({ ...correction, objective: 'shop/*' }, 'shop2/latency'));
});
