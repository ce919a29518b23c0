import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHistories } from './histories.ts';
import { playHistory } from './history.ts';

test('a controller that has lost the log does not keep a candidate’s traffic at a router that gives no answer', async () => {
  assert.deepEqual((await playHistory(7_611)).violations, []);
});

test('a candidate that was ready for a fifth of a second, and crashed as its route was on its way, was ready', async () => {
  assert.deepEqual((await playHistory(20_519)).violations, []);
});

testHistories(1, 800);
