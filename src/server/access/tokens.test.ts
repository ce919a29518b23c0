import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { Grant } from '../../access/types.ts';
import { admin, problemIn, Served } from './server.fixture.ts';

const document = (name: string) => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
`;

describe('a service token', () => {
  const served = new Served();
  before(() => served.up());
  after(() => served.close());

  test('is shown once, acts under its own name, and ends when it is revoked', async () => {
    const { token, secret } = await served.token('ci', [{ role: 'operator', services: ['shop'] }]);
    assert.match(secret, /^rmp_[\w-]{43}$/);
    const session = await served.ask('GET', '/api/v1/session', undefined, { token: secret });
    assert.deepEqual(session.body, {
      name: 'ci',
      kind: 'token',
      grants: [{ role: 'operator', services: ['shop'] }],
      csrf: null,
      expiresAtMs: null,
    });
    const { tokens } = await served.own<{ tokens: { id: string; by: string; lastUsedMs: number | null }[] }>(
      'GET',
      '/api/v1/tokens',
    );
    assert.deepEqual(
      tokens.map(({ id, by, lastUsedMs }) => [id, by, typeof lastUsedMs]),
      [[token.id, 'owner', 'number']],
    );
    const named = { document: document('shop'), folder: '/', version: '1', by: 'anna' };
    const refused = await served.ask('POST', '/api/v1/releases', named, { token: secret });
    assert.equal(problemIn(refused), '400 E_INPUT by: token ci acts under that name only');
    await served.own('DELETE', `/api/v1/tokens/${token.id}`);
    await served.own('DELETE', `/api/v1/tokens/${token.id}`);
    const over = await served.ask('GET', '/api/v1/session', undefined, { token: secret });
    assert.equal(problemIn(over), '401 E_UNAUTHORIZED there is no such token, or it was revoked');
    const events = await served.host.log.read('access', 0, 100);
    assert.equal(events.filter(({ kind }) => kind === 'token-revoked').length, 1);
  });

  test('ends by itself', async () => {
    const { secret } = await served.token('brief', [admin], Date.now() + 150);
    const status = async () => (await served.ask('GET', '/api/v1/session', undefined, { token: secret })).status;
    await until('the token has expired', async () => (await status()) === 401);
    const answer = await served.ask('GET', '/api/v1/session', undefined, { token: secret });
    assert.equal(problemIn(answer), '401 E_UNAUTHORIZED the token brief has expired');
    const past = { name: 'past', grants: [], expiresAtMs: 1_000 };
    const refused = await served.ask('POST', '/api/v1/tokens', past, { token: served.ownerToken });
    assert.match(problemIn(refused), /^409 E_REFUSED it would have expired already/);
  });

  test('that is none is refused everywhere under /api/v1', async () => {
    for (const token of ['rmp_wrong', 'wrong', `${served.ownerToken}x`, `rmp_${'a'.repeat(43)}`])
      for (const path of ['session', 'users', 'tokens', 'services'])
        assert.equal((await served.ask('GET', `/api/v1/${path}`, undefined, { token })).status, 401, path);
    assert.match(problemIn(await served.ask('GET', '/api/v1/session')), /^401 E_UNAUTHORIZED/);
    // A cookie does not help a header that is wrong.
    const me = await served.person('cookie', admin);
    assert.equal((await served.ask('GET', '/api/v1/session', undefined, { ...me, token: 'rmp_wrong' })).status, 401);
  });

  test('made with a token must not outlive it', async () => {
    const endsMs = Date.now() + 60_000;
    const { secret } = await served.token('maker', [admin], endsMs);
    const make = (name: string, expiresAtMs: number | null) =>
      served.ask('POST', '/api/v1/tokens', { name, grants: [], expiresAtMs }, { token: secret });
    assert.match(problemIn(await make('longer', null)), /^409 E_REFUSED a token that is made with a token must not outlive it/);
    const made = await make('shorter', endsMs);
    assert.equal(made.status, 201);
    assert.equal((made.body as { token: { by: string } }).token.by, 'maker');
  });
});

describe('a role', () => {
  const served = new Served();
  const secrets = new Map<string, string>();
  before(async () => {
    await served.up();
    const grants: Record<string, Grant> = {
      viewer: { role: 'viewer', services: '*' },
      operator: { role: 'operator', services: '*' },
      approver: { role: 'approver', services: '*' },
      'shop-admin': { role: 'admin', services: ['shop'] },
      'cart-operator': { role: 'operator', services: ['cart'] },
    };
    for (const [name, grant] of Object.entries(grants)) secrets.set(name, (await served.token(name, [grant])).secret);
  });
  after(() => served.close());

  const requests: readonly [method: string, path: string, body: unknown, refused: string, sentence: string][] = [
    [
      'POST',
      '/releases',
      { document: document('shop'), folder: '/', version: '1' },
      'viewer approver cart-operator',
      'may not start or roll back releases( of shop)?$',
    ],
    ['GET', '/services/shop', undefined, 'cart-operator', 'may not see releases of shop'],
    ['POST', '/services/shop/rollback', {}, 'cart-operator', 'may not see releases of shop'],
    [
      'GET',
      '/users',
      undefined,
      'viewer operator approver shop-admin cart-operator',
      'may not administer users, tokens and settings',
    ],
    ['POST', '/users', { name: 'eve', grants: [] }, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
    ['PATCH', '/users/x', {}, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
    ['DELETE', '/users/x', undefined, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
    ['POST', '/users/x/link', undefined, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
    ['GET', '/tokens', undefined, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
    [
      'POST',
      '/tokens',
      { name: 'eve', grants: [], expiresAtMs: null },
      'viewer operator approver shop-admin cart-operator',
      'may not administer',
    ],
    ['DELETE', '/tokens/x', undefined, 'viewer operator approver shop-admin cart-operator', 'may not administer'],
  ];
  for (const [method, path, body, refused, sentence] of requests)
    test(`${method} ${path} is refused to ${refused}`, async () => {
      for (const name of refused.split(' ')) {
        const answer = await served.ask(method, `/api/v1${path}`, body, { token: secrets.get(name) ?? '' });
        assert.match(problemIn(answer), new RegExp(`^403 E_FORBIDDEN token ${name} ${sentence}`));
      }
    });

  test('that cannot be given is refused, and the last admin stays', async () => {
    const ask = (method: string, path: string, body?: unknown) =>
      served.ask(method, `/api/v1${path}`, body, { token: served.ownerToken });
    assert.match(
      problemIn(await ask('POST', '/users', { name: 'anna', grants: [] })),
      /the first user has to be an admin of all services/,
    );
    assert.equal((await ask('POST', '/users', { name: 'anna', grants: [admin], by: 'tess', why: 'on call' })).status, 201);
    for (const [method, body] of [
      ['PATCH', { grants: [] }],
      ['PATCH', { disabled: true }],
      ['DELETE', undefined],
    ] as const)
      assert.match(problemIn(await ask(method, '/users/anna', body)), /^409 E_REFUSED anna is the last admin of all services/);
    assert.match(problemIn(await ask('POST', '/users', { name: 'anna', grants: [] })), /there is a user anna already/);
    assert.match(problemIn(await ask('POST', '/users', { name: 'viewer', grants: [] })), /viewer is the name of a token/);
    assert.match(problemIn(await ask('PATCH', '/users/eve', { disabled: true })), /^404 E_UNKNOWN_USER there is no user eve/);
    assert.match(
      problemIn(await ask('POST', '/users', { name: 'eve', grants: [{ role: 'king', services: '*' }] })),
      /^400 E_INPUT grants\.0\.role: expected one of viewer, operator/,
    );
    const [event] = (await served.host.log.read('access', 0, 100)).filter(({ kind }) => kind === 'user-added');
    assert.equal(event?.actor, 'tess');
    assert.deepEqual(event?.data, {
      subject: 'anna',
      from: { address: '127.0.0.1', via: 'owner', credential: null },
      why: 'on call',
      before: null,
      after: { grants: [admin], disabled: false, oidc: null },
    });
  });
});
