import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import type { ReleasePolicy } from '../spec/types.ts';
import type { MemberRequest } from './types.ts';
import { waitProblems } from './waits.ts';

const member = (
  service: string,
  after: readonly string[],
  more: Partial<ReleasePolicy> = {},
  before = '1.0.0',
): MemberRequest => ({
  service,
  version: '2.0.0',
  spec: simulatedService(more),
  after,
  before,
});

test('a group whose members cannot but miss their barrier is told so, at both barriers', () => {
  // Two observations of 10 s each, then a bake of 10 s.
  const chain = [member('a', []), member('b', ['a']), member('c', ['b'])];
  assert.deepEqual(waitProblems(chain, 40_000), []);
  assert.deepEqual(waitProblems(chain, 39_000), [
    'a would wait at least 40s until the last member is ready, longer than the 39s of barrier.max',
  ]);
  assert.deepEqual(waitProblems([member('a', []), member('b', [])], 1_000), [], 'side by side nobody waits');
  assert.deepEqual(waitProblems([member('a', []), member('b', [], { bakeMs: 60_000 })], 30_000), [
    'a would wait at least 50s until the last member has baked, longer than the 30s of barrier.max',
  ]);
});

test('one that has its version already keeps nobody waiting', () => {
  assert.deepEqual(
    waitProblems([member('a', []), member('b', ['a'], { bakeMs: 600_000 }, '2.0.0'), member('c', ['b'])], 20_000),
    [],
  );
});
