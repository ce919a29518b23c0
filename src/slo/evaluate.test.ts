import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Objective } from '../spec/types.ts';
import { ObjectiveSums, policyOf, stateOf } from './evaluate.ts';
import { defaultPolicy, fires, thresholdOf } from './policy.ts';
import { slotS } from './windows.ts';

const day = 86_400_000;
const objective: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * day, belowMs: null };
const begin = 1_764_352_800;

test('an objective is judged as the definition says, at every slot of any history', () => {
  const slots = fc.array(
    fc.record({ total: fc.integer({ min: 0, max: 400 }), badPermille: fc.constantFrom(0, 0, 1, 10, 14, 15, 100, 1_000) }),
    { minLength: 1, maxLength: 400 },
  );
  fc.assert(
    fc.property(slots, fc.integer({ min: 0, max: 20 }), (all, minBad) => {
      const alerts = defaultPolicy.map((tier) => ({ ...tier, minBad }));
      const sums = new ObjectiveSums({ ...objective, alerts });
      const history: { bad: number; total: number }[] = [];
      for (const [index, { total, badPermille }] of all.entries()) {
        const events = { bad: Math.round((total * badPermille) / 1_000), total };
        history.push(events);
        const endS = begin + (index + 1) * slotS;
        assert(sums.add(endS - slotS, endS, events));
        // The history is shorter than an hour and a bit, so windows of an hour and more are cut by slots alone.
        const { tiers } = sums.read(endS, 60);
        const sumOf = (ms: number) => {
          const inside = history.slice(-ms / 1_000 / slotS);
          return { bad: inside.reduce((sum, { bad }) => sum + bad, 0), total: inside.reduce((sum, { total: n }) => sum + n, 0) };
        };
        for (const { tier, isMet } of tiers)
          assert.equal(
            isMet,
            fires(tier, thresholdOf(tier, objective), sumOf(tier.longMs), sumOf(tier.shortMs)),
            `${tier.name} at ${index}`,
          );
      }
    }),
    { numRuns: 100 },
  );
});

/** Minutes after the first error at which tiers begin and end to be met: the suite `promtool/seed-policy.test.yml`. */
test('tiers are met and met no more in the minutes that promtool finds for the same series', () => {
  // 3,600 requests a minute for three days; then 10 % fail for an hour; then none.
  const sums = new ObjectiveSums({ ...objective, alerts: defaultPolicy });
  const met = new Map<string, [from: number, to: number]>();
  const [clean, failing, after] = [4_320, 60, 600];
  for (let minute = 0; minute < clean + failing + after; minute += 1) {
    const bad = minute >= clean && minute < clean + failing ? 60 : 0;
    for (let slot = 0; slot < 6; slot += 1) {
      const fromS = begin + minute * 60 + slot * slotS;
      sums.add(fromS, fromS + slotS, { bad, total: 600 });
    }
    for (const { tier, isMet } of sums.read(sums.knownToS, 60).tiers) {
      const known = met.get(tier.name);
      if (isMet && !known) met.set(tier.name, [minute + 1 - clean, Number.NaN]);
      if (!isMet && known && Number.isNaN(known[1])) known[1] = minute + 1 - clean - failing;
    }
  }
  assert.deepEqual(
    [...met],
    [
      ['P0', [9, 5]],
      ['P1', [22, 29]],
      ['P2', [44, 357]],
    ],
  );
});

test('nothing heard for a while is no data: no tier is met, and what comes later is taken in all the same', () => {
  const sums = new ObjectiveSums(objective);
  assert.equal(sums.read(begin, 60).isStale, true);
  sums.add(begin, begin + 10, { bad: 50, total: 50 });
  assert.equal(sums.read(begin + 70, 60).tiers[0]?.isMet, true);
  const stale = sums.read(begin + 71, 60);
  assert.deepEqual([stale.isStale, stale.tiers[0]?.isMet, stale.tiers[0]?.short.state], [true, false, 'no-data']);
  assert(sums.add(begin + 10, begin + 20, { bad: 0, total: 5 }));
  assert.deepEqual(sums.sum(30 * day), { bad: 50, total: 55 });
  assert.equal(sums.read(begin + 71, 60).stretchS, 20);
  sums.add(begin + 60, begin + 70, { bad: 0, total: 0 });
  const { stretchS, tiers } = sums.read(begin + 71, 60);
  assert.deepEqual([stretchS, tiers[0]?.short.state], [10, 'breaching']);
});

test('no events are no breach, and no proof either', () => {
  assert.equal(stateOf(objective, { bad: 0, total: 0 }, true), 'no-traffic');
  assert.equal(stateOf(objective, { bad: 0, total: 0 }, false), 'no-data');
  assert.equal(stateOf(objective, { bad: 1, total: 1_000 }, true), 'ok');
  assert.equal(stateOf(objective, { bad: 2, total: 1_999 }, true), 'breaching');
});

test('of the usual alerts those are left out that are longer than the window', () => {
  assert.deepEqual(
    policyOf({ windowMs: 7 * day }).map(({ name }) => name),
    ['P0', 'P1', 'P2'],
  );
  assert.deepEqual(
    policyOf({ windowMs: day }).map(({ name }) => name),
    ['P0', 'P1'],
  );
  assert.deepEqual(policyOf({ windowMs: day, alerts: [] }), []);
});
