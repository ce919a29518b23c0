import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { PlanView } from '../../src/views/plan-view.ts';
import type { ServiceView } from '../../src/views/service-view.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();

describe('a canary', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('the first version is released without traffic, a good second one is promoted step by step, and no request fails', async () => {
    const shop = await stage.place('shop');
    const first = await stage.json<ReleaseSummary>(0, 'release', shop.file, '--version', '1.0.0', '--wait', '--why', 'begin');
    assert.equal(first.outcome, 'succeeded');
    assert.equal(first.candidateRequests, 0);
    const users = new Users(shop.port, 60);
    try {
      await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 200);
      const plan = await stage.json<PlanView>(0, 'plan', shop.file, '--version', '2.0.0');
      assert.equal(plan.stable, '1.0.0');
      assert.equal(plan.strategy, 'canary');
      assert.deepEqual(
        plan.steps.map(({ kind, weight }) => `${kind} ${weight}`),
        ['weight 20', 'observe 20', 'weight 50', 'observe 50', 'promote 100', 'bake 100', 'retire 100'],
      );
      // From the router's own counts of the last minutes, which began before the users came.
      assert(plan.traffic && plan.traffic.requestsPerSecond > 0, 'the plan knows the traffic of a service under control');
      const counted = plan.traffic.histogram.reduce((sum, value, i) => sum + (i % 2 === 1 ? value : 0), 0);
      assert(counted > 100, `${counted} of the requests have a latency`);
      assert.deepEqual(plan.assumed, []);
      const forecasts = plan.steps.flatMap(({ sight }) => sight ?? []);
      assert.equal(forecasts.length, 3, 'two steps and the bake');
      for (const { noticed, sentences } of forecasts) {
        assert(noticed.kind === 'forecast');
        assert.match(sentences[0] ?? '', /^at (20|50|100) % of \S+ requests\/s you will (not )?notice/);
      }

      const id = await stage.begin(shop, '2.0.0', '--why', 'new prices');
      const watching = stage.cli('watch', 'shop', '--until-end', '--json');
      await stage.reaches(id, 'its first step', ({ state }) => state === 'progressing');
      // Through the API: a command takes as long as a step here when the machine is busy.
      const during = await stage.service('shop');
      assert.equal(during.live?.id, id);
      assert.equal(during.live?.by, 'tess');
      assert.equal(during.live?.why, 'new prices');
      assert.equal(during.stable?.version, '1.0.0');
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.equal(summary.failedRequests, 0);
      assert.equal(summary.secondsToSafety, null);
      assert.equal(summary.steps, plan.steps.length);

      assert.equal((await stage.json<ServiceView>(0, 'status', 'shop')).stable?.version, '2.0.0');
      const watched = await watching;
      assert.equal(watched.code, 0, watched.err);
      const views = watched.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as ServiceView);
      assert(views.length >= 1 && views.every(({ name }) => name === 'shop'));
      assert.equal(views.at(-1)?.stable?.version, '2.0.0');
      const weights = (await stage.events(id)).flatMap(({ said }) => said?.match(/step \d+ of \d+: [^;]*/g) ?? []);
      assert.equal(weights.length, plan.steps.length, weights.join('\n'));
      const all = await stage.json<{ services: readonly ServiceView[] }>(0, 'status');
      const [seen] = all.services.filter(({ name }) => name === 'shop');
      assert.equal(seen?.stable?.version, '2.0.0');
      assert.deepEqual(seen?.previous, ['1.0.0']);
      assert.equal(seen?.live, null);
      assert.equal(seen?.route.weight, 0);
      assert.deepEqual(
        seen?.instances.map(({ version, state }) => `${version} ${state}`),
        ['2.0.0 ready'],
      );
      await until('only the new version runs', () => Object.keys(stage.instances('shop')).join() === '2.0.0');
      const before = users.answered;
      await until('the new version serves on', () => users.answered > before + 30);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
    assert((users.seen['2.0.0']?.requests ?? 0) > 60);
  });

  test('a version that fails one request in five goes back by itself in seconds, with its failures counted exactly', async () => {
    const shop = await stage.place('broken', {
      release: {
        strategy: '{ canary: { steps: [ { weight: 10%, for: 20s } ] } }',
        guard: '{ errors: { worseBy: 0.5%, max: 5% } }',
      },
    });
    stage.behaves('2.0.0-broken', { failEvery: 5 });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 100);
    try {
      await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 100);
      const answer = await stage.cli('release', shop.file, '--version', '2.0.0-broken', '--wait', '--json');
      assert.equal(answer.code, 1, answer.err);
      const summary = JSON.parse(answer.out) as ReleaseSummary;
      assert.equal(summary.outcome, 'rolled-back');
      const seen = await users.stop();
      assert(summary.secondsToSafety !== null && summary.secondsToSafety <= 4, `${summary.secondsToSafety} s to safety`);
      assert.deepEqual(
        { requests: summary.candidateRequests, failed: summary.failedRequests },
        seen['2.0.0-broken'],
        'the summary says what the users saw',
      );
      assert(summary.failedRequests > 0);
      assert.equal(seen['1.0.0']?.failed, 0);
      assert.equal(seen.none, undefined, users.examples.join('; '));
      const view = await stage.service('broken');
      assert.equal(view.stable?.version, '1.0.0');
      assert.deepEqual(Object.keys(stage.instances('broken')), ['1.0.0']);
    } finally {
      await users.stop();
    }
  });
});
