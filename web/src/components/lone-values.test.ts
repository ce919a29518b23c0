import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loneValues } from './lone-values.ts';

test('a value between gaps or at an end beside one stands alone', () => {
  assert.deepEqual(loneValues([]), []);
  assert.deepEqual(loneValues([0.75]), [0]);
  assert.deepEqual(loneValues([null, 0.75]), [1]);
  assert.deepEqual(loneValues([1, null, 2, 3, null, 0, undefined]), [0, 5]);
  assert.deepEqual(loneValues([1, 2, 3]), []);
});
