import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHistories } from './histories.ts';
import { playHistory } from './history.ts';

test('a controller that has lost the log does not keep a candidate’s traffic at a router that gives no answer', async () => {
  assert.deepEqual((await playHistory(7_611)).violations, []);
});

testHistories(1, 800);
