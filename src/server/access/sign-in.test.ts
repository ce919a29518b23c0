import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { admin, codeOf, password, problemIn, Served, signedIn } from './server.fixture.ts';

const linkVoid = '410 E_LINK_VOID this link was used, has expired or was replaced by a newer one';
const wrong = '401 E_SIGN_IN_REFUSED this is not the name and password of a user who may sign in';

describe('the first admin', () => {
  const served = new Served();
  after(() => served.close());

  test('comes in by the link of this start, once', async () => {
    const older = codeOf((await served.up()).setupLink);
    await served.down();
    const { setupLink, url } = await served.up();
    const code = codeOf(setupLink);
    assert.equal(setupLink, `${url}/welcome#${code}`);
    assert.deepEqual((await served.ask('GET', '/auth/options')).body, { setup: true, oidc: null });

    const welcome = (body: object) => served.ask('POST', '/auth/welcome', { name: 'anna', password, ...body });
    assert.equal(problemIn(await welcome({ code: older })), linkVoid);
    assert.equal(problemIn(await welcome({ code: 'guessed' })), linkVoid);
    // What is refused leaves the link good.
    assert.match(problemIn(await welcome({ code, password: 'short' })), /^409 E_REFUSED a password has at least 12 characters/);
    assert.match(problemIn(await welcome({ code, name: 'Anna!' })), /^409 E_REFUSED a name has at most 60/);
    assert.match(problemIn(await welcome({ code, name: undefined })), /^409 E_REFUSED a name has/);

    const all = await Promise.all(['anna', 'boris', 'chen'].map((name) => welcome({ code, name })));
    assert.deepEqual(all.map(({ status }) => status).toSorted(), [200, 410, 410]);
    const [answer] = all.filter(({ status }) => status === 200);
    assert(answer);
    const { session, cookie } = signedIn(answer);
    assert.deepEqual(session.grants, [admin]);
    assert.match(
      answer.headers.get('set-cookie') ?? '',
      /^rampart_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/,
    );
    assert.equal((await served.ask('GET', '/api/v1/users', undefined, { cookie })).status, 200);
    assert.deepEqual((await served.ask('GET', '/auth/options')).body, { setup: false, oidc: null });
    await served.down();
    assert.equal((await served.up()).setupLink, null);
  });
});

test('the link of the first admin is void once the owner has added a user', async () => {
  const served = new Served();
  try {
    const code = codeOf((await served.up()).setupLink);
    const { link } = await served.own<{ link: string }>('POST', '/api/v1/users', { name: 'anna', grants: [admin] });
    assert.equal(problemIn(await served.ask('POST', '/auth/welcome', { code, name: 'eve', password })), linkVoid);
    assert.equal((await served.ask('POST', '/auth/welcome', { code: codeOf(link), password })).status, 200);
  } finally {
    await served.close();
  }
});

