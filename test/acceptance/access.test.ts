import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Stage, until } from './stage.ts';

/** A stage whose commands reach its controller as from another machine: by address and token. */
class Remote extends Stage {
  url: string | undefined;
  token: string | undefined;
  user = 'tess';
  override get environment(): NodeJS.ProcessEnv {
    return {
      ...super.environment,
      RAMPART_USER: this.user,
      ...(this.url === undefined ? {} : { RAMPART_URL: this.url }),
      ...(this.token === undefined ? {} : { RAMPART_TOKEN: this.token }),
    };
  }

  /** Does `work` with this token and no data folder's, then goes back. */
  async as<T>(token: string | undefined, work: () => Promise<T>): Promise<T> {
    this.url = this.door().url;
    this.token = token;
    try {
      return await work();
    } finally {
      this.url = undefined;
      this.token = undefined;
    }
  }

  async newToken(name: string, ...may: readonly string[]): Promise<string> {
    return (await this.json<{ secret: string }>(0, 'tokens', 'add', name, ...may)).secret;
  }
}

const stage = new Remote();

describe('who may do what, on the command line', () => {
  before(() => stage.up());
  after(() => stage.close());

  test('up prints the link of the first admin, and users are added, changed and removed', async () => {
    // It answers before it has printed that it does.
    const printed = /"setupLink":"http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{24}"/;
    await until('the link of the first admin', () => printed.test(readFileSync(stage.upLog, 'utf8')));
    assert.match((await stage.cli('users', 'list')).out, /no user yet/);
    const first = await stage.cli('users', 'add', 'boris', '--role', 'viewer', '--all');
    assert.deepEqual([first.code, /the first user has to be an admin/.test(first.err)], [1, true]);
    const { link } = await stage.json<{ link: string }>(
      0,
      'users',
      'add',
      'anna',
      '--role',
      'admin',
      '--all',
      '--why',
      'on call',
    );
    assert.match(link, /\/welcome#/);
    const added = await stage.cli('users', 'add', 'boris', '--grant', 'viewer=*', '--grant', 'operator=shop,cart');
    assert.match(added.out, /^boris is viewer of all services; operator of shop, cart\nlink for a password .*\/welcome#/);
    assert.match((await stage.cli('users', 'link', 'boris')).out, /works once, for 24 hours/);
    assert.match(
      (await stage.cli('users', 'change', 'boris', '--disable')).out,
      /^boris {2}viewer .* disabled {2}never signed in/,
    );
    assert.match((await stage.cli('users', 'remove', 'boris')).out, /boris is removed/);
    const last = await stage.cli('users', 'remove', 'anna');
    assert.deepEqual([last.code, /anna is the last admin/.test(last.err)], [1, true]);
    const { users } = await stage.json<{ users: { name: string }[] }>(0, 'users', 'list');
    assert.deepEqual(
      users.map(({ name }) => name),
      ['anna'],
    );
  });

  test('a wrong option is named', async () => {
    const cases: readonly [string[], RegExp][] = [
      [
        ['users', 'add', 'x', '--role', 'king', '--all'],
        /there is no role king; expected one of viewer, reporter, operator, approver, admin/,
      ],
      [['users', 'add', 'x', '--role', 'viewer'], /say which services the role is for/],
      [['users', 'add', 'x', '--all'], /--role is missing/],
      [['users', 'add', 'x'], /say what they may/],
      [['users', 'change', 'x'], /say what changes/],
      [['tokens', 'add', 'x'], /say what it may: --role viewer --service/],
      [['tokens', 'add', 'x', '--grant', 'viewer'], /expected ROLE=SERVICES/],
      [
        ['tokens', 'add', 'x', '--role', 'viewer', '--all', '--expires', 'soon'],
        /expected a time such as 90d, or never, found soon/,
      ],
      [['tokens', 'revoke', 'x'], /there is no token x that is good/],
      [['tokens', 'add', 'X', '--role', 'viewer', '--all'], /a name has at most 60 small letters/],
    ];
    for (const [args, wanted] of cases) {
      const { code, err } = await stage.cli(...args);
      assert.match(err, wanted);
      assert([1, 2].includes(code ?? 0), `${args.join(' ')}: ${code}`);
    }
  });

  test('a token reaches the controller from elsewhere, under its own name, until it is revoked', async () => {
    const secret = await stage.newToken('ci', '--role', 'operator', '--service', 'shop', '--expires', '30d');
    assert.equal((await stage.as(secret, () => stage.cli('status'))).code, 0);
    // As a file holds it.
    assert.equal((await stage.as(`${secret}\n`, () => stage.cli('status'))).code, 0);
    const mine = await stage.as(secret, () => stage.cli('users', 'list'));
    assert.match(mine.err, /token ci may not administer users, tokens and settings/);
    assert.match(
      (await stage.cli('tokens', 'list')).out,
      /^ci {2}t_[0-9a-f]{16} {2}operator of shop {2}by tess {2}until .* used /,
    );
    assert.match((await stage.cli('tokens', 'revoke', 'ci')).out, /^ci \(t_\w+\) is revoked/);
    const over = await stage.as(secret, () => stage.cli('status'));
    assert.match(over.err, /refuses RAMPART_TOKEN: there is no such token, or it was revoked[\s\S]*rampart tokens add/);
    assert.match((await stage.cli('tokens', 'list')).out, /no token; make one/);
    assert.match((await stage.cli('tokens', 'list', '--ended')).out, /^ci .* revoked /);
    for (const wrong of [undefined, '', 'two words']) {
      const { code, err } = await stage.as(wrong, () => stage.cli('status'));
      assert.equal(code, 2);
      assert.match(err, /RAMPART_TOKEN[\s\S]*rampart tokens add/);
    }
  });

  test('another has to approve: not who started it, and nobody without the role', async () => {
    const shop = await stage.place('shop', { release: { approval: '{ by: another }' } });
    const approver = await stage.newToken('release-manager', '--role', 'approver', '--service', 'shop');
    const operator = await stage.newToken('deployer', '--role', 'operator', '--service', 'shop');
    const foreign = await stage.newToken('cart-team', '--grant', 'admin=cart');
    const viewer = await stage.newToken('screen', '--role', 'viewer', '--all');
    const id = await stage.begin(shop, '1.0.0');
    await stage.reaches(id, 'it asks', ({ state }) => state === 'awaiting-approval');
    const mine = await stage.json<{ done: boolean; said: string }>(1, 'approve', 'shop');
    assert.deepEqual([mine.done, mine.said], [false, 'tess has started it, so another has to approve it']);
    const refused: readonly [token: string, verb: string, sentence: RegExp][] = [
      [operator, 'approve', /token deployer may not approve releases of shop/],
      [approver, 'pause', /token release-manager may not steer releases of shop/],
      [viewer, 'abort', /token screen may not abort releases of shop/],
      [foreign, 'abort', /there is no release|may not/],
    ];
    for (const [token, verb, sentence] of refused)
      assert.match((await stage.as(token, () => stage.cli(verb, 'shop'))).err, sentence, verb);
    const { status, body } = await fetchVerb(foreign, id, 'abort');
    assert.deepEqual([status, body.title], [403, 'token cart-team may not abort releases of shop']);
    const approved = await stage.as(approver, () => stage.json<{ said: string }>(0, 'approve', 'shop', '--why', 'looked at it'));
    assert.match(approved.said, /^approve by release-manager \(looked at it\)/);
    assert.equal((await stage.end(id)).outcome, 'succeeded');
    const actors = (await stage.events(id))
      .filter(({ kind }) => kind === 'requested' || kind === 'verb')
      .map(({ actor }) => actor);
    assert.deepEqual(actors, ['tess', 'tess', 'release-manager']);
  });

  test('a promotion past a question needs the right to approve', async () => {
    const strategy = '{ canary: { steps: [ { weight: 10%, for: 60s }, { approve: { by: another } } ] } }';
    const shop = await stage.place('asks', { release: { strategy } });
    await stage.install(shop, '1.0.0');
    const operator = await stage.newToken('hurried', '--role', 'operator', '--all');
    const both = await stage.newToken('trusted', '--grant', 'operator=asks', '--grant', 'approver=asks');
    const id = await stage.begin(shop, '2.0.0');
    await stage.reaches(id, 'it has begun', ({ state }) => state === 'progressing');
    const past = await stage.as(operator, () => stage.cli('promote', 'asks'));
    assert.match(past.err, /token hurried may not approve releases of asks/);
    assert.match(
      (await stage.json<{ said: string }>(1, 'promote', 'asks')).said,
      /tess has started it, so another has to approve it/,
    );
    await stage.as(both, () => stage.json(0, 'promote', 'asks'));
    await stage.json(0, 'abort', 'asks');
    await stage.end(id);
  });

  test('a program that has asked too often to look for a release aborts it all the same, by its service', async () => {
    const busy = await stage.place('busy', { release: { strategy: '{ canary: { steps: [ { weight: 10%, for: 60s } ] } }' } });
    await stage.install(busy, '1.0.0');
    const secret = await stage.newToken('restless', '--role', 'operator', '--service', 'busy');
    const id = await stage.begin(busy, '2.0.0');
    await stage.reaches(id, 'it has begun', ({ state }) => state === 'progressing');
    for (let times = 0; times < 61; times += 1)
      await fetch(`${stage.door().url}/api/v1/services`, { headers: { authorization: `Bearer ${secret}` } });
    const looked = await stage.as(secret, () => stage.cli('status'));
    assert.match(looked.err, /token restless may ask 60 times a minute/);
    assert.notEqual((await stage.as(secret, () => stage.cli('pause', 'busy'))).code, 0);
    const { done } = await stage.as(secret, () => stage.json<{ done: boolean }>(0, 'abort', 'busy', '--why', 'looks wrong'));
    assert(done);
    assert.equal((await stage.end(id)).outcome, 'rolled-back');
  });

  test('the record has every change, and its chain is whole', async () => {
    assert.equal((await stage.json<{ kind: string }>(0, 'audit', 'verify')).kind, 'intact');
  });
});

async function fetchVerb(token: string, id: string, verb: string): Promise<{ status: number; body: { title: string } }> {
  const response = await fetch(`${stage.door().url}/api/v1/releases/${id}/verbs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ verb }),
  });
  return { status: response.status, body: (await response.json()) as { title: string } };
}
