import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OidcSettings } from '../../../spec/controller.ts';
import { freePort } from '../../../system/free-port.ts';
import { Served } from '../server.fixture.ts';
import { Browser, clientSecret, OpenIdProvider } from './openid-provider.fixture.ts';
import { OidcProvider } from './provider.ts';

const provider = new OpenIdProvider();

function settings(issuer: string): OidcSettings {
  return {
    name: 'Shop login',
    issuer,
    clientId: 'rampart',
    clientSecret: { env: 'OIDC_SECRET' },
    scopes: ['openid', 'profile'],
    nameClaim: 'preferred_username',
    roles: [
      { claim: 'groups', equals: 'leads', role: 'admin', services: '*' },
      { claim: 'groups', equals: 'sre', role: 'operator', services: ['checkout'] },
    ],
  };
}

describe('signing in through an OpenID provider', () => {
  // The provider has to know the address of the controller beforehand, and the controller that of the provider.
  let server: Served;
  let port = 0;
  const callback = (): string => `${base()}/auth/oidc/callback`;
  const base = (): string => `http://127.0.0.1:${port}`;
  const session = async (browser: Browser): Promise<{ status: number; body: { name: string; grants: unknown } }> => {
    const { status, body } = await server.ask('GET', '/api/v1/session', undefined, { cookie: browser.cookies(base()) });
    return { status, body: body as { name: string; grants: unknown } };
  };

  before(async () => {
    port = await freePort();
    await provider.up(callback());
    provider.accounts.set('ann', { sub: 'ann', preferred_username: 'Ann', groups: ['leads'] });
    provider.accounts.set('bob', { sub: 'bob', preferred_username: 'bob', groups: ['sre', 'other'] });
    provider.accounts.set('eve', { sub: 'eve', preferred_username: 'eve', groups: ['sales'] });
    server = new Served({ oidc: settings(provider.issuer) }, { OIDC_SECRET: clientSecret }, port);
    await server.up();
  });
  after(async () => {
    await server.close();
    await provider.down();
  });

  test('makes a user with the roles that their claims give, and a session', async () => {
    const { body } = await server.ask('GET', '/auth/options');
    assert.deepEqual(body, { setup: true, oidc: { name: 'Shop login', url: '/auth/oidc' } });
    const browser = new Browser();
    const back = await browser.signInAt(`${base()}/auth/oidc`, 'ann', callback());
    const page = await browser.go(back);
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /http-equiv="refresh" content="0; url=\/"/);
    const signedIn = await session(browser);
    assert.deepEqual(signedIn.body.name, 'ann');
    assert.deepEqual(signedIn.body.grants, [{ role: 'admin', services: '*' }]);
    // The way back is good once.
    const again = await browser.go(back);
    assert.equal(again.status, 403);
    assert.match(again.text, /was not begun here, or too long ago/);
  });

  test('what somebody writes into the address of the way back neither fills the record nor goes on for ever', async () => {
    // Addresses of others stay free: the tests after this one come from 127.0.0.1.
    const begun = await fetch(`${base()}/auth/oidc`, { redirect: 'manual' });
    const [cookie = ''] = (begun.headers.getSetCookie()[0] ?? '').split(';');
    const state = cookie.split('=')[1] ?? '';
    const query = new URLSearchParams({
      state,
      error: 'access_denied',
      error_description: 'x'.repeat(5_000),
      iss: provider.issuer,
    });
    const refused = await server.ask('GET', `/auth/oidc/callback?${query}`, undefined, { cookie });
    assert.match(String(refused.body), /^<!doctype html>/, 'a page and no JSON');
    const { entries } = await server.own<{ entries: { kind: string; why: string; after: { reason: string } }[] }>(
      'GET',
      '/api/v1/audit?kind=sign-in-refused&limit=1',
    );
    assert.match(entries[0]?.why ?? '', /did not confirm the sign-in: x+$/);
    assert.equal(entries[0]?.why.length, 200);
    assert.equal(entries[0]?.after.reason.length, 200);
  });

  test('follows the claims with each sign-in, and lets nobody in whom they give no role', async () => {
    const browser = new Browser();
    const enter = async (account: string) => await browser.go(await browser.signInAt(`${base()}/auth/oidc`, account, callback()));
    assert.equal((await enter('bob')).status, 200);
    assert.deepEqual((await session(browser)).body.grants, [{ role: 'operator', services: ['checkout'] }]);
    provider.accounts.set('bob', { sub: 'bob', preferred_username: 'bob', groups: ['leads', 'sre'] });
    const second = new Browser();
    await second.go(await second.signInAt(`${base()}/auth/oidc`, 'bob', callback()));
    assert.deepEqual((await session(second)).body.grants, [
      { role: 'admin', services: '*' },
      { role: 'operator', services: ['checkout'] },
    ]);
    provider.accounts.set('bob', { sub: 'bob', preferred_username: 'bob', groups: [] });
    const third = new Browser();
    const refused = await third.go(await third.signInAt(`${base()}/auth/oidc`, 'bob', callback()));
    assert.equal(refused.status, 403);
    assert.match(refused.text, /bob has no role here/);
    // What they had is taken back, also from the sessions that are open.
    assert.deepEqual((await session(second)).body.grants, []);
    const eve = new Browser();
    assert.equal((await eve.go(await eve.signInAt(`${base()}/auth/oidc`, 'eve', callback()))).status, 403);
    assert.equal((await session(eve)).status, 401);
  });

  test('refuses the way back of another browser, a wrong state and an error of the provider', async () => {
    const back = await new Browser().signInAt(`${base()}/auth/oidc`, 'ann', callback());
    const other = await new Browser().go(back);
    assert.equal(other.status, 403);
    const browser = new Browser();
    const own = new URL(await browser.signInAt(`${base()}/auth/oidc`, 'ann', callback()));
    own.searchParams.set('state', 'x'.repeat(32));
    assert.equal((await browser.go(own.href)).status, 403);
    const third = new Browser();
    const denied = new URL(await third.signInAt(`${base()}/auth/oidc`, 'ann', callback()));
    denied.searchParams.delete('code');
    denied.searchParams.set('error', 'access_denied');
    denied.searchParams.set('error_description', '<script>alert(1)</script>');
    const page = await third.go(denied.href);
    assert.equal(page.status, 403);
    assert.doesNotMatch(page.text, /<script>/);
    assert.equal((await session(third)).status, 401);
  });

  test('says so when the provider is away, and works again when it is back', async () => {
    await provider.down();
    const restarted = new Browser();
    await server.down();
    await server.up();
    const page = await restarted.go(`${base()}/auth/oidc`);
    assert.equal(page.status, 502);
    assert.match(page.text, /Shop login cannot be asked/);
    assert.equal((await server.ask('GET', '/health')).status, 200);
    await provider.up(callback());
    assert.equal((await restarted.go(await restarted.signInAt(`${base()}/auth/oidc`, 'ann', callback()))).status, 200);
  });
});

