import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Events } from './types.ts';
import { SlidingSum } from './windows.ts';

/** The definition, slow and obvious: everything that was taken, and the sum of what lies in the window. */
class Obvious {
  readonly #taken: { slot: number; events: Events }[] = [];
  readonly #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  add(slot: number, events: Events): void {
    this.#taken.push({ slot, events });
  }

  through(slot: number): Events {
    const inside = this.#taken.filter((one) => one.slot > slot - this.#slots && one.slot <= slot);
    return {
      bad: inside.reduce((sum, { events }) => sum + events.bad, 0),
      total: inside.reduce((sum, { events }) => sum + events.total, 0),
    };
  }
}

const steps = fc.array(
  fc.record({
    gap: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.integer({ min: 2, max: 60 }) }),
    total: fc.integer({ min: 0, max: 1_000_000 }),
    share: fc.integer({ min: 0, max: 100 }),
    looks: fc.boolean(),
  }),
  { maxLength: 200 },
);

test('a sliding sum is what its definition says, over gaps, pauses and looks in between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1_000 }), steps, (slots, begin, all) => {
      const [quick, obvious] = [new SlidingSum(slots), new Obvious(slots)];
      let slot = begin;
      for (const { gap, total, share, looks } of all) {
        slot += gap;
        const events = { bad: Math.floor((total * share) / 100), total };
        assert(quick.add(slot, events));
        obvious.add(slot, events);
        assert.deepEqual(quick.through(slot), obvious.through(slot));
        if (!looks) continue;
        slot += 1;
        assert.deepEqual(quick.through(slot), obvious.through(slot));
      }
    }),
    { numRuns: 300 },
  );
});

test('a slot that was judged already is not taken again, and what is known of the past is said', () => {
  const sum = new SlidingSum(3);
  assert.equal(sum.known, 0);
  assert(sum.add(10, { bad: 1, total: 10 }));
  assert(!sum.add(10, { bad: 1, total: 10 }));
  assert(!sum.add(9, { bad: 1, total: 10 }));
  assert.deepEqual([sum.through(10), sum.known], [{ bad: 1, total: 10 }, 1]);
  assert(sum.add(12, { bad: 0, total: 5 }));
  assert.deepEqual([sum.through(12), sum.known], [{ bad: 1, total: 15 }, 3]);
  assert.deepEqual(sum.through(13), { bad: 0, total: 5 });
  assert.deepEqual(sum.through(99), { bad: 0, total: 0 });
});
