import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy } from '../guard.ts';
import type { SightInput } from './step.ts';
import { worstCost } from './worst-cost.ts';

const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 }],
  minRequests: 20,
};
const input = (more: Partial<SightInput> = {}): SightInput => ({
  traffic: { requestsPerSecond: 100, errorPpm: 1_000, histogram: [18, 2_000, 20, 3_000] },
  weight: 10,
  stepS: 600,
  stepsBefore: 0,
  historyRequests: 30_000,
  policy,
  ...more,
});
const availability = { belowMs: null };

test('the worst is neither a total failure, which is noticed in seconds, nor the smallest rise, which costs little', () => {
  const cost = worstCost(input(), availability);
  assert(cost);
  assert.ok(cost.risePpm > 100 && cost.risePpm < 500_000, `${cost.risePpm}`);
  // A rise that nobody notices lasts as long as the step, and never costs more than all of its requests.
  assert.ok(cost.events <= 0.1 * 100 * 600 && cost.seconds <= 600);
  assert.ok(
    Math.abs(cost.events - (cost.risePpm / 1e6) * cost.seconds * 10) < 1e-6 * cost.events + 1e-3,
    'it is the sum of its parts',
  );
});

test('a longer step, and a step with more traffic of a slow fault, cost at least as much', () => {
  const events = (more: Partial<SightInput>) => worstCost(input(more), availability)?.events ?? Number.NaN;
  assert.ok(events({ stepS: 1_200 }) >= events({ stepS: 600 }));
  assert.ok(events({ stepS: 10 }) <= 0.1 * 100 * 10);
});

test('nothing is at stake without traffic or weight, and nothing can be said of what is not known', () => {
  assert.equal(worstCost(input({ weight: 0 }), availability)?.events, 0);
  assert.equal(worstCost(input({ traffic: { requestsPerSecond: 0, errorPpm: null, histogram: [] } }), availability)?.events, 0);
  assert.equal(worstCost(input({ traffic: { requestsPerSecond: 10, errorPpm: 0, histogram: [] } }), { belowMs: 500 }), null);
  assert.ok((worstCost(input(), { belowMs: 500 })?.events ?? 0) > 0);
});
