import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PlanView } from '../../src/views/plan-view.ts';
import { Stage, until } from './stage.ts';
import { ask, Users } from './users.ts';

const stage = new Stage();
const tester = { 'x-test': 'yes' };

describe('blue-green', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('only test traffic sees green until somebody approves, and the switch loses no request', async () => {
    const shop = await stage.place('shop', {
      release: {
        strategy:
          '{ blueGreen: { test: { match: [ { header: X-Test, equals: "yes" } ], for: 1s, requests: 5 }, approve: { expires: 60s }, keep: 1s } }',
      },
    });
    await stage.install(shop, '1.0.0');
    const plan = await stage.json<PlanView>(0, 'plan', shop.file, '--version', '2.0.0');
    assert.deepEqual(
      plan.steps.map(({ kind, weight }) => `${kind} ${weight}`),
      ['match 0', 'observe 0', 'approve 0', 'promote 100', 'bake 100', 'retire 100'],
    );
    const users = new Users(shop.port, 80, (index) => (index % 5 === 0 ? tester : {}));
    try {
      const id = await stage.begin(shop, '2.0.0');
      await stage.reaches(id, 'it asks for an approval', ({ doing }) => doing.includes('wait for an approval'));
      assert.deepEqual(await ask(shop.port, tester), { status: 200, version: '2.0.0' });
      for (let plain = 0; plain < 5; plain += 1)
        assert.deepEqual(await ask(shop.port), { status: 200, version: '1.0.0' }, 'a user without the header stays on blue');
      const tested = users.seen;
      assert((tested['2.0.0']?.requests ?? 0) >= 5, 'it asks only after enough test traffic');

      const approved = await stage.json<{ done: boolean; said: string }>(0, 'approve', 'shop', '--why', 'looks good');
      assert.equal(approved.done, true);
      assert.match(approved.said, /approve by tess \(looks good\)/);
      await until('everybody is on green', async () => (await ask(shop.port)).version === '2.0.0');
      const again = await stage.json<{ done: boolean; said: string }>(1, 'approve', id);
      assert.deepEqual(again.done, false);
      assert.match(again.said, /does not wait for an approval|stable already|has ended/);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.equal(summary.failedRequests, 0);
      assert.equal((await stage.service('shop')).stable?.version, '2.0.0');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
    assert.equal(users.seen.none, undefined);
  });

  test('a green version that fails its test traffic never reaches anybody else', async () => {
    const shop = await stage.place('bad-green', {
      release: {
        strategy: '{ blueGreen: { test: { match: [ { header: X-Test, equals: "yes" } ], for: 20s, requests: 100 }, keep: 1s } }',
        guard: '{ errors: { worseBy: 0.5%, max: 5% } }',
      },
    });
    stage.behaves('2.0.0-bad-green', { failEvery: 3 });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 80, (index) => (index % 5 === 0 ? tester : {}));
    try {
      const summary = await stage.end(await stage.begin(shop, '2.0.0-bad-green'));
      const seen = await users.stop();
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert.deepEqual(
        { requests: summary.candidateRequests, failed: summary.failedRequests },
        seen['2.0.0-bad-green'],
        'the summary says what the testers saw',
      );
      assert.equal(seen['1.0.0']?.failed, 0);
      assert.equal(seen.none, undefined, users.examples.join('; '));
    } finally {
      await users.stop();
    }
  });

  test('a canary on one instance, then green at full size with test traffic, the switch, and the way back while blue is kept', async () => {
    const shop = await stage.place('both', {
      process: { replicas: '2' },
      release: {
        strategy:
          '{ canary: { steps: [ { weight: 20%, replicas: 1, for: 1s } ], switch: { test: { match: [ { header: X-Test, equals: "yes" } ], for: 1s, requests: 3 }, keep: 60s } } }',
      },
    });
    await stage.install(shop, '1.0.0');
    const sizes = (): string =>
      Object.entries(stage.instances('both'))
        .map(([version, pids]) => `${version} ${pids.length}`)
        .sort()
        .join(', ');
    const users = new Users(shop.port, 60, (index) => (index % 10 === 0 ? tester : {}));
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the canary is used', () => (users.seen['2.0.0']?.requests ?? 0) > 0);
      assert.equal(sizes(), '1.0.0 2, 2.0.0 1');
      await stage.reaches(id, 'green is tested', ({ steps }) =>
        steps.some(({ kind, state }) => kind === 'match' && state === 'done'),
      );
      assert.equal(sizes(), '1.0.0 2, 2.0.0 2');
      assert.deepEqual(await ask(shop.port, tester), { status: 200, version: '2.0.0' });
      await stage.reaches(id, 'blue is kept', ({ state }) => state === 'retiring');
      assert.equal(sizes(), '1.0.0 2, 2.0.0 2');
      assert.deepEqual(await ask(shop.port), { status: 200, version: '2.0.0' });
      await stage.json(0, 'abort', 'both');
      assert.equal((await stage.end(id)).outcome, 'rolled-back');
      assert.deepEqual(await ask(shop.port), { status: 200, version: '1.0.0' });

      // Once more, and this time somebody is sure: blue is not kept any longer.
      const again = await stage.begin(shop, '2.1.0');
      await stage.reaches(again, 'blue is kept', ({ state }) => state === 'retiring');
      await stage.json(0, 'promote', 'both');
      assert.equal((await stage.end(again)).outcome, 'succeeded');
      assert.equal(sizes(), '2.1.0 2');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
    assert.equal(users.seen.none, undefined);
  });
});
