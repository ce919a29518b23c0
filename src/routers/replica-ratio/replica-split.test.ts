import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOf, replicaSplit, shareOfPods } from './replica-split.ts';

/** Facts of the test of Argo Rollouts (Apache-2.0), utils/replicaset/canary_test.go, TestApproximateWeightedNewStableReplicaCounts. */
const argo: readonly (readonly [replicas: number, weight: number, maxSurge: number, stable: number, candidate: number])[] = [
  [0, 0, 0, 0, 0],
  [0, 50, 0, 0, 0],
  [0, 100, 0, 0, 0],
  [0, 0, 1, 0, 0],
  [0, 50, 1, 0, 0],
  [0, 100, 1, 0, 0],
  [1, 0, 0, 1, 0],
  [1, 1, 0, 1, 0],
  [1, 49, 0, 1, 0],
  [1, 50, 0, 0, 1],
  [1, 99, 0, 0, 1],
  [1, 100, 0, 0, 1],
  [1, 0, 1, 1, 0],
  [1, 1, 1, 1, 1],
  [1, 49, 1, 1, 1],
  [1, 50, 1, 1, 1],
  [1, 99, 1, 1, 1],
  [1, 100, 1, 0, 1],
  [2, 0, 0, 2, 0],
  [2, 1, 0, 1, 1],
  [2, 50, 0, 1, 1],
  [2, 99, 0, 1, 1],
  [2, 100, 0, 0, 2],
  [2, 0, 1, 2, 0],
  [2, 1, 1, 2, 1],
  [2, 50, 1, 1, 1],
  [2, 99, 1, 1, 2],
  [2, 100, 1, 0, 2],
  [3, 10, 0, 2, 1],
  [3, 25, 0, 2, 1],
  [3, 33, 0, 2, 1],
  [3, 34, 0, 2, 1],
  [3, 49, 0, 2, 1],
  [3, 50, 0, 1, 2],
  [3, 10, 1, 3, 1],
  [3, 25, 1, 3, 1],
  [3, 33, 1, 2, 1],
  [3, 34, 1, 2, 1],
  [3, 49, 1, 2, 2],
  [3, 50, 1, 2, 2],
  [10, 0, 1, 10, 0],
  [10, 1, 0, 9, 1],
  [10, 14, 0, 9, 1],
  [10, 15, 0, 8, 2],
  [10, 16, 0, 8, 2],
  [10, 99, 0, 1, 9],
  [10, 100, 1, 0, 10],
  [10, 0, 1, 10, 0],
  [10, 1, 1, 10, 1],
  [10, 18, 1, 9, 2],
  [10, 19, 1, 9, 2],
  [10, 20, 1, 8, 2],
  [10, 23, 1, 8, 2],
  [10, 24, 1, 8, 3],
  [10, 25, 1, 8, 3],
  [10, 99, 1, 1, 10],
  [10, 100, 1, 0, 10],
];

test('pods are split between the versions as Argo Rollouts does it', () => {
  for (const [replicas, weight, maxSurge, stable, candidate] of argo)
    assert.deepEqual(
      replicaSplit(replicas, weight, maxSurge),
      { stable, candidate },
      `${weight} % of ${replicas}, surge ${maxSurge}`,
    );
});

test('a candidate that has too few pods has as few of stable beside it as come nearest', () => {
  assert.deepEqual(countsOf({ stable: 10, candidate: 2 }, 50), { stable: 2, candidate: 2 });
  assert.deepEqual(countsOf({ stable: 10, candidate: 10 }, 50), { stable: 5, candidate: 5 });
  assert.deepEqual(countsOf({ stable: 9, candidate: 1 }, 10), { stable: 9, candidate: 1 });
  assert.deepEqual(countsOf({ stable: 1, candidate: 1 }, 90), { stable: 1, candidate: 1 });
  assert.deepEqual(countsOf({ stable: 3, candidate: 2 }, 100), { stable: 0, candidate: 2 });
  assert.deepEqual(countsOf({ stable: 3, candidate: 2 }, 0), { stable: 3, candidate: 0 });
  assert.equal(shareOfPods({ stable: 2, candidate: 1 }), 33.33);
  assert.equal(shareOfPods({ stable: 0, candidate: 0 }), 0);
});
