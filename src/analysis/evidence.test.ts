import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyEvidence, type Evidence, elapse, grow, meanLog, openEvidence, weigh } from './evidence.ts';
import { limitGrowth } from './likelihood.ts';
import { uniform } from './simulated-traffic.fixture.ts';

/** The evidence after one look. */
function after(
  e: Evidence,
  { dtS = 1, mass = 0, fresh = false, cap = 20, blockS = 5, growth = [] as readonly number[] },
): Evidence {
  elapse(e, grid, dtS, mass, fresh, blockS, cap);
  grow(e, growth);
  weigh(e);
  return e;
}

const grid = { effects: [1.5, 3, 8], shares: [0.25, 0.5, 0.25] };

test('no evidence is 1 : 1, and time alone changes nothing', () => {
  const e = openEvidence(grid, 5);
  assert.equal(e.log, 0);
  for (let i = 0; i < 100; i++) after(e, { mass: 0.005, cap: 5 });
  assert.ok(Math.abs(e.log) < 1e-9);
});

test('a block never adds more than its cap', () => {
  const e = after(openEvidence(grid, 2), { mass: 1, fresh: true, cap: 2, growth: [100, 100, 100] });
  assert.ok(e.log <= 2 + 1e-9);
});

test('a fault that begins late is found as if the good time before it had been short', () => {
  const perfect = limitGrowth(grid.effects, 0, 10, 0.01);
  const faulty = limitGrowth(grid.effects, 1, 10, 0.01);
  const waitAfter = (goodSeconds: number): number => {
    const e = openEvidence(grid, 20);
    for (let i = 0; i < goodSeconds; i++) after(e, { mass: i === 0 ? 0.5 : 1e-4, fresh: i === 0, growth: perfect });
    let wait = 0;
    while (e.log < 3.4) {
      wait++;
      after(e, { mass: 1e-4, growth: faulty });
    }
    return wait;
  };
  assert.ok(waitAfter(3000) <= waitAfter(10) + 12, `${waitAfter(10)} s after 10 s, ${waitAfter(3000)} s after 3000 s`);
});

test('evidence stays a finite number whatever is added', () => {
  const step = fc.record({
    dtS: fc.integer({ min: 0, max: 60 }),
    mass: fc.double({ min: 0, max: 1, noNaN: true }),
    fresh: fc.boolean(),
    growth: fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const e = openEvidence(grid, 5);
      for (const step of steps) {
        after(e, { ...step, cap: 5 });
        assert.ok(Number.isFinite(e.log) && [...e.closed, ...e.open].every(Number.isFinite));
        assert.ok(e.unspent >= 0 && e.unspent <= 1);
      }
      assert.deepEqual(JSON.parse(JSON.stringify(e)), JSON.parse(JSON.stringify(JSON.parse(JSON.stringify(e)))));
    }),
  );
});

test('looked at every second, acceptable counts exceed 20 : 1 in at most one of 20 histories', () => {
  const random = uniform(7);
  let exceeded = 0;
  const histories = 600;
  for (let h = 0; h < histories; h++) {
    const e = openEvidence(grid, 20);
    for (let t = 0; t < 300; t++) {
      let bad = 0;
      for (let i = 0; i < 10; i++) if (random() < 0.01) bad++;
      after(e, { mass: t === 0 ? 0.5 : 0.001, fresh: t === 0, growth: limitGrowth(grid.effects, bad, 10, 0.01) });
      if (e.log >= Math.log(20)) {
        exceeded++;
        break;
      }
    }
  }
  assert.ok(exceeded <= histories / 20, `${exceeded} of ${histories}`);
});

test('a copy goes its own way', () => {
  const e = after(openEvidence(grid, 5), { mass: 0.5, fresh: true, growth: [1, 1, 1] });
  const before = JSON.stringify(e);
  after(copyEvidence(e), { mass: 0.1, fresh: true, growth: [2, 2, 2] });
  assert.equal(JSON.stringify(e), before);
});

test('the mean of several evidences is at most the strongest and at least its share', () => {
  assert.equal(meanLog([]), 0);
  assert.equal(meanLog([2]), 2);
  assert.ok(Math.abs(meanLog([3, 0, 0, 0]) - Math.log((Math.E ** 3 + 3) / 4)) < 1e-9);
});
