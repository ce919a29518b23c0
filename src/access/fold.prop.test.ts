import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { can } from './can.ts';
import { nobodyYet, takeAccess } from './fold.ts';
import { type Asker, addTokenRefusal, addUserRefusal, changeUserRefusal, isAdmin, removeUserRefusal } from './refusal.ts';
import { type AccessEvent, type AccessState, type Grant, type Origin, roles } from './types.ts';

const from: Origin = { address: '127.0.0.1', via: 'owner', credential: null };
const owner: Asker = { grants: [{ role: 'admin', services: '*' }], untilMs: null };

const anyGrants: fc.Arbitrary<readonly Grant[]> = fc.array(
  fc.record({
    role: fc.constantFrom(...roles),
    services: fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.constantFrom('shop', 'cart'), { maxLength: 2 })),
  }),
  { maxLength: 3 },
);
const anyName = fc.constantFrom('anna', 'boris', 'chen', 'ci', 'constructor', 'guard', 'Anna', '');
const anyWish = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), name: anyName, grants: anyGrants }),
  fc.record({ kind: fc.constant('change' as const), name: anyName, grants: anyGrants, disabled: fc.boolean() }),
  fc.record({ kind: fc.constant('remove' as const), name: anyName }),
  fc.record({
    kind: fc.constant('token' as const),
    name: anyName,
    grants: anyGrants,
    expiresAtMs: fc.option(fc.integer({ min: 0, max: 100 })),
  }),
  fc.record({ kind: fc.constant('revoke' as const), id: fc.nat(10) }),
);
type Wish = typeof anyWish extends fc.Arbitrary<infer T> ? T : never;

/** The event that a wish leads to; null when it is refused. */
function eventOf(state: AccessState, wish: Wish, at: number): AccessEvent | null {
  const about = (subject: string) => ({ subject, from, why: '' });
  switch (wish.kind) {
    case 'add': {
      const after = { grants: wish.grants, disabled: false, oidc: null };
      if (addUserRefusal(state, owner, wish.name, after)) return null;
      return { kind: 'user-added', data: { ...about(wish.name), before: null, after } };
    }
    case 'change': {
      const user = state.users.get(wish.name);
      const after = { grants: wish.grants, disabled: wish.disabled, oidc: null };
      if (!user || changeUserRefusal(state, owner, wish.name, after)) return null;
      return { kind: 'user-changed', data: { ...about(wish.name), before: user, after } };
    }
    case 'remove': {
      const user = state.users.get(wish.name);
      if (!user || removeUserRefusal(state, wish.name)) return null;
      return { kind: 'user-removed', data: { ...about(wish.name), before: user, after: null } };
    }
    case 'token':
      if (addTokenRefusal(state, owner, wish, at)) return null;
      return { kind: 'token-added', data: { ...about(`t${at}`), before: null, after: wish } };
    case 'revoke': {
      const token = state.tokens.get(`t${wish.id}`);
      return token ? { kind: 'token-revoked', data: { ...about(token.id), before: token, after: null } } : null;
    }
  }
}

test('whatever is asked for, there is an admin once there is a user, and no name stands for two', () => {
  fc.assert(
    fc.property(fc.array(anyWish, { maxLength: 40 }), (wishes) => {
      let state = nobodyYet;
      for (const [at, wish] of wishes.entries()) {
        const before = JSON.stringify([...state.users, ...state.tokens, ...state.removed]);
        const event = eventOf(state, wish, at);
        const next = event ? takeAccess(state, { ...event, at, actor: 'anna' }) : state;
        // A fold changes nothing that it was given.
        assert.equal(JSON.stringify([...state.users, ...state.tokens, ...state.removed]), before);
        state = next;
        const users = [...state.users.values()];
        if (users.length > 0) assert(users.some(isAdmin));
        const good = [...state.tokens.values()].filter(
          ({ revokedAtMs, expiresAtMs }) => revokedAtMs === null && (expiresAtMs ?? 1e9) > at,
        );
        const names = [...state.users.keys(), ...state.removed, ...good.map(({ name }) => name)];
        assert.equal(new Set(names).size, names.length, names.join());
        for (const name of names) assert.match(name, /^[a-z]/);
      }
    }),
  );
});

test('nobody gives more than they have', () => {
  const anyService = fc.constantFrom('shop', 'cart', 'mail', null);
  const permissions = ['read', 'release', 'steer', 'abort', 'approve', 'administer'] as const;
  fc.assert(
    fc.property(anyGrants, anyGrants, anyService, fc.constantFrom(...permissions), (mine, given, service, permission) => {
      const refusal = addTokenRefusal(
        nobodyYet,
        { grants: mine, untilMs: null },
        { name: 'ci', grants: given, expiresAtMs: null },
        0,
      );
      if (refusal === null && can(given, permission, service)) assert(can(mine, permission, service));
    }),
  );
});
