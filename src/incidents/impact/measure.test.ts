import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultPolicy } from '../../slo/policy.ts';
import { piecesOf } from './cells.ts';
import { changePoint } from './change-point.ts';
import { measureIncident } from './measure.ts';
import type { CountCell, MeasuredObjective, MeasureInput } from './types.ts';

const day = 86_400_000;
/** 2026-11-29 03:00:00 UTC. */
const beginS = 1_795_921_200;
const [pages] = defaultPolicy;

/** Two hours of 100 requests in ten seconds; one version fails 40 of its 50 from a slot on until another one. */
function cells(fromSlot: number, toSlot: number, slots = 720): readonly CountCell[] {
  return Array.from({ length: slots }, (_, slot): readonly CountCell[] => {
    const fromS = beginS + slot * 10;
    const cell = { fromS, toS: fromS + 10, isLeftOut: false, total: 50 };
    const isBad = slot >= fromSlot && slot < toSlot;
    return [
      { ...cell, version: '1.0.0', bad: slot % 60 === 0 ? 1 : 0 },
      { ...cell, version: '1.1.0', bad: isBad ? 40 : 0 },
    ];
  }).flat();
}

function objective(more: Partial<MeasuredObjective> = {}): MeasuredObjective {
  assert(pages);
  const fixed = { id: 'shop/availability', name: 'availability', targetPpm: 999_000, windowMs: 30 * day, expected: 25_920_000 };
  return { ...fixed, tier: pages, cells: cells(400, 460), ...more };
}

const at = (slot: number) => (beginS + slot * 10) * 1_000;

function input(more: Partial<MeasureInput> = {}): MeasureInput {
  return {
    startedAtMs: at(404),
    isStartGiven: false,
    guardedFromMs: null,
    detectedAtMs: at(404),
    endedAtMs: at(470),
    overAtMs: at(490),
    lookBackMs: 3_600_000,
    actions: [{ id: 'rollback-1', begunAtMs: at(455), endedAtMs: at(460) }],
    objectives: [objective()],
    ...more,
  };
}

test('what was counted is exact: bad events by version, the usual before, minutes, and how many until it was known of', () => {
  const measured = measureIncident(input());
  assert.equal(measured.startedAtMs, at(400));
  assert.equal(measured.endedAtMs, at(460));
  const [found] = measured.objectives;
  assert(found);
  assert.deepEqual(found.during, { fromMs: at(400), toMs: at(460), bad: 60 * 40 + 1, total: 6_000 });
  assert.deepEqual(found.versions, [
    { version: '1.1.0', bad: 2_400, total: 3_000 },
    { version: '1.0.0', bad: 1, total: 3_000 },
  ]);
  assert.deepEqual(found.baseline, { fromMs: at(40), toMs: at(400), bad: 6, total: 36_000 });
  assert.equal(found.missedMs, 600_000);
  assert.deepEqual([found.beforeDetected.bad, found.beforeDetected.total], [160, 400]);
  assert.equal(found.cellS, 10);
});

test('a change inside of a cell is found there: what went wrong in that cell is of the incident, and nothing of it is usual', () => {
  const partly = cells(400, 460).map((cell) => {
    if (cell.version !== '1.1.0') return { ...cell, bad: 0 };
    const slot = (cell.fromS - beginS) / 10;
    // Of the cell before the beginning a quarter, of the one after the end half.
    return { ...cell, bad: slot === 399 ? 10 : slot === 460 ? 20 : cell.bad };
  });
  const measured = measureIncident(input({ objectives: [objective({ cells: partly })] }));
  assert.equal(measured.startedAtMs, at(399) + 7_500);
  assert.ok(Math.abs(measured.endedAtMs - at(460) - 5_000) < 100, `${measured.endedAtMs - at(460)}`);
  const [found] = measured.objectives;
  assert.deepEqual(found?.during, { fromMs: at(399), toMs: at(461), bad: 60 * 40 + 10 + 20, total: 6_200 });
  assert.equal(found?.baseline?.bad, 0);
  for (const change of [measured.start, measured.end])
    assert(change && change.lowMs <= change.atMs && change.atMs <= change.highMs);
});

test('what the guard of a release has seen before the counts show a change is a beginning, unless a person has said when it was', () => {
  const guardedFromMs = at(395) + 1_200;
  const measured = measureIncident(input({ guardedFromMs }));
  assert.deepEqual([measured.startedAtMs, measured.start], [guardedFromMs, null]);
  assert.equal(measured.objectives[0]?.during.fromMs, at(395));
  assert.equal(measureIncident(input({ guardedFromMs: at(402) })).startedAtMs, at(400));
  const given = input({ guardedFromMs, isStartGiven: true, startedAtMs: at(398) });
  assert.equal(measureIncident(given).startedAtMs, at(398));
});

