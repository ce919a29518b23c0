import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, originIsFine, RateLimit } from '../rules.js';

test('an address is one, or none', () => {
  assert.equal(addressOf('{"address":"anna@example.com"}'), 'anna@example.com');
  for (const text of ['', '{', '{}', '{"address":1}', '{"address":"anna"}', '{"address":"a@b"}'])
    assert.equal(addressOf(text), null, text);
});

test('only the own origin may change something', () => {
  assert.equal(originIsFine('https://a.example', 'https://a.example'), true);
  assert.equal(originIsFine(undefined, 'https://a.example'), false);
  assert.equal(originIsFine('https://b.example', 'https://a.example'), false);
});

test('who asks too often waits until the time is over', () => {
  const limit = new RateLimit(2, 1_000);
  assert.deepEqual([limit.waitMs('a', 0), limit.waitMs('a', 10), limit.waitMs('a', 20)], [0, 0, 980]);
  assert.equal(limit.waitMs('b', 20), 0);
  assert.equal(limit.waitMs('a', 1_001), 0);
});
