import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { openMemoryLog } from '../../stores/memory/index.ts';
import type { Principal } from '../principal.ts';
import type { By } from './administration.ts';
import { sessionLimits } from './credentials.ts';
import { openAccess } from './open.ts';
import { csrfOf } from './secret.ts';
import { admin } from './server.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-authenticator-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const by: By = { actor: 'tess', grants: [admin], from: { address: '127.0.0.1', via: 'owner', credential: null }, why: '' };
let files = 0;

async function opened(publicUrl: string | null = null) {
  const log = openMemoryLog();
  const time = { atMs: 1_000_000 };
  const access = await openAccess({
    log,
    token: await log.claim('tests'),
    ownerToken: 'owned',
    file: join(folder, `${(files += 1)}.db`),
    publicUrl,
    sessions: sessionLimits,
    listensAt: () => 'http://127.0.0.1:7300/',
    now: () => time.atMs,
    warn: (text) => assert.fail(text),
  });
  await access.administration.addUser(by, 'anna', { grants: [admin], disabled: false, oidc: 'sub' });
  await access.administration.addUser(by, 'boris', { grants: [], disabled: false, oidc: null });
  return { access, time };
}

/** As much of a request as is looked at. */
function request(method: string, headers: Record<string, string>): FastifyRequest {
  return { method, headers: { host: '127.0.0.1:7300', ...headers } } as unknown as FastifyRequest;
}

test('who is signed in stays who they are until their session ends, with the grants of now', async () => {
  const { access, time } = await opened();
  const { secret } = await access.signIn.as('boris', 'oidc', '10.0.0.1');
  const shown = () => request('GET', { cookie: `a=b; rampart_session=${secret}; c=d` });
  const { current, authenticate, sessionOf } = access.authenticator;
  const principal = await authenticate(shown());
  assert.deepEqual([principal.name, principal.kind, principal.grants], ['boris', 'user', []]);
  await access.administration.changeUser(by, 'boris', { grants: [{ role: 'viewer', services: ['shop'] }] });
  assert.deepEqual(current(principal)?.grants, [{ role: 'viewer', services: ['shop'] }]);
  // Used every hour for days: it goes on until its week is over.
  for (let hours = 1; hours < 7 * 24; hours += 1) {
    time.atMs += 3_600_000;
    await authenticate(shown());
  }
  const asked = shown();
  await authenticate(asked);
  assert.equal(sessionOf(asked)?.expiresAtMs, time.atMs + 3_600_000);
  time.atMs += 3_600_000;
  assert.equal(current(principal), null);
  await assert.rejects(authenticate(shown()), { code: 'E_UNAUTHORIZED', message: 'this session has ended' });

  const again = await authenticate(
    request('GET', { cookie: `rampart_session=${(await access.signIn.as('boris', 'oidc', 'x')).secret}` }),
  );
  await access.administration.changeUser(by, 'boris', { disabled: true });
  assert.equal(current(again), null);
  await assert.rejects(access.signIn.as('boris', 'oidc', 'x'), { code: 'E_SIGN_IN_REFUSED' });
  await access.close();
});

test('a page that stays open keeps its session in use until its week is over', async () => {
  const { access, time } = await opened();
  const { secret } = await access.signIn.as('boris', 'oidc', '10.0.0.1');
  const { current, authenticate } = access.authenticator;
  const principal = await authenticate(request('GET', { cookie: `rampart_session=${secret}` }));
  for (let hours = 1; hours < 7 * 24; hours += 1) {
    time.atMs += 3_600_000;
    assert.equal(current(principal)?.name, 'boris', `after ${hours} h`);
  }
  time.atMs += 3_600_000;
  assert.equal(current(principal), null);
  await access.close();
});

test('a token stays good until it expires or is revoked, and the owner always is', async () => {
  const { access, time } = await opened();
  const { authenticate, current } = access.authenticator;
  const wish = { name: 'ci', grants: [], expiresAtMs: time.atMs + 500 };
  const { secret } = await access.administration.addToken(by, wish);
  const owner = await authenticate(request('POST', { authorization: 'Bearer owned' }));
  const ci = await authenticate(request('POST', { authorization: `Bearer ${secret}` }));
  assert.equal(current(ci)?.name, 'ci');
  time.atMs += 500;
  assert.equal(current(ci), null);
  const { token, secret: next } = await access.administration.addToken(by, { ...wish, expiresAtMs: null });
  const second = await authenticate(request('POST', { authorization: `bearer ${next}` }));
  await access.administration.revokeToken(by, token.id);
  assert.deepEqual([current(second), current(owner)], [null, owner]);
  const nobody: Principal = { name: 'nobody', kind: 'token', grants: [], credential: null };
  assert.equal(current(nobody), null);
  await access.close();
});

test('behind a proxy the public address is at home, and the cookie is for https alone', async () => {
  const { access } = await opened('https://rampart.example/base/');
  const { secret } = await access.signIn.as('anna', 'oidc', 'x');
  const write = (headers: Record<string, string>) =>
    access.authenticator.authenticate(
      request('POST', { cookie: `rampart_session=${secret}`, 'x-rampart-csrf': csrfOf(secret), ...headers }),
    );
  assert.equal((await write({ origin: 'https://rampart.example', 'sec-fetch-site': 'same-origin' })).name, 'anna');
  await assert.rejects(write({ origin: 'https://rampart.example.evil' }), { code: 'E_CSRF' });
  await assert.rejects(write({ origin: 'not an origin' }), { code: 'E_CSRF' });
  assert.equal(access.isSecure, true);
  assert.equal(access.baseUrl(), 'https://rampart.example/base');
  await access.close();
});
