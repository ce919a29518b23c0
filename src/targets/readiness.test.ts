import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckResult } from './probe.ts';
import { currentProblem, instanceState, type Phase, type Readiness, readinessAfter, unchecked } from './readiness.ts';

const good: CheckResult = { ok: true };
const bad: CheckResult = { ok: false, detail: 'GET /health answered 503' };

/** The state after each of these checks, one second apart, with three failures tolerated but for the last. */
function statesAfter(...results: readonly CheckResult[]): readonly string[] {
  let readiness: Readiness = unchecked;
  return results.map((result, second) => {
    readiness = readinessAfter(readiness, result, 3, second * 1_000);
    return instanceState('running', readiness);
  });
}

test('one good check makes ready, three bad ones in a row take it back', () => {
  assert.deepEqual(statesAfter(bad, bad, bad, bad), ['starting', 'starting', 'starting', 'starting']);
  assert.deepEqual(statesAfter(bad, good, bad, bad, bad, bad, good), [
    'starting',
    'ready',
    'ready',
    'ready',
    'unready',
    'unready',
    'ready',
  ]);
  assert.deepEqual(statesAfter(good, bad, bad, good, bad, bad), ['ready', 'ready', 'ready', 'ready', 'ready', 'ready']);
});

test('readiness counts from its first good check and again after a break', () => {
  let readiness = readinessAfter(unchecked, good, 1, 1_000);
  readiness = readinessAfter(readiness, good, 1, 2_000);
  assert.equal(readiness.readySinceMs, 1_000);
  readiness = readinessAfter(readiness, bad, 1, 3_000);
  assert.equal(readiness.readySinceMs, null);
  assert.equal(readinessAfter(readiness, good, 1, 4_000).readySinceMs, 4_000);
});

test('every phase has its state', () => {
  const ready = readinessAfter(unchecked, good, 3, 0);
  const phases: readonly Phase[] = ['unstarted', 'running', 'restarting', 'waiting', 'stopping'];
  assert.deepEqual(
    phases.map((phase) => instanceState(phase, ready)),
    ['starting', 'ready', 'unready', 'crashed', 'stopping'],
  );
});

test('the problem is the check that fails now, or the last bad end', () => {
  const failed = (before: Readiness, times: number) =>
    Array.from({ length: times }).reduce<Readiness>((readiness) => readinessAfter(readiness, bad, 3, 0), before);
  const ready = readinessAfter(unchecked, good, 3, 0);
  const cases: readonly [name: string, Readiness, lastEnd: string | null, string | undefined][] = [
    ['nothing is wrong', ready, null, undefined],
    ['a start shows no failures yet', failed(unchecked, 2), null, undefined],
    ['a start that goes on failing', failed(unchecked, 3), null, 'not ready: GET /health answered 503'],
    ['a start after a bad end', failed(unchecked, 3), 'exit code 1', 'exit code 1'],
    ['ready after a bad end', ready, 'exit code 1', 'exit code 1'],
    ['unready after a bad end', failed(ready, 3), 'exit code 1', 'not ready: GET /health answered 503'],
    ['ready with a single failure', failed(ready, 1), null, undefined],
  ];
  for (const [name, readiness, lastEnd, want] of cases) assert.equal(currentProblem(readiness, lastEnd, 3), want, name);
});
