import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { type Placed, Stage, until } from './stage.ts';
import { type Seen, Users } from './users.ts';

const stage = new Stage();

/** Releases a version that cannot succeed beside a stable one with users, and answers with how it ended and what they saw. */
async function released(shop: Placed, version: string): Promise<{ summary: ReleaseSummary; seen: Seen; users: Users }> {
  await stage.install(shop, '1.0.0');
  const users = new Users(shop.port, 60);
  try {
    await until('the users are served', () => users.answered > 30);
    const stablePids = stage.instances(shop.name)['1.0.0'];
    const answer = await stage.cli('release', shop.file, '--version', version, '--wait', '--json');
    assert.equal(answer.code, 1, answer.out + answer.err);
    const view = await stage.service(shop.name);
    assert.equal(view.stable?.version, '1.0.0');
    assert.deepEqual(
      view.instances.map((instance) => `${instance.version} ${instance.state}`),
      ['1.0.0 ready'],
    );
    assert.deepEqual(stage.instances(shop.name), { '1.0.0': stablePids }, 'stable is untouched, and nothing else runs');
    const summary = JSON.parse(answer.out) as ReleaseSummary;
    assert.equal(summary.outcome, 'rolled-back', summary.reason);
    return { summary, seen: await users.stop(), users };
  } finally {
    await users.stop();
  }
}

describe('a version that cannot succeed', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('and never becomes ready goes back at its deadline, and nobody notices', async () => {
    const shop = await stage.place('unready', { release: { deadlines: '{ ready: 2s }' } });
    stage.behaves('2.0.0-unready', { neverReady: true });
    const { summary, seen, users } = await released(shop, '2.0.0-unready');
    assert.match(summary.reason, /did not become ready in time/);
    assert.equal(summary.candidateRequests, 0);
    assert.deepEqual(Object.keys(seen), ['1.0.0']);
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('and crashes at once goes back with its last words, and nobody notices', async () => {
    const shop = await stage.place('crashing');
    stage.behaves('2.0.0-crashing', { crashesAtOnce: true });
    const { summary, seen, users } = await released(shop, '2.0.0-crashing');
    assert.match(summary.reason, /crashes again and again: .*no such table: prices/);
    assert.equal(summary.candidateRequests, 0);
    assert.deepEqual(Object.keys(seen), ['1.0.0']);
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('and crashes under traffic goes back at once, and its users are served by stable', async () => {
    const shop = await stage.place('fragile', { release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 60s } ] } }' } });
    stage.behaves('2.0.0-fragile', { crashesAfter: 40 });
    const { summary, seen } = await released(shop, '2.0.0-fragile');
    assert.match(summary.reason, /no ready instance|fail/);
    assert(summary.secondsToSafety !== null && summary.secondsToSafety <= 4, `${summary.secondsToSafety} s to safety`);
    assert.equal(seen['1.0.0']?.failed, 0);
    assert.equal(seen['2.0.0-fragile']?.failed, 0, 'all it answered was fine');
    // A request that was in its hands when it died cannot be saved; one that it did not take is served by stable.
    const lost = seen.none?.requests ?? 0;
    assert(lost <= summary.failedRequests, `${lost} requests lost, ${summary.failedRequests} counted`);
    assert(lost <= 2 + 60 / 10, `${lost} requests lost in its hands`);
  });

  test('because its command does not exist goes back with the name of the command, and nobody notices', async () => {
    const shop = await stage.place('missing');
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      await stage.place('missing', { process: { command: '[no-such-program, --serve]' } }, shop.port);
      const answer = await stage.cli('release', shop.file, '--version', '2.0.0', '--wait', '--json');
      assert.equal(answer.code, 1, answer.out + answer.err);
      const summary = JSON.parse(answer.out) as ReleaseSummary;
      assert.equal(summary.outcome, 'rolled-back');
      assert.match(summary.reason, /2\.0\.0 cannot be started: .*no-such-program/);
      assert.equal(summary.candidateRequests, 0);
      assert.equal((await stage.service('missing')).stable?.version, '1.0.0');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('as the first of its service leaves nothing running', async () => {
    const shop = await stage.place('stillborn');
    stage.behaves('1.0.0-stillborn', { crashesAtOnce: true });
    const answer = await stage.cli('release', shop.file, '--version', '1.0.0-stillborn', '--wait', '--json');
    assert.equal(answer.code, 1, answer.out + answer.err);
    assert.equal((JSON.parse(answer.out) as ReleaseSummary).outcome, 'rolled-back');
    assert.equal((await stage.service('stillborn')).stable, null);
    assert.deepEqual(stage.instances('stillborn'), {});
    await until('its router has ended', () => !stage.hasRouter('stillborn'));
    // And the service can begin again.
    await stage.install(shop, '1.0.0');
  });
});