describe('a person', () => {
  const served = new Served();
  before(() => served.up().then(() => served.person('root', admin)));
  after(() => served.close());
  const enter = (name: string, given: string) => served.ask('POST', '/auth/sign-in', { name, password: given });

  test('signs in by name and password, and out again', async () => {
    await served.person('anna', { role: 'viewer', services: ['shop'] });
    const me = signedIn(await enter('anna', password));
    const session = await served.ask('GET', '/api/v1/session', undefined, me);
    assert.deepEqual(session.body, { ...me.session, expiresAtMs: (session.body as typeof me.session).expiresAtMs });
    const cookie = me.cookie;
    assert.match(problemIn(await served.ask('POST', '/auth/sign-out', undefined, { cookie })), /^403 E_CSRF/);
    const out = await served.ask('POST', '/auth/sign-out', undefined, me);
    assert.equal(out.status, 204);
    assert.match(out.headers.get('set-cookie') ?? '', /^rampart_session=; .*Max-Age=0/);
    assert.equal(
      problemIn(await served.ask('GET', '/api/v1/session', undefined, me)),
      '401 E_UNAUTHORIZED this session has ended',
    );
  });

  test('is answered the same for a wrong name, a wrong password, and when disabled', async () => {
    await served.person('boris');
    await served.own('PATCH', '/api/v1/users/boris', { disabled: true });
    const { link } = await served.own<{ link: string }>('POST', '/api/v1/users', { name: 'invited', grants: [] });
    assert(link);
    for (const [name, given] of [
      ['anna', 'wrong'],
      ['nobody-here', password],
      ['boris', password],
      ['invited', password],
    ] as const)
      assert.equal(problemIn(await enter(name, given)), wrong);
  });

  test('changes the password with the one before, which ends the other sessions and not this one', async () => {
    const me = await served.person('chen');
    const other = signedIn(await enter('chen', password));
    const change = (current: string, next: string) => served.ask('PUT', '/api/v1/session/password', { current, next }, me);
    assert.equal(problemIn(await change('wrong', 'another long password')), '403 E_FORBIDDEN this is not your current password');
    assert.match(problemIn(await change(password, 'aaaaaaaaaaaaaaaa')), /at least 5 different characters/);
    assert.equal((await change(password, 'another long password')).status, 204);
    assert.equal((await served.ask('GET', '/api/v1/session', undefined, me)).status, 200);
    assert.equal((await served.ask('GET', '/api/v1/session', undefined, other)).status, 401);
    assert.equal(problemIn(await enter('chen', password)), wrong);
    signedIn(await enter('chen', 'another long password'));
    const owner = await served.ask('PUT', '/api/v1/session/password', { current: 'x', next: 'y' }, { token: served.ownerToken });
    assert.equal(problemIn(owner), '403 E_FORBIDDEN owner owner has no password');
  });

  test('gets a new password by a new link, which voids the link before and ends every session', async () => {
    const me = await served.person('dana');
    const first = await served.own<{ link: string }>('POST', '/api/v1/users/dana/link');
    const second = await served.own<{ link: string }>('POST', '/api/v1/users/dana/link');
    const welcome = (link: string, more: object = {}) =>
      served.ask('POST', '/auth/welcome', { code: codeOf(link), password: 'a new long password', ...more });
    assert.equal(problemIn(await welcome(first.link)), linkVoid);
    assert.equal(problemIn(await welcome(second.link, { name: 'eve' })), '409 E_REFUSED this link is for dana');
    signedIn(await enter('dana', password));
    signedIn(await welcome(second.link));
    assert.equal((await served.ask('GET', '/api/v1/session', undefined, me)).status, 401);
    assert.equal(problemIn(await enter('dana', password)), wrong);
  });

  test('loses access at once when disabled, demoted or removed, and sessions of before stay ended', async () => {
    const me = await served.person('emil', admin);
    const users = () => served.ask('GET', '/api/v1/users', undefined, me);
    assert.equal((await users()).status, 200);
    await served.own('PATCH', '/api/v1/users/emil', { grants: [{ role: 'viewer', services: '*' }] });
    assert.equal(problemIn(await users()), '403 E_FORBIDDEN user emil may not administer users, tokens and settings');
    await served.own('PATCH', '/api/v1/users/emil', { disabled: true });
    assert.equal((await users()).status, 401);
    await served.own('PATCH', '/api/v1/users/emil', { disabled: false });
    assert.equal((await users()).status, 401);
    const again = signedIn(await enter('emil', password));
    await served.own('DELETE', '/api/v1/users/emil?why=left');
    assert.equal((await served.ask('GET', '/api/v1/session', undefined, again)).status, 401);
    assert.equal(problemIn(await enter('emil', password)), wrong);
  });

  test('keeps the session over a restart of the controller', async () => {
    const me = await served.person('fay');
    await served.down();
    await served.up();
    const session = await served.ask('GET', '/api/v1/session', undefined, me);
    assert.equal((session.body as { name: string }).name, 'fay');
    assert.equal((session.body as { csrf: string }).csrf, me.csrf);
  });

  test('is not signed in by a page of another site, nor acts by one', async () => {
    const me = await served.person('gus');
    const { host } = new URL(served.host.url);
    const cases: readonly [Record<string, string>, number][] = [
      [{ origin: 'https://evil.example' }, 403],
      [{ origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site', origin: `http://${host}` }, 403],
      [{ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, 204],
    ];
    for (const [headers, status] of cases) {
      const shown = { ...me, headers };
      const body = { current: password, next: password };
      assert.equal((await served.ask('PUT', '/api/v1/session/password', body, shown)).status, status, JSON.stringify(headers));
      const signIn = await served.ask('POST', '/auth/sign-in', { name: 'gus', password }, { headers });
      assert.equal(signIn.status, status === 403 ? 403 : 200, JSON.stringify(headers));
    }
    const { cookie } = me;
    for (const csrf of [undefined, '', 'wrong', me.cookie])
      assert.match(
        problemIn(
          await served.ask(
            'POST',
            '/api/v1/users',
            { name: 'x', grants: [] },
            csrf === undefined ? { cookie } : { cookie, csrf },
          ),
        ),
        /^403 E_CSRF/,
      );
  });
});

test('guessing is stopped after ten tries of a name, and what the record keeps of it is bounded', async () => {
  const served = new Served();
  try {
    await served.up();
    await served.person('anna', admin);
    const statuses: number[] = [];
    for (let i = 0; i < 12; i += 1)
      statuses.push((await served.ask('POST', '/auth/sign-in', { name: 'anna', password: `guess ${i}` })).status);
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    const answer = await served.ask('POST', '/auth/sign-in', { name: 'anna', password });
    assert.match(problemIn(answer), /^429 E_TOO_MANY too many tries/);
    const seconds = Number(answer.headers.get('retry-after'));
    assert(seconds >= 1 && seconds <= 60, String(seconds));
    // Others are not kept out by it, until the address has had its share.
    const other: number[] = [];
    for (let i = 0; i < 21; i += 1)
      other.push((await served.ask('POST', '/auth/sign-in', { name: `a secret in the wrong field ${i}`, password: 'x' })).status);
    assert.equal(other.filter((status) => status === 401).length, 17);
    assert.deepEqual(other.slice(17), [429, 429, 429, 429]);
    await served.down();
    const log = await (await import('../../stores/sqlite/index.ts')).openSqliteLog(join(served.data, 'log.db'));
    const refused = (await log.read('access', 0, 1_000)).filter(({ kind }) => kind === 'sign-in-refused');
    const counted = refused.map(({ data }) => {
      const { subject, after } = data as { subject: string; after: { reason: string; count: number } };
      return `${subject}: ${after.reason}: ${after.count}`;
    });
    assert.deepEqual(
      counted.filter((text) => text.startsWith('anna: wrong')),
      [...Array(5).fill('anna: wrong name or password: 1'), 'anna: wrong name or password: 5'],
    );
    assert(counted.includes('unknown: wrong name or password: 12'), counted.join('\n'));
    assert(refused.length < 25, counted.join('\n'));
    assert.equal((await log.verify()).kind, 'intact');
    await log.close();
  } finally {
    await served.close();
  }
});

test('no password, link or token is in the log, the audit, the warnings or, as it is, in any file', async () => {
  const served = new Served();
  served.passwordCost = undefined;
  try {
    await served.up();
    const me = await served.person('anna', admin);
    const { link } = await served.own<{ link: string }>('POST', '/api/v1/users/anna/link');
    const { secret } = await served.token('ci', [{ role: 'viewer', services: '*' }]);
    await served.ask('POST', '/auth/sign-in', { name: password, password: 'guessed-guessed' });
    await served.ask('POST', '/auth/sign-in', { name: 'anna', password: 'guessed-guessed', extra: 1 });
    await served.ask('PUT', '/api/v1/session/password', { current: password, next: 'the next long password' }, me);
    const texts = () =>
      readdirSync(served.data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const secrets = [
      password,
      'guessed-guessed',
      'the next long password',
      codeOf(link),
      secret,
      me.cookie.split('=')[1] ?? '',
      me.csrf,
    ];
    for (const text of [...texts(), served.warnings.join()])
      for (const one of secrets) assert(!text.includes(one), `${one} is kept`);
    assert(
      texts().some((text) => text.includes('$scrypt$ln=15,r=8,p=3$')),
      'a verifier costs as much as it has to',
    );
    for (const name of readdirSync(served.data).filter((file) => file.startsWith('access.db')))
      assert.equal(statSync(join(served.data, name)).mode & 0o777, 0o600, name);
    const records = await served.host.log.read('access', 0, 100);
    const stream = JSON.stringify(records.map(({ kind, data }) => ({ kind, data })));
    assert.match(stream, /password-set/);
    assert.doesNotMatch(stream, /scrypt|hash|verifier/);
  } finally {
    await served.close();
  }
});

for (const how of ['missing', 'damaged'] as const)
  test(`when access.db is ${how} nobody gets in but the owner, who makes new links`, async () => {
    const served = new Served();
    try {
      await served.up();
      const me = await served.person('anna', admin);
      const { secret } = await served.token('ci', [admin]);
      await served.down();
      for (const end of ['-wal', '-shm']) rmSync(join(served.data, `access.db${end}`), { force: true });
      if (how === 'missing') rmSync(join(served.data, 'access.db'));
      else writeFileSync(join(served.data, 'access.db'), 'x'.repeat(10_000));
      assert.equal((await served.up()).setupLink, null);
      assert.match(
        served.warnings.join(),
        how === 'missing'
          ? /access\.db is missing: nobody can sign in/
          : /was damaged, and is now .*access\.db\.damaged-\d+: nobody/,
      );
      assert.match(served.warnings.join(), /rampart users link NAME/);
      assert.equal((await served.ask('GET', '/api/v1/session', undefined, me)).status, 401);
      assert.equal((await served.ask('GET', '/api/v1/session', undefined, { token: secret })).status, 401);
      assert.equal(problemIn(await served.ask('POST', '/auth/sign-in', { name: 'anna', password })), wrong);
      const { users } = await served.own<{ users: { name: string; hasPassword: boolean }[] }>('GET', '/api/v1/users');
      assert.deepEqual(
        users.map(({ name, hasPassword }) => [name, hasPassword]),
        [['anna', false]],
      );
      const { link } = await served.own<{ link: string }>('POST', '/api/v1/users/anna/link');
      signedIn(await served.ask('POST', '/auth/welcome', { code: codeOf(link), password }));
    } finally {
      await served.close();
    }
  });
