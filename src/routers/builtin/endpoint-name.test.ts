import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointName } from './endpoint-name.ts';

const cases: readonly [path: string, endpoint: string][] = [
  ['/', '/'],
  ['*', '*'],
  ['/orders', '/orders'],
  ['/orders/', '/orders/'],
  ['/orders/17', '/orders/:id'],
  ['/orders/17/items/3', '/orders/:id/items/:id'],
  ['/api/v1/users', '/api/v1/users'],
  ['/oauth2/token', '/oauth2/token'],
  ['/users/550e8400-e29b-41d4-a716-446655440000/avatar', '/users/:id/avatar'],
  ['/users/550e8400e29b41d4a716446655440000', '/users/:id'],
  ['/o/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/o/:id'],
  ['/commit/a1b2c3d', '/commit/:id'],
  ['/feed', '/feed'],
  ['/users/jane@example.org', '/users/:id'],
  ['/users/J%C3%BCrgen', '/users/:id'],
  [`/reset/${'x'.repeat(41)}`, '/reset/:id'],
  ['/days/2026-01-31', '/days/:id'],
  ['/assets/app.3f2a9c71.js', '/assets/:id'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
  ['//', '//'],
];

for (const [path, endpoint] of cases) test(`${path} is ${endpoint}`, () => assert.equal(endpointName(path), endpoint));