describe('a provider that has names and groups at its UserInfo endpoint alone, as the standard says', () => {
  const conforming = new OpenIdProvider({ inToken: false });
  let server: Served;
  let port = 0;
  const base = (): string => `http://127.0.0.1:${port}`;
  const callback = (): string => `${base()}/auth/oidc/callback`;
  const enter = async (browser: Browser) => await browser.go(await browser.signInAt(`${base()}/auth/oidc`, 'ann', callback()));
  const grants = async (browser: Browser): Promise<unknown> => {
    const { body } = await server.ask('GET', '/api/v1/session', undefined, { cookie: browser.cookies(base()) });
    return (body as { grants: unknown }).grants;
  };

  before(async () => {
    port = await freePort();
    await conforming.up(callback());
    conforming.accounts.set('ann', { sub: 'ann', preferred_username: 'ann', groups: ['leads'] });
    server = new Served({ oidc: settings(conforming.issuer) }, { OIDC_SECRET: clientSecret }, port);
    await server.up();
  });
  after(async () => {
    await server.close();
    await conforming.down();
  });

  test('lets in whom their groups give a role', async () => {
    const browser = new Browser();
    const page = await enter(browser);
    assert.equal(page.status, 200, page.text);
    assert.deepEqual(await grants(browser), [{ role: 'admin', services: '*' }]);
  });

  test('takes nothing from anybody while that endpoint fails', async () => {
    const signedIn = new Browser();
    await enter(signedIn);
    conforming.instead = ({ url }, response) => {
      if (url?.startsWith('/me') !== true) return false;
      response.writeHead(503).end();
      return true;
    };
    const page = await enter(new Browser());
    conforming.instead = null;
    assert.equal(page.status, 403);
    assert.match(page.text, /Shop login did not confirm the sign-in/);
    assert.deepEqual(await grants(signedIn), [{ role: 'admin', services: '*' }]);
  });

  test('is not believed when it speaks of somebody else, or with a code that was used', async () => {
    conforming.instead = ({ url }, response) => {
      if (url?.startsWith('/me') !== true) return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"sub":"eve","groups":["leads"]}');
      return true;
    };
    assert.equal((await enter(new Browser())).status, 403);
    conforming.instead = null;
    // The code of one sign-in in the way back of another one of the same browser.
    const browser = new Browser();
    const first = new URL(await browser.signInAt(`${base()}/auth/oidc`, 'ann', callback()));
    assert.equal((await browser.go(first.href)).status, 200);
    const second = new URL(await browser.signInAt(`${base()}/auth/oidc`, 'ann', callback()));
    second.searchParams.set('code', first.searchParams.get('code') ?? '');
    const replayed = await browser.go(second.href);
    assert.equal(replayed.status, 403);
    assert.match(replayed.text, /did not confirm the sign-in/);
  });
});

