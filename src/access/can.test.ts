import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { can, canSomewhere } from './can.ts';
import { type Grant, type Permission, type Role, roles } from './types.ts';

const permissions: readonly Permission[] = ['read', 'report', 'release', 'steer', 'abort', 'approve', 'administer'];

/** What each role may do with a service of its grant; every other permission it may not. */
const table: Readonly<Record<Role, string>> = {
  viewer: 'read',
  operator: 'read report release steer abort',
  approver: 'read abort approve',
  reporter: 'read report',
  admin: 'read report release steer abort approve',
};

for (const role of roles) {
  test(`${role} may ${table[role]} on the services of the grant, and nothing on others`, () => {
    const grants: Grant[] = [{ role, services: ['shop'] }];
    const may = (service: string | null): string => permissions.filter((one) => can(grants, one, service)).join(' ');
    assert.equal(may('shop'), table[role]);
    assert.equal(may('cart'), '');
    assert.equal(may(null), '');
  });
  test(`${role} of all services may the same on each, and ${role === 'admin' ? 'administers' : 'does not administer'}`, () => {
    const grants: Grant[] = [{ role, services: '*' }];
    const wanted = `${table[role]}${role === 'admin' ? ' administer' : ''}`;
    for (const service of ['shop', 'cart', null])
      assert.equal(permissions.filter((one) => can(grants, one, service)).join(' '), wanted);
  });
}

const anyGrant: fc.Arbitrary<Grant> = fc.record({
  role: fc.constantFrom(...roles),
  services: fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.constantFrom('shop', 'cart', 'mail'), { minLength: 1 })),
});
const anyPermission = fc.constantFrom(...permissions);
const anyService = fc.constantFrom('shop', 'cart', 'mail', 'other', null);

test('more grants never allow less, and what is allowed comes from one of them', () => {
  fc.assert(
    fc.property(fc.array(anyGrant), anyPermission, anyService, (grants, permission, service) => {
      assert.equal(
        can(grants, permission, service),
        grants.some((grant) => can([grant], permission, service)),
      );
    }),
  );
});

test('what is allowed for all services is allowed for each, and then also somewhere', () => {
  fc.assert(
    fc.property(fc.array(anyGrant), anyPermission, anyService, (grants, permission, service) => {
      if (can(grants, permission, null)) assert(can(grants, permission, service));
      if (can(grants, permission, service)) assert(canSomewhere(grants, permission));
    }),
  );
});
