import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nobodyYet, takeAccess } from './fold.ts';
import { type Asker, addTokenRefusal, addUserRefusal, changeUserRefusal, removeUserRefusal } from './refusal.ts';
import type { AccessEvent, AccessState, Grant, Origin, UserFacts } from './types.ts';

const from: Origin = { address: '127.0.0.1', via: 'owner', credential: null };
const about = (subject: string) => ({ subject, from, why: '' });
const owner: Asker = { grants: [{ role: 'admin', services: '*' }], untilMs: null };
const admin: Grant = { role: 'admin', services: '*' };
const facts = (...grants: readonly Grant[]): UserFacts => ({ grants, disabled: false, oidc: null });
const added = (name: string, ...grants: readonly Grant[]): AccessEvent => ({
  kind: 'user-added',
  data: { ...about(name), before: null, after: facts(...grants) },
});
const after = (...events: readonly AccessEvent[]): AccessState =>
  events.reduce((state, event, at) => takeAccess(state, { ...event, at, actor: 'anna' }), nobodyYet);

const state = after(
  added('anna', admin),
  added('boris', { role: 'viewer', services: ['shop'] }),
  added('chen'),
  { kind: 'user-removed', data: { ...about('chen'), before: facts(), after: null } },
  { kind: 'token-added', data: { ...about('t1'), before: null, after: { name: 'ci', grants: [], expiresAtMs: 1_000 } } },
  { kind: 'user-changed', data: { ...about('boris'), before: facts(), after: { ...facts(), oidc: 'sub-1' } } },
);

const viewer: Asker = { grants: [{ role: 'viewer', services: ['shop'] }], untilMs: null };
const ends: Asker = { grants: [admin], untilMs: 5_000 };
const token = (name: string, expiresAtMs: number | null = null, ...grants: readonly Grant[]) => ({ name, grants, expiresAtMs });

const cases: readonly [name: string, refusal: string | null, wanted: string | null][] = [
  ['a new user', addUserRefusal(state, owner, 'dana', facts(admin)), null],
  [
    'a name with capitals',
    addUserRefusal(state, owner, 'Dana', facts()),
    'a name has at most 60 small letters, digits and . _ - @, beginning with a letter or digit',
  ],
  ['a name that the record uses', addUserRefusal(state, owner, 'guard', facts()), 'guard means something else in the record'],
  ['a name twice', addUserRefusal(state, owner, 'anna', facts()), 'there is a user anna already'],
  [
    'the name of one who was removed',
    addUserRefusal(state, owner, 'chen', facts()),
    'chen was the name of a user that was removed; the record must not mix up the two',
  ],
  [
    'the name of a token',
    addUserRefusal(state, owner, 'ci', facts()),
    'ci is the name of a token; the record must not mix up the two',
  ],
  [
    'a first user who is no admin',
    addUserRefusal(nobodyYet, owner, 'anna', facts({ role: 'admin', services: ['shop'] })),
    'the first user has to be an admin of all services',
  ],
  [
    'an account twice',
    addUserRefusal(state, owner, 'dana', { ...facts(), oidc: 'sub-1' }),
    'boris signs in with this account already',
  ],
  [
    'a role for no service',
    addUserRefusal(state, owner, 'dana', facts({ role: 'viewer', services: [] })),
    'the role viewer is for no service',
  ],
  [
    'a service twice',
    addUserRefusal(state, owner, 'dana', facts({ role: 'viewer', services: ['shop', 'shop'] })),
    'the role viewer names a service twice',
  ],
  [
    'more than the giver has',
    addUserRefusal(state, viewer, 'dana', facts({ role: 'operator', services: ['shop'] })),
    'nobody can give more than they have: operator of shop',
  ],
  [
    'all services from one of some',
    addUserRefusal(state, viewer, 'dana', facts({ role: 'viewer', services: '*' })),
    'nobody can give more than they have: viewer of all services',
  ],
  ['a change of nobody', changeUserRefusal(state, owner, 'dana', facts()), 'there is no user dana'],
  [
    'the last admin demoted',
    changeUserRefusal(state, owner, 'anna', facts()),
    'anna is the last admin of all services; make another one first',
  ],
  [
    'the last admin disabled',
    changeUserRefusal(state, owner, 'anna', { ...facts(admin), disabled: true }),
    'anna is the last admin of all services; make another one first',
  ],
  ['the last admin removed', removeUserRefusal(state, 'anna'), 'anna is the last admin of all services; make another one first'],
  ['somebody else removed', removeUserRefusal(state, 'boris'), null],
  ['the removal of nobody', removeUserRefusal(state, 'dana'), 'there is no user dana'],
  ['a token', addTokenRefusal(state, owner, token('deploy', 1_000, admin), 999), null],
  [
    'a token that is over already',
    addTokenRefusal(state, owner, token('deploy', 1_000), 1_000),
    'it would have expired already (1970-01-01T00:00:01.000Z)',
  ],
  [
    'a token twice',
    addTokenRefusal(state, owner, token('ci'), 999),
    'there is a token ci already; revoke it first, or choose another name',
  ],
  ['the name of a token that has expired', addTokenRefusal(state, owner, token('ci'), 1_000), null],
  [
    'a token by the name of a user',
    addTokenRefusal(state, owner, token('anna'), 0),
    'anna is or was the name of a user; the record must not mix up the two',
  ],
  [
    'a token that outlives its maker',
    addTokenRefusal(state, ends, token('deploy'), 0),
    'a token that is made with a token must not outlive it (1970-01-01T00:00:05.000Z)',
  ],
  ['a token that ends with its maker', addTokenRefusal(state, ends, token('deploy', 5_000), 0), null],
];
for (const [name, refusal, wanted] of cases)
  test(`${name} is ${wanted === null ? 'allowed' : 'refused'}`, () => assert.equal(refusal, wanted));
