import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantsOf, nameIn } from './claims.ts';

const rules = [
  { claim: 'groups', equals: 'sre', role: 'operator', services: ['checkout'] },
  { claim: 'groups', equals: 'leads', role: 'admin', services: '*' },
  { claim: 'dept', equals: 'sre', role: 'operator', services: ['checkout'] },
] as const;

test('a claim gives its role when it is the value or a list that holds it, and none twice', () => {
  assert.deepEqual(grantsOf({}, rules), []);
  assert.deepEqual(grantsOf({ groups: 'sre' }, rules), [{ role: 'operator', services: ['checkout'] }]);
  assert.deepEqual(grantsOf({ groups: ['sre', 'leads'], dept: 'sre' }, rules), [
    { role: 'operator', services: ['checkout'] },
    { role: 'admin', services: '*' },
  ]);
  assert.deepEqual(grantsOf({ groups: ['SRE', 'srex', ['sre']], dept: null }, rules), []);
  assert.deepEqual(grantsOf({ groups: { sre: true } }, [{ claim: 'toString', equals: 'x', role: 'admin', services: '*' }]), []);
});

test('a name is made of the first claim that has one', () => {
  assert.equal(nameIn({ preferred_username: 'Ann.Lee' }, ['preferred_username', 'email']), 'ann.lee');
  assert.equal(nameIn({ email: 'ann@shop.example' }, ['preferred_username', 'email']), 'ann@shop.example');
  assert.equal(nameIn({ preferred_username: 5, email: '  ', sub: 'Ä b/c' }, ['preferred_username', 'email', 'sub']), 'b-c');
  assert.equal(nameIn({ sub: '///' }, ['sub']), null);
});
