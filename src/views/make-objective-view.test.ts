import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Objective } from '../spec/types.ts';
import { budgetView, burnDownPoints, expectedEvents, objectiveView, sumText } from './make-objective-view.ts';

const day = 86_400_000;
const objective: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * day, belowMs: null };
const nowMs = Date.parse('2026-11-28T12:00:00Z');
const rolling = { fromMs: nowMs - 30 * day, toMs: nowMs };

test('a full window expects what it holds; of less what is known goes on evenly, and that is said', () => {
  const full = {
    objective,
    before: null,
    counted: { bad: 1, total: 1_000 },
    period: rolling,
    knownFromMs: rolling.fromMs,
    knownToMs: nowMs,
    nowMs,
  };
  assert.deepEqual(expectedEvents(full), { events: 1_000, notes: [] });
  const third = expectedEvents({ ...full, knownFromMs: nowMs - 10 * day });
  assert.equal(third.events, 3_000);
  assert.match(third.notes[0] ?? '', /^counts begin 10d ago: the allowance is reckoned with 3,000 events/);
  const hour = { ...full, objective: { ...objective, windowMs: 3_600_000 }, period: { fromMs: nowMs - 3_600_000, toMs: nowMs } };
  assert.equal(expectedEvents({ ...hour, knownFromMs: nowMs - 360_000 }).events, 10_000, 'also of a short one');
  assert.equal(expectedEvents({ ...full, knownFromMs: 0, knownToMs: 0 }).events, 1_000);
});

test('a calendar expects what the period before had, frozen at its beginning', () => {
  const month: Objective = { ...objective, calendar: { unit: 'month', zone: 'UTC' } };
  const period = { fromMs: Date.parse('2026-11-01T00:00:00Z'), toMs: Date.parse('2026-12-01T00:00:00Z') };
  const input = {
    objective: month,
    before: 1_000_000,
    counted: { bad: 100, total: 33_333 },
    period,
    knownFromMs: 1,
    knownToMs: nowMs,
    nowMs,
  };
  assert.deepEqual(expectedEvents(input), { events: 1_000_000, notes: [] });
  // SLO.md: 90 % of the allowance are left where most tools say −200 %.
  const { leftOfAllowance, leftOfObserved, allowedEvents } = budgetView(month, input.counted, 1_000_000);
  assert.deepEqual([leftOfAllowance, allowedEvents], [0.9, 1_000]);
  assert.ok(Math.abs((leftOfObserved ?? 0) + 2.00003) < 1e-9);
  assert.equal(
    expectedEvents({ ...input, counted: { bad: 0, total: 2_000_000 } }).events,
    2_000_000,
    'more than before has come',
  );
});

test('without events nothing is allowed and nothing is spent', () => {
  assert.deepEqual(budgetView(objective, { bad: 0, total: 0 }, 0), {
    allowedEvents: 0,
    badEvents: 0,
    totalEvents: 0,
    leftOfAllowance: null,
    leftOfObserved: null,
    leftMinutes: null,
    leftEvents: null,
  });
});

test('a burn-down says what was left at the end of each piece, and nothing of what is not known', () => {
  const points = burnDownPoints(
    [
      { fromMs: 0, bad: 1, total: 10 },
      { fromMs: 1, bad: null },
      { fromMs: 2, bad: 2, total: 10 },
    ],
    4,
  );
  assert.deepEqual(
    points.map(({ left }) => left),
    [0.75, null, 0.25],
  );
});

test('the sum says each part of it', () => {
  const view = objectiveView({
    id: 'shop/availability',
    service: 'shop',
    objective,
    source: 'router',
    reading: { endS: nowMs / 1_000, isStale: false, stretchS: 1e6, tiers: [] },
    notes: [],
    nowMs,
    period: rolling,
    counted: { bad: 420, total: 1_000_000 },
    all: { bad: 1_500, total: 1_010_000 },
    knownFromMs: rolling.fromMs,
    knownToMs: nowMs,
    before: null,
    corrections: [],
    versions: [],
    byVersion: [{ version: '1.0.0', bad: 420, total: 1_000_000 }],
    open: new Map(),
  });
  assert.deepEqual(sumText(view), [
    '1,000,000 events in 30d × 0.1 % that may be bad = 1,000 allowed',
    '420 of 1,000,000 so far were bad',
    '1 − 420 / 1,000 = 58 % left of the allowance',
    '1 − (420 / 1,000,000) / 0.1 % = 58 % left of what was observed, as most tools reckon',
    'with what corrections leave out: 1,500 of 1,010,000 bad, overspent by 48.5149 %',
  ]);
  assert.deepEqual([view.state, view.byVersion[0]?.ofBudget, view.known], ['ok', 0.42, 1]);
});
