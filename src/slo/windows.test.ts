import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Events } from './types.ts';
import { beginOf, cellOf, slotS, WindowSums } from './windows.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const lengths = [5 * minuteMs, hourMs, 30 * minuteMs, 6 * hourMs, 72 * hourMs, 30 * 24 * hourMs];

/** The definition, slow and obvious: everything that was taken, and the sum of what lies in the window. */
class Obvious {
  readonly #taken: { fromS: number; events: Events }[] = [];

  add(fromS: number, events: Events): void {
    this.#taken.push({ fromS, events });
  }

  sum(windowMs: number, endS: number): Events {
    const cellMs = cellOf(windowMs) * 1_000;
    const beginS = (Math.floor((endS * 1_000 - windowMs) / cellMs) * cellMs) / 1_000;
    const inside = this.#taken.filter(({ fromS }) => fromS >= beginS && fromS < endS);
    return {
      bad: inside.reduce((sum, { events }) => sum + events.bad, 0),
      total: inside.reduce((sum, { events }) => sum + events.total, 0),
    };
  }
}

const gaps = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.integer({ min: 2, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 61, max: 9_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 9_001, max: 400_000 }) },
);
const totals = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 5_000_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 31, max: 2 ** 34 }) },
);
const steps = fc.array(fc.record({ gap: gaps, total: totals, share: fc.integer({ min: 0, max: 100 }), looks: fc.boolean() }), {
  maxLength: 120,
});

test('windows hold what their definition says, over gaps, pauses, growing counts and looks in between', () => {
  fc.assert(
    fc.property(
      fc.subarray(lengths, { minLength: 1 }),
      fc.integer({ min: 1, max: 200_000_000 }),
      steps,
      (windows, begin, all) => {
        const [quick, obvious] = [new WindowSums(windows), new Obvious()];
        let endS = begin * slotS;
        const agree = () => {
          for (const ms of windows) assert.deepEqual(quick.sum(ms), obvious.sum(ms, endS), `${ms} ms before ${endS}`);
        };
        for (const { gap, total, share, looks } of all) {
          endS += gap * slotS;
          const events = { bad: Math.floor((total * share) / 100), total };
          assert(quick.add(endS - slotS, endS, events));
          obvious.add(endS - slotS, events);
          agree();
          if (!looks) continue;
          endS += slotS;
          quick.through(endS);
          agree();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('what was judged already is not taken again', () => {
  const sums = new WindowSums([5 * minuteMs]);
  assert(sums.add(1_000, 1_010, { bad: 1, total: 10 }));
  assert(!sums.add(1_000, 1_010, { bad: 1, total: 10 }));
  assert(!sums.add(990, 1_000, { bad: 1, total: 10 }));
  assert.deepEqual(sums.sum(5 * minuteMs), { bad: 1, total: 10 });
  assert.throws(() => sums.sum(1), RangeError);
});

test('a window begins with a cell: it is never shorter than it says, and longer by less than a cell', () => {
  for (const ms of lengths)
    for (const endS of [1_764_352_800, 1_764_352_810, 1_764_356_390]) {
      const longer = endS - beginOf(ms, endS) - ms / 1_000;
      assert.ok(longer >= 0 && longer < cellOf(ms), `${ms} ${endS}: ${longer}`);
    }
});
