import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressedData, pressedVerb } from './pressed.ts';

test('what a button carries is read back, also of a release, and one that has no room is left out', () => {
  for (const verb of ['acknowledge', 'resolve', 'rollback', 'approve', 'resume', 'abort', 'retry'])
    for (const thread of ['checkout-20261129-1', 'release/checkout-m5x2k1ab-7f2c'])
      assert.deepEqual(pressedVerb(pressedData(verb, thread) ?? ''), { verb, thread });
  assert.equal(pressedData('approve', `release/${'x'.repeat(63)}-m5x2k1ab-7f2c`), null);
});
