import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import type { Amount, Approval, CanaryStep, ReleasePolicy } from '../spec/types.ts';
import { planRelease } from './plan.ts';
import { canary, undoable, watch, weight } from './story.fixture.ts';
import type { Step } from './types.ts';

const match = [{ header: 'x-test', equals: '1' }];
const end: readonly Step[] = [
  { kind: 'promote' },
  { kind: 'bake', minMs: 10_000, maxMs: 610_000, minRequests: 1 },
  { kind: 'retire', afterMs: 0 },
];

type Case = {
  readonly name: string;
  readonly policy: Partial<ReleasePolicy>;
  readonly stable?: null;
  readonly restore?: true;
  readonly steps: readonly Step[];
};

const everything = canary(
  { kind: 'match', match, ...watch },
  weight(0.5),
  { kind: 'pause', ms: 3_000 },
  { kind: 'pause', ms: null },
  { kind: 'hook', hook: undoable },
  { kind: 'approve', expiresMs: 60_000 },
  { kind: 'weight', weightPpm: 500_000, minMs: 1_000, maxMs: 2_000, minRequests: 40 },
);

const cases: readonly Case[] = [
  {
    name: 'a canary: every weight and match is observed, then everything is the same for all',
    policy: everything,
    steps: [
      { kind: 'match', match },
      { kind: 'observe', ...watch },
      { kind: 'weight', percent: 0.5 },
      { kind: 'observe', ...watch },
      { kind: 'pause', ms: 3_000 },
      { kind: 'pause', ms: null },
      { kind: 'hook', hook: undoable },
      { kind: 'approve', expiresMs: 60_000 },
      { kind: 'weight', percent: 50 },
      { kind: 'observe', minMs: 1_000, maxMs: 2_000, minRequests: 40 },
      ...end,
    ],
  },
  { name: 'a canary without steps goes to all traffic, and bakes', policy: canary(), steps: end },
  {
    name: 'blue-green with everything: test, hook, approval, switch, and blue is kept',
    policy: {
      strategy: {
        kind: 'blueGreen',
        test: { match, ...watch },
        hook: undoable,
        approve: { expiresMs: 60_000 },
        keepMs: 3_600_000,
      },
    },
    steps: [
      { kind: 'match', match },
      { kind: 'observe', ...watch },
      { kind: 'hook', hook: undoable },
      { kind: 'approve', expiresMs: 60_000 },
      ...end.slice(0, 2),
      { kind: 'retire', afterMs: 3_600_000 },
    ],
  },
  {
    name: 'blue-green keeps blue for the longer of its two times',
    policy: { strategy: { kind: 'blueGreen', test: null, hook: null, approve: null, keepMs: 1_000 }, retire: { afterMs: 5_000 } },
    steps: [...end.slice(0, 2), { kind: 'retire', afterMs: 5_000 }],
  },
  {
    name: 'a canary that ends with a switch keeps blue as blue-green does',
    policy: {
      strategy: {
        kind: 'canary',
        steps: [weight(10)],
        switch: { test: { match, ...watch }, hook: undoable, approve: { expiresMs: 60_000 }, keepMs: 3_600_000 },
      },
    },
    steps: [
      { kind: 'weight', percent: 10 },
      { kind: 'observe', ...watch },
      { kind: 'match', match },
      { kind: 'observe', ...watch },
      { kind: 'hook', hook: undoable },
      { kind: 'approve', expiresMs: 60_000 },
      ...end.slice(0, 2),
      { kind: 'retire', afterMs: 3_600_000 },
    ],
  },
  {
    name: 'a first version waits for no request',
    policy: everything,
    stable: null,
    steps: [{ kind: 'promote' }, { kind: 'bake', minMs: 10_000, maxMs: 610_000, minRequests: 0 }, { kind: 'retire', afterMs: 0 }],
  },
  { name: 'a restore leaves out what comes before', policy: everything, restore: true, steps: end },
  {
    name: 'a long bake has as long again for its evidence',
    policy: { ...canary(), bakeMs: 3_600_000 },
    steps: [
      { kind: 'promote' },
      { kind: 'bake', minMs: 3_600_000, maxMs: 7_200_000, minRequests: 1 },
      { kind: 'retire', afterMs: 0 },
    ],
  },
];

