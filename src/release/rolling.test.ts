import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instancesOf } from '../spec/replicas.ts';
import type { Amount, Rolling } from '../spec/types.ts';
import { rollingSteps } from './rolling.ts';
import { stepText } from './step-text.ts';
import { watch } from './story.fixture.ts';
import type { Step } from './types.ts';

const n = (count: number): Amount => ({ count });
const share = (percent: number): Amount => ({ sharePpm: percent * 10_000 });

function policy(batch: Amount, maxSurge: Amount, maxUnavailable: Amount, approve: Rolling['approve'] = null): Rolling {
  return { batch, maxSurge, maxUnavailable, watch, approve };
}

/** The steps in few words: `+1` and `-3` are how many instances of the candidate and of stable there are then. */
function told(steps: readonly Step[]): string {
  const words = steps.map((step) => {
    if (step.kind === 'scale')
      return step.of === 'candidate'
        ? `+${step.replicas}`
        : `-${step.replicas}${step.percent === null ? '' : `@${step.percent}`}`;
    return step.kind === 'weight' ? `${step.percent}%` : step.kind;
  });
  return words.join(' ');
}

const cases: readonly [name: string, rolling: Rolling, replicas: number, stable: number, want: string][] = [
  ['one beyond the usual number', policy(n(1), n(1), n(0)), 3, 3, '+1 33% observe -2 +2 67% observe -1 +3'],
  ['one missing', policy(n(1), n(0), n(1)), 3, 3, '-2 +1 33% observe -1@50 +2 67% observe'],
  ['two at once, one beyond and one missing', policy(n(2), n(1), n(1)), 4, 4, '-3 +2 50% observe -1@67 +4'],
  ['a larger batch than there is room for', policy(n(4), n(1), n(0)), 3, 3, '+1 33% observe -2 +2 67% observe -1 +3'],
  ['halves', policy(share(50), share(50), n(0)), 4, 4, '+2 50% observe -2 +4'],
  ['all at once is watched by the bake alone', policy(share(100), share(100), n(0)), 4, 4, '+4'],
  ['one replica needs another beside it', policy(n(1), n(1), n(0)), 1, 1, '+1'],
  ['more replicas than before', policy(n(2), n(2), n(0)), 4, 2, '+2 50% observe -1@67 +4'],
  ['fewer replicas than before', policy(n(1), n(1), n(0)), 2, 4, '+1 50% observe -2 +2'],
  [
    'a question after the first batch',
    policy(n(1), n(1), n(0), { expiresMs: 1_000 }),
    3,
    3,
    '+1 33% observe approve -2 +2 67% observe -1 +3',
  ],
  ['a question where the first batch is all', policy(n(1), n(1), n(0), { expiresMs: 1_000 }), 1, 1, '+1 approve'],
];

for (const [name, rolling, candidate, stable, want] of cases) {
  test(`batches: ${name}`, () => assert.equal(told(rollingSteps(rolling, { candidate, stable }).steps), want));
}

test('whatever is asked for, there are never too many instances nor too few, and the last of stable stays', () => {
  const amount = fc.oneof(fc.integer({ min: 0, max: 5 }).map(n), fc.constantFrom(10, 25, 50, 100).map(share));
  const replicas = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(amount, amount, amount, replicas, replicas, (batch, maxSurge, maxUnavailable, candidate, stable) => {
      const rolling = policy(batch, maxSurge, maxUnavailable);
      const { steps, limits } = rollingSteps(rolling, { candidate, stable });
      const unavailable = instancesOf(maxUnavailable, candidate, 'down');
      assert.ok(limits.floor >= Math.min(candidate, stable) - unavailable);
      const surge = instancesOf(maxSurge, candidate);
      const canMove = surge > 0 || (unavailable > 0 && candidate > 1);
      if (canMove) assert.equal(limits.ceiling, Math.max(candidate, stable) + surge);
      let [updated, left, percent] = [0, stable, 0];
      for (const [index, step] of steps.entries()) {
        if (step.kind === 'scale' && step.of === 'candidate') {
          assert.ok((step.replicas ?? 0) > updated, 'the candidate only grows');
          updated = step.replicas ?? 0;
          // Nothing gets more requests before it is watched, unless it is the end of the plan.
          assert.ok(steps[index + 1]?.kind === 'weight' || index === steps.length - 1);
        } else if (step.kind === 'scale') {
          assert.ok(step.of === 'stable' && step.replicas < left, 'stable only shrinks');
          left = step.replicas;
          if (step.percent !== null) assert.ok(step.percent > percent, 'the share only grows');
          percent = step.percent ?? percent;
        } else if (step.kind === 'weight') {
          assert.ok(step.percent >= percent && step.percent < 100 && Number.isInteger(step.percent));
          percent = step.percent;
        }
        assert.ok(left >= 1, 'there is something to go back to');
        assert.ok(updated + left <= limits.ceiling, `${updated} + ${left} of ${limits.ceiling}`);
        assert.ok(updated + left >= limits.floor, `${updated} + ${left} of ${limits.floor}`);
      }
      // What is still missing then comes when stable has gone.
      assert.ok(updated >= 1 && updated >= limits.floor, `${updated} of ${candidate}`);
      if (surge > 0) assert.equal(updated, candidate);
    }),
    { numRuns: 2_000 },
  );
});

/** Argo Rollouts, utils/replicaset/canary_test.go (TestTrafficWeightToReplicas), Apache-2.0: replicas · weight / maxWeight, rounded up. */
const argo: readonly [replicas: number, weight: number, maxWeight: number, want: number][] = [
  [10, 0, 100, 0],
  [10, 20, 100, 2],
  [10, 25, 100, 3],
  [10, 33, 100, 4],
  [10, 99, 100, 10],
  [10, 100, 100, 10],
  [23, 100_000_000, 100_000_000, 23],
];

for (const [replicas, weight, maxWeight, want] of argo)
  test(`${weight} of ${maxWeight} of ${replicas} instances are ${want}, as in Argo Rollouts`, () =>
    assert.equal(instancesOf({ sharePpm: (weight / maxWeight) * 1_000_000 }, replicas), want));

test('a change of instances reads well in both languages', () => {
  const { steps } = rollingSteps(policy(n(1), n(0), n(1)), { candidate: 3, stable: 3 });
  const read = (language: 'en' | 'ru'): readonly string[] =>
    steps.filter(({ kind }) => kind === 'scale').map((step) => stepText(step, '1.0.0', language));
  assert.deepEqual(read('en'), [
    'leave 2 instances of 1.0.0',
    'run 1 instance of the new version',
    'leave 1 instance of 1.0.0 and send 50 % of requests',
    'run 2 instances of the new version',
  ]);
  assert.deepEqual(read('ru'), [
    'сократить 1.0.0 до 2 экземпляров',
    'довести новую версию до 1 экземпляра',
    'сократить 1.0.0 до 1 экземпляра и направить 50 % запросов',
    'довести новую версию до 2 экземпляров',
  ]);
});
