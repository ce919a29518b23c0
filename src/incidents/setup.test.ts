import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NotifierSpec } from '../spec/notifier.ts';
import { noSetupState, notifierAt, takeSetup } from './setup.ts';

const spec = (name: string, room: string): NotifierSpec => ({
  name,
  receiver: { kind: 'chat', config: { room } },
  delivery: { perMinute: null, inFlight: 4, timeoutMs: 1, giveUpAfterMs: 1, bundle: null },
});
const applied = (version: number, ...notifiers: readonly NotifierSpec[]) =>
  ({ kind: 'incident-setup-applied', actor: 'anna', at: version, data: { version, files: [], notifiers, why: '' } }) as const;

test('a notifier keeps its revision until its configuration changes, and what it was is kept also when it is gone', () => {
  let state = noSetupState;
  for (const event of [
    applied(1, spec('a', 'x'), spec('b', 'x')),
    applied(2, spec('a', 'x'), spec('b', 'y')),
    applied(3, spec('b', 'y')),
  ])
    state = takeSetup(state, event);
  assert.deepEqual([...state.current], [['b', 2]]);
  assert.deepEqual(notifierAt(state, 'a', 1), spec('a', 'x'));
  assert.deepEqual(notifierAt(state, 'b', 1), spec('b', 'x'));
  state = takeSetup(state, applied(4, spec('a', 'x'), spec('b', 'y')));
  assert.deepEqual(
    [...state.current],
    [
      ['a', 1],
      ['b', 2],
    ],
  );
  assert.equal(notifierAt(state, 'b', 7), undefined);
});
