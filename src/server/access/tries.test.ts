import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tries } from './tries.ts';

test('so many tries a minute are allowed, and the wait that is told is enough', () => {
  const tries = new Tries(3);
  for (const atMs of [0, 10_000, 20_000]) assert.equal(tries.take('anna', atMs), null);
  assert.equal(tries.take('anna', 30_000), 30_000);
  assert.equal(tries.take('boris', 30_000), null);
  assert.equal(tries.take('anna', 59_999), 1);
  assert.equal(tries.take('anna', 60_000), null);
  assert.equal(tries.take('anna', 60_001), 9_999);
});

test('a try that was no guess is given back', () => {
  const tries = new Tries(1);
  for (let i = 0; i < 5; i += 1) {
    assert.equal(tries.take('anna', 0), null);
    tries.giveBack('anna');
  }
});

test('the memory of a million names is bounded', () => {
  const tries = new Tries(1, 100);
  for (let i = 0; i < 10_000; i += 1) tries.take(`name ${i}`, i);
  assert.equal(tries.take('name 9950', 10_000), 60_000 - 50);
  assert.equal(tries.take('name 0', 10_000), null);
});
