import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Overview } from '../../src/views/overview.ts';
import { Stage, until } from './stage.ts';
import { ask, Users } from './users.ts';

type Said = { readonly release: string; readonly verb: string; readonly done: boolean; readonly said: string };

const verbs = ['pause', 'resume', 'approve', 'promote', 'abort', 'retry'] as const;
const stage = new Stage();

describe('verbs', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('a paused release stays where it is until it is resumed, is promoted on request, and verbs after its end do nothing', async () => {
    const shop = await stage.place('paused', {
      release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 60s } ] } }' },
    });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await stage.reaches(id, 'traffic', ({ state, weight }) => state === 'progressing' && weight === 20);
      const paused = await stage.json<Said>(0, 'pause', 'paused', '--why', 'lunch');
      assert.equal(paused.release, id);
      assert.match(paused.said, /pause by tess \(lunch\)/);
      assert.match((await stage.json<Said>(1, 'pause', 'paused')).said, /paused already/);
      assert.match((await stage.json<Said>(1, 'approve', 'paused')).said, /does not wait for an approval/);
      const held = await stage.release(id);
      assert.equal(held.state, 'held');
      assert.match(held.doing, /paused by tess/);
      const needing =
        /^ {2}needs somebody: 2\.0\.0 is held: paused by tess[^\n]*\n {2}degraded: the release of 2\.0\.0 is held: paused by tess/m;
      const status = await stage.cli('status');
      assert.match(status.out, /^paused +1\.0\.0 +degraded +2\.0\.0 held: /m);
      assert.match(status.out, needing);
      assert.match((await stage.cli('status', 'paused')).out, needing);
      const { services } = await stage.json<Overview>(0, 'status');
      assert.deepEqual(
        services
          .filter(({ name }) => name === 'paused')
          .map(({ name, health, needs }) => [name, health.level, needs.map(({ kind }) => kind)]),
        [['paused', 'degraded', ['held']]],
      );
      assert.equal((await stage.service('paused')).route.weight, 20, 'traffic stays as it was');

      assert.equal((await stage.json<Said>(0, 'resume', id, '--why', 'back')).done, true);
      await stage.reaches(id, 'it goes on', ({ state }) => state !== 'held');
      assert.match((await stage.json<Said>(1, 'resume', 'paused')).said, /not paused/);
      assert.match((await stage.json<Said>(1, 'retry', 'paused')).said, /nothing in it waits/);
      await stage.json<Said>(0, 'pause', 'paused');
      const promoted = await stage.json<Said>(0, 'promote', 'paused', '--why', 'enough');
      assert.match(promoted.said, /promote by tess \(enough\)/);
      await until('everybody is on the new version', async () => (await ask(shop.port)).version === '2.0.0');
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);

      const told = (await stage.events(id)).filter(({ kind }) => kind === 'verb');
      assert(told.every(({ actor }) => actor === 'tess'));
      assert(told.some(({ said }) => said?.includes('(lunch)')));
      const before = await stage.service('paused');
      for (const verb of verbs) {
        const { status, body } = await stage.ask('POST', `/api/v1/releases/${id}/verbs`, { verb, by: 'tess' });
        assert.equal(status, 200);
        assert.equal((body as Said).done, false);
        assert.match((body as Said).said, /has ended \(succeeded\); \w+ does nothing any more/);
      }
      assert.match((await stage.json<Said>(1, 'abort', 'paused')).said, /has ended/);
      assert.deepEqual(await stage.service('paused'), before);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('an aborted release takes all traffic back, says why, and a second abort changes nothing', async () => {
    const shop = await stage.place('aborted', {
      release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 60s } ] } }' },
    });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 5);
      const { done, said } = await stage.json<Said>(0, 'abort', 'aborted', '--why', 'wrong build');
      assert.equal(done, true);
      assert.match(said, /abort by tess \(wrong build\)/);
      assert.match((await stage.json<Said>(1, 'abort', id)).said, /going back already|has ended/);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back');
      assert.match(summary.reason, /aborted by tess: wrong build/);
      assert.equal(summary.secondsToSafety, null, 'nobody was hurt');
      assert.match((await stage.json<Said>(1, 'abort', 'aborted')).said, /has ended \(rolled-back\)/);
      const back = users.seen['2.0.0']?.requests;
      const answered = users.answered;
      await until('more requests are answered', () => users.answered > answered + 60);
      assert.equal(users.seen['2.0.0']?.requests, back, 'no request reaches the candidate any more');
      assert.deepEqual(Object.keys(stage.instances('aborted')), ['1.0.0']);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('a release without traffic is held, can be tried again, and goes on when there is some', async () => {
    const shop = await stage.place('silent', {
      release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 1s, atMost: 1s } ] } }', hold: '{ max: 60s }' },
    });
    await stage.install(shop, '1.0.0');
    const id = await stage.begin(shop, '2.0.0');
    const held = await stage.reaches(id, 'it is held', ({ state }) => state === 'held');
    assert.match(held.doing, /held: /);
    assert.match((await stage.json<Said>(1, 'resume', 'silent')).said, /goes on alone when it can/);
    assert.equal((await stage.json<Said>(0, 'retry', 'silent')).done, true);
    const users = new Users(shop.port, 60);
    try {
      assert.equal((await stage.end(id)).outcome, 'succeeded');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('a paused release is guarded: a broken version goes back while it waits for a person', async () => {
    const shop = await stage.place('guarded', {
      release: { guard: '{ errors: { worseBy: 0.5%, max: 5% } }' },
    });
    stage.behaves('2.0.0-guarded', { failEvery: 5 });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      await until('the users are served', () => users.answered > 60);
      const id = await stage.begin(shop, '2.0.0-guarded');
      await stage.reaches(id, 'traffic', ({ weight }) => weight === 20);
      const { body } = await stage.ask('POST', `/api/v1/releases/${id}/verbs`, { verb: 'pause', by: 'tess', why: '' });
      assert.deepEqual((body as Said).done, true);
      const summary = await stage.end(id);
      const seen = await users.stop();
      assert.equal(summary.outcome, 'rolled-back');
      assert.equal(summary.failedRequests, seen['2.0.0-guarded']?.failed);
    } finally {
      await users.stop();
    }
  });

  test('a verb for nobody is wrong input', async () => {
    const { code } = await stage.json<{ code: string }>(2, 'pause', 'no-such-service');
    assert.equal(code, 'E_UNKNOWN_RELEASE');
  });
});