test('an incident that has come again is counted to its last end, and what comes after it is another', () => {
  const twice = cells(400, 460).map((cell) => {
    const slot = (cell.fromS - beginS) / 10;
    return cell.version === '1.1.0' && ((slot >= 500 && slot < 530) || slot >= 600) ? { ...cell, bad: 10 } : cell;
  });
  const again = { objectives: [objective({ cells: twice })], endedAtMs: at(540), overAtMs: at(595) };
  const measured = measureIncident(input(again));
  assert.deepEqual([measured.startedAtMs, measured.endedAtMs], [at(400), at(530)]);
  assert.equal(measured.objectives[0]?.during.bad, 60 * 40 + 30 * 10 + 2);
  assert.equal(measureIncident(input({ ...again, endedAtMs: at(595), overAtMs: at(640) })).endedAtMs, at(530));
});

test('what was bad by the moment at which it was known of is counted to the nearest cell', () => {
  const before = (afterMs: number) =>
    measureIncident(input({ detectedAtMs: at(403) + afterMs })).objectives[0]?.beforeDetected.bad;
  assert.deepEqual([before(2_000), before(8_000)], [120, 160]);
  assert.equal(measureIncident(input({ detectedAtMs: at(400) + 1_000 })).objectives[0]?.beforeDetected.bad, 40);
});

test('an action has helped only when the burn was above its factor before and is not within the short window after', () => {
  const verdicts = (more: Partial<MeasureInput>) =>
    measureIncident(input(more)).objectives[0]?.help.map(({ verdict }) => verdict);
  assert.deepEqual(verdicts({}), ['helped']);
  const restart = { id: 'restart-1', begunAtMs: at(410), endedAtMs: at(415) };
  const rollback = { id: 'rollback-1', begunAtMs: at(455), endedAtMs: at(460) };
  assert.deepEqual(verdicts({ actions: [restart, rollback] }), ['no-help', 'helped']);
  // The restart ends right before the rollback that helps: that is not its merit.
  assert.deepEqual(verdicts({ actions: [{ ...restart, endedAtMs: at(454) }, rollback] }), ['no-help', 'helped']);
  assert.deepEqual(verdicts({ actions: [{ id: 'restart-1', begunAtMs: at(390), endedAtMs: at(392) }] }), ['not-needed']);
  assert.deepEqual(verdicts({ objectives: [objective({ cells: cells(400, 460, 460) })] }), [null]);
});

test('the sums by version are those of the objective, whatever was counted, and a correction is in none of them', () => {
  const some = fc.array(
    fc.record({
      slot: fc.integer({ min: 300, max: 600 }),
      version: fc.constantFrom('1.0.0', '1.1.0', '1.2.0'),
      total: fc.integer({ min: 0, max: 1_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      isLeftOut: fc.boolean(),
    }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(some, (all) => {
      const counted = all.map(({ slot, version, total, share, isLeftOut }): CountCell => {
        const fromS = beginS + slot * 10;
        return { fromS, toS: fromS + 10, version, isLeftOut, total, bad: Math.floor(total * share) };
      });
      const { objectives, startedAtMs, endedAtMs } = measureIncident(input({ objectives: [objective({ cells: counted })] }));
      const [found] = objectives;
      assert(found && startedAtMs <= endedAtMs);
      for (const key of ['bad', 'total'] as const)
        assert.equal(
          found.versions.reduce((sum, one) => sum + one[key], 0),
          found.during[key],
        );
      const inside = counted.filter(({ fromS, toS }) => fromS * 1_000 < endedAtMs && toS * 1_000 > startedAtMs);
      assert.equal(
        inside.reduce((sum, { bad }) => sum + bad, 0),
        found.during.bad + found.leftOut.bad,
      );
    }),
    { numRuns: 200 },
  );
});

test('the change lies in its interval in almost all histories, and a history without one shows none', () => {
  /** Numbers of Marsaglia's xorshift: the same in each run. */
  let seed = 2_463_534_242;
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
  const history = (changeSlot: number, share: number) =>
    piecesOf(
      Array.from({ length: 200 }, (_, slot): CountCell => {
        const p = slot >= changeSlot ? share : 0.001;
        const bad = Array.from({ length: 50 }).filter(() => random() < p).length;
        return { fromS: beginS + slot * 10, toS: beginS + slot * 10 + 10, version: '', isLeftOut: false, bad, total: 50 };
      }),
    );
  let missed = 0;
  for (let run = 0; run < 200; run += 1) {
    const slot = 20 + Math.floor(random() * 160);
    const found = changePoint(history(slot, 0.05), 'up');
    if (!found || at(slot) < found.lowMs || at(slot) > found.highMs) missed += 1;
  }
  assert.ok(missed <= 10, `${missed} of 200 missed`);
  let shown = 0;
  for (let run = 0; run < 200; run += 1) if (changePoint(history(500, 0), 'up')) shown += 1;
  assert.ok(shown <= 2, `${shown} of 200 shown`);
});

test('a counter that says more bad events than there were moves no clock', () => {
  const broken = Array.from({ length: 100 }, (_, slot) => ({
    fromS: beginS + slot * 10,
    toS: beginS + slot * 10 + 10,
    bad: slot === 50 ? 900 : 0,
    total: 100,
  }));
  assert.equal(changePoint(broken, 'up'), null);
});