test('a sign-in that takes longer than ten minutes has to be begun again', async () => {
  const slow = new OpenIdProvider();
  const callback = 'http://127.0.0.1:9/auth/oidc/callback';
  await slow.up(callback);
  try {
    slow.accounts.set('ann', { sub: 'ann', preferred_username: 'ann', groups: [] });
    let now = Date.now();
    const oidc = new OidcProvider(settings(slow.issuer), { OIDC_SECRET: clientSecret }, () => now);
    for (const [waitMs, isIn] of [
      [599_000, true],
      [600_000, false],
    ] as const) {
      const { url, state } = await oidc.begin(callback);
      const back = await new Browser().signInAt(url, 'ann', callback);
      now += waitMs;
      const ended = oidc.end(new URL(back).search, state);
      if (isIn) assert.equal((await ended).claims.preferred_username, 'ann');
      else await assert.rejects(ended, /was not begun here, or too long ago/);
    }
  } finally {
    await slow.down();
  }
});

test('a secret that is missing is named before anything starts', async () => {
  const server = new Served({ oidc: settings('http://127.0.0.1:9') });
  try {
    await assert.rejects(server.up(), /the environment variable OIDC_SECRET is not set/);
  } finally {
    await server.close();
  }
});

test('one address begins so many sign-ins a minute, and one that ends well counts as none', async () => {
  const port = await freePort();
  const away = await freePort();
  const server = new Served({ oidc: settings(`http://127.0.0.1:${away}`) }, { OIDC_SECRET: clientSecret }, port);
  try {
    await server.up();
    const statuses: number[] = [];
    for (let begun = 0; begun < 32; begun += 1) statuses.push((await fetch(`http://127.0.0.1:${port}/auth/oidc`)).status);
    assert.deepEqual([...new Set(statuses)], [502, 429]);
    assert.equal(statuses.indexOf(429), 30);
    const callback = await fetch(`http://127.0.0.1:${port}/auth/oidc/callback?code=x`);
    assert.equal(callback.status, 429);
    assert(Number(callback.headers.get('retry-after')) >= 1);
  } finally {
    await server.close();
  }
});
