import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast } from './version.ts';

for (const [found, least, is] of [
  ['15.18 (Debian 15.18-0+deb12u1)', '15.4', true],
  ['15.4', '15.18', false],
  ['16', '15.4', true],
  ['7.0.15', '7', true],
  ['6.2', '6.2.1', false],
  ['9.6', '10', false],
] as const)
  test(`${found} is ${is ? '' : 'not '}at least ${least}`, () => assert.equal(isAtLeast(found, least), is));
