import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, nearestFirst } from './nearest.ts';

const keys = ['weight', 'for', 'match', 'minRequests', 'blueGreen', 'at'];
const cases: readonly [word: string, want: string | undefined][] = [
  ['wieght', 'weight'],
  ['Weight', 'weight'],
  ['weights', 'weight'],
  ['min_requests', 'minRequests'],
  ['minReqests', 'minRequests'],
  ['blue-green', 'blueGreen'],
  ['fro', 'for'],
  ['mathc', 'match'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['w'.repeat(1_000_000), undefined],
];
for (const [word, want] of cases)
  test(`nearest to "${word.slice(0, 20)}" is ${want}`, () => assert.equal(nearest(word, keys), want));

test('candidates are sorted by how near they are, and equals stay in their order', () => {
  assert.deepEqual(nearestFirst('505', ['200', '404', '500', '']), ['500', '200', '404', '']);
  assert.deepEqual(nearestFirst('get', ['POST', 'GET', 'PUT']), ['GET', 'PUT', 'POST']);
});