for (const { name, policy, stable, restore, steps } of cases) {
  test(name, () => {
    const plan = planRelease(simulatedService(policy), stable === null ? null : '1.0.0', '2.0.0', restore ?? false);
    assert.deepEqual(plan.steps, steps);
  });
}

test('instances of a canary: it begins with the first number, grows before more is asked of it, and has all before all of the traffic', () => {
  const sized = (percent: number, replicas: Amount): CanaryStep => ({ ...weight(percent), replicas }) as CanaryStep;
  const plan = (...steps: readonly CanaryStep[]): string => {
    const spec = { ...simulatedService(canary(...steps)), target: { kind: 'process', config: { replicas: 4 } } };
    const { starts, steps: planned } = planRelease(spec, '1.0.0', '2.0.0', false);
    const words = planned.map((step) =>
      step.kind === 'weight' ? `${step.percent}%` : step.kind === 'scale' ? `+${step.replicas}` : '',
    );
    return `${starts}: ${words.filter((word) => word !== '').join(' ')}`;
  };
  assert.equal(plan(weight(10), weight(50)), 'undefined: 10% 50%');
  assert.equal(plan(sized(10, { count: 1 }), sized(50, { sharePpm: 500_000 })), '1: 10% +2 50% +null');
  assert.equal(plan(weight(5), sized(10, { count: 2 }), weight(20)), '2: 5% 10% 20% +null');
  assert.equal(plan(sized(10, { count: 1 }), sized(50, { count: 9 })), '1: 10% +4 50%');
  assert.equal(plan(sized(10, { count: 4 })), 'undefined: 10%');
});

test('the strategy of a plan is what is done, not what the document says', () => {
  const spec = simulatedService(everything);
  assert.equal(planRelease(spec, '1.0.0', '2.0.0', false).strategy, 'canary');
  assert.equal(planRelease(spec, null, '2.0.0', false).strategy, 'first');
  assert.equal(planRelease(spec, null, '2.0.0', true).strategy, 'first');
  assert.equal(planRelease(spec, '1.0.0', '2.0.0', true).strategy, 'restore');
});

test('a restore asks nobody', () => {
  const spec = simulatedService({ approval: { expiresMs: 1_000 } });
  assert.deepEqual(planRelease(spec, '1.0.0', '2.0.0', false).approval, { expiresMs: 1_000 });
  assert.equal(planRelease(spec, '1.0.0', '2.0.0', true).approval, null);
});

test('a question that another had to answer is asked of the release that leaves it out, too', () => {
  const another = { expiresMs: 5_000, by: 'another' } as const;
  const policyOf = (more: Partial<ReleasePolicy>): ReleasePolicy => simulatedService(more).release;
  const strategy = (approve: Approval): Partial<ReleasePolicy> => ({
    strategy: { kind: 'canary', steps: [{ kind: 'approve', ...approve }, weight(10)] },
  });
  const asked = (now: Partial<ReleasePolicy>, before: ReleasePolicy | null, restore = false) =>
    planRelease(simulatedService(now), '1.0.0', '2.0.0', restore, before).approval;
  assert.deepEqual(asked({}, policyOf({ approval: another })), another);
  assert.deepEqual(asked({}, policyOf(strategy(another))), another);
  assert.deepEqual(asked({ approval: { expiresMs: 1 } }, policyOf({ approval: another })), another);
  // It asks another itself, now or later.
  assert.deepEqual(asked({ approval: { ...another, expiresMs: 7 } }, policyOf(strategy(another))), { ...another, expiresMs: 7 });
  assert.equal(asked(strategy(another), policyOf({ approval: another })), null);
  // What anybody may answer, they may also leave out.
  assert.equal(asked({}, policyOf({ approval: { expiresMs: 5_000 } })), null);
  assert.equal(asked({}, null), null);
  // A way back is never kept waiting.
  assert.equal(asked({}, policyOf({ approval: another }), true), null);
});
