import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CheckCase, checkConformance, contextFor } from '../conformance.ts';
import { silentAddress } from '../servers.fixture.ts';
import { vault } from './index.ts';
import { VaultServer } from './vault-server.fixture.ts';

describe('a server that answers as Vault', () => {
  let server: VaultServer;
  before(async () => {
    server = await VaultServer.start();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const data = { user: 'shop', password: 'hunter2' };
    server.secrets.set('secret/shop/database', [
      { data, created: daysAgo(200) },
      { data, created: daysAgo(10) },
    ]);
    server.secrets.set('secret/shop/old', [{ data, created: daysAgo(200) }]);
    server.secrets.set('secret/shop/deleted', [{ data, created: daysAgo(2), deleted: daysAgo(1) }]);
    server.secrets.set('secret/shop/destroyed', [{ data, created: daysAgo(2), destroyed: true }]);
    server.plain.set('kv/shop', data);
    server.tokens.set('hvs.all', { ttl: 86_400, may: ['auth/token/', 'secret/', 'kv/'] });
    server.tokens.set('hvs.root', { ttl: 0, may: [''] });
    server.tokens.set('hvs.data', { ttl: 86_400, may: ['secret/data/'] });
    server.tokens.set('hvs.blind', { ttl: 86_400, may: ['auth/token/'] });
  });
  after(() => server.close());

  const given =
    (more = {}) =>
    () => ({ url: server.url, token: { env: 'ALL' }, ...more });
  const secret = (path: string, more = {}, token = 'ALL') => given({ token: { env: token }, secrets: [{ path, ...more }] });
  const health = (status: number) => (t: { after(work: () => void): void }) => {
    server.health = status;
    t.after(() => {
      server.health = 200;
    });
    return given()();
  };
  const role = (secretId: string) =>
    given({
      token: undefined,
      appRole: { roleId: { env: 'ROLE' }, secretId: { env: secretId } },
      secrets: [{ path: 'shop/database' }],
    });
  const environment = {
    ALL: 'hvs.all',
    ROOT: 'hvs.root',
    DATA: 'hvs.data',
    BLIND: 'hvs.blind',
    WRONG: 'hvs.wrong',
    ROLE: 'shop-role',
    SECRET: 'correct horse',
  };

  const cases: readonly CheckCase[] = [
    { name: 'it is open', given: given({ token: undefined }), status: 'pass', found: /^unsealed, 1\.15\.4$/ },
    { name: 'it stands by', given: health(429), status: 'pass' },
    { name: 'it is sealed', given: health(503), status: 'fail', found: /^it is sealed$/, fix: /operator unseal/ },
    { name: 'it is not initialized', given: health(501), status: 'fail', fix: /operator init/ },
    { name: 'something else answers', given: health(404), status: 'fail', found: /^sys\/health answers 404$/ },
    { name: 'a token is valid', given: given(), status: 'pass', found: /the token is valid for 1d$/ },
    {
      name: 'a token has no end',
      given: given({ token: { env: 'ROOT' }, tokenLeft: '30d' }),
      status: 'pass',
      found: /does not expire$/,
    },
    {
      name: 'a token ends soon',
      given: given({ tokenLeft: '7d' }),
      status: 'fail',
      found: /^the token is valid for 1d$/,
      fix: /renew/,
    },
    {
      name: 'a token that is not valid',
      given: given({ token: { env: 'WRONG' } }),
      status: 'unproven',
      found: /^the token is not valid/,
      secret: 'hvs.wrong',
    },
    {
      name: 'a token that is not there',
      given: given({ token: { env: 'NOT_SET' } }),
      status: 'unproven',
      found: /NOT_SET is not set/,
    },
    {
      name: 'a secret is there, with its keys, and fresh',
      given: secret('shop/database', { keys: ['user', 'password'], maxAge: '90d' }),
      status: 'pass',
      found: /secret\/shop\/database, 10 days old$/,
      secret: 'hunter2',
    },
    {
      name: 'a secret is not there',
      given: secret('shop/nothing'),
      status: 'fail',
      found: /^there is no secret at secret\/shop\/nothing$/,
      fix: /vault kv put/,
    },
    {
      name: 'a secret lacks a key',
      given: secret('shop/database', { keys: ['user', 'host'] }),
      status: 'fail',
      found: /has no host$/,
    },
    {
      name: 'a secret was not rotated',
      given: secret('shop/old', { maxAge: '90d' }),
      status: 'fail',
      found: /was last changed 200 days ago$/,
      fix: /rotate/,
    },
    { name: 'a secret is deleted', given: secret('shop/deleted'), status: 'fail', found: /is deleted$/ },
    { name: 'a secret is destroyed', given: secret('shop/destroyed', { keys: ['user'] }), status: 'fail', found: /is deleted$/ },
    {
      name: 'a token that may read the data alone',
      given: secret('shop/database', { keys: ['user'], maxAge: '90d' }, 'DATA'),
      status: 'pass',
      secret: 'hunter2',
    },
    {
      name: 'a token that may read the data alone, of which nothing is left',
      given: secret('shop/deleted', {}, 'DATA'),
      status: 'fail',
      found: /is deleted$/,
    },
    {
      name: 'a token that may not see it',
      given: secret('shop/database', {}, 'BLIND'),
      status: 'unproven',
      found: /may not see secret\/shop\/database$/,
      fix: /metadata\/shop\/database/,
    },
    {
      name: 'version 1 of the engine',
      given: secret('shop', { mount: 'kv', engine: 1, keys: ['password'] }),
      status: 'pass',
      secret: 'hunter2',
    },
    {
      name: 'version 1 of the engine lacks a key',
      given: secret('shop', { mount: 'kv', engine: 1, keys: ['host'] }),
      status: 'fail',
      found: /^kv\/shop has no host$/,
    },
    {
      name: 'a wrong secret of a role',
      given: role('WRONG'),
      status: 'unproven',
      found: /^the role cannot sign in \(400\)$/,
      secret: 'hvs.wrong',
    },
    {
      name: 'a server that does not know the question for keys',
      given(t) {
        server.hasSubkeys = false;
        t.after(() => {
          server.hasSubkeys = true;
        });
        return secret('shop/database', { keys: ['user'] })();
      },
      status: 'pass',
      secret: 'hunter2',
    },
  ];
  checkConformance(
    'vault',
    vault,
    cases.map((one) => ({ ...one, context: { environment } })),
  );

  test('vault: a role signs in, and its token is revoked in the end', async (t) => {
    server.tokens.set(server.role.token, { ttl: 1_200, may: ['secret/metadata/'] });
    const result = await vault.run(vault.schema.parse(role('SECRET')()), await contextFor(t, { environment }));
    assert.equal(result.status, 'pass', JSON.stringify(result));
    assert.equal(server.tokens.has(server.role.token), false);
  });

  test('vault: values are not asked for where the keys can be had without them', async (t) => {
    server.requests.length = 0;
    await vault.run(vault.schema.parse(secret('shop/database', { keys: ['user'] })()), await contextFor(t, { environment }));
    assert.deepEqual(server.requests, [
      'GET sys/health',
      'GET secret/metadata/shop/database',
      'GET secret/subkeys/shop/database',
    ]);
  });
});

checkConformance(
  'vault',
  vault,
  [
    { name: 'nothing listens', given: () => ({ url: 'http://127.0.0.1:1' }), status: 'fail', found: /refused/ },
    {
      name: 'it never answers',
      given: async (t) => ({ url: await silentAddress(t), within: '200ms' }),
      status: 'fail',
      found: /^no answer within 200 ms$/,
    },
    {
      name: 'a file of authorities that is not there',
      given: () => ({ url: 'https://127.0.0.1:1', tls: { ca: '/nowhere.pem' } }),
      status: 'unproven',
      found: /cannot be read/,
    },
  ],
  async (t) => ({ url: await silentAddress(t), within: '60s' }),
);
