import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, Route } from '../routers/router.ts';
import { sameRoute } from './same-route.ts';

const backend = (version: string, ...ports: readonly number[]): Backend => ({
  version,
  endpoints: ports.map((port) => ({ host: '127.0.0.1', port })),
});
const route: Route = {
  stable: backend('1.0.0', 1, 2),
  candidate: backend('2.0.0', 3),
  weight: 10,
  match: [{ header: 'x-test', equals: '1' }],
};

const cases: readonly [name: string, other: Route | null, same: boolean][] = [
  ['itself', { ...route }, true],
  ['endpoints in another order', { ...route, stable: backend('1.0.0', 2, 1) }, true],
  ['a match with its keys in another order', { ...route, match: [{ equals: '1', header: 'x-test' }] }, true],
  ['another weight', { ...route, weight: 10.01 }, false],
  ['another version at the same endpoints', { ...route, candidate: backend('3.0.0', 3) }, false],
  ['one endpoint more', { ...route, candidate: backend('2.0.0', 3, 4) }, false],
  ['no candidate', { ...route, candidate: null }, false],
  ['no stable', { ...route, stable: null }, false],
  ['another match', { ...route, match: [{ cookie: 'x-test', equals: '1' }] }, false],
  ['no match', { ...route, match: [] }, false],
  ['no route', null, false],
];

for (const [name, other, same] of cases) {
  test(`a route and ${name} are ${same ? 'the same' : 'two'}`, () => {
    assert.equal(sameRoute(route, other), same);
    assert.equal(sameRoute(other, route), same);
  });
}

test('no route is no route', () => assert.equal(sameRoute(null, null), true));
