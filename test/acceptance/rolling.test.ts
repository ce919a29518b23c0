import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { PlanView } from '../../src/views/plan-view.ts';
import type { DocumentOptions } from './small-service.ts';
import { type Placed, Stage, until } from './stage.ts';
import { ask, type Seen, Users } from './users.ts';

const replicas = 3;

/** A rolling update of three instances with this much room, each batch watched for a moment. */
function update(room: string, more: DocumentOptions['release'] = {}, watch = '1s'): DocumentOptions {
  return {
    process: { replicas: String(replicas) },
    release: {
      strategy: `{ rolling: { batch: 1, ${room}, for: ${watch} } }`,
      deadlines: '{ ready: 20s, route: 15s, drain: 300ms, hook: 5s }',
      lease: '30s',
      ...more,
    },
  };
}

/** Counts the processes of each version, again and again, until it is stopped. */
class Census {
  most = 0;
  fewest = Number.POSITIVE_INFINITY;
  readonly seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(stage: Stage, service: string) {
    this.#timer = setInterval(() => {
      const counts = Object.entries(stage.instances(service)).map(([version, pids]) => [version, pids.length] as const);
      const all = counts.reduce((total, [, count]) => total + count, 0);
      this.most = Math.max(this.most, all);
      this.fewest = Math.min(this.fewest, all);
      this.seen.add(
        counts
          .sort()
          .map(([version, count]) => `${version} ${count}`)
          .join(', '),
      );
    }, 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

type Observed = { readonly census: Census; readonly seen: Seen; readonly failed: number; readonly examples: readonly string[] };

/** Plays a release under the load of users who try nothing twice, and answers what they and the process table saw. */
async function underLoad(stage: Stage, shop: Placed, play: (users: Users) => Promise<void>): Promise<Observed> {
  const users = new Users(shop.port, 60);
  const census = new Census(stage, shop.name);
  try {
    await play(users);
  } finally {
    census.stop();
    await users.stop();
  }
  return { census, seen: users.seen, failed: users.failed, examples: users.examples };
}

describe('a rolling update', { concurrency: 4 }, () => {
  const stage = new Stage();
  before(() => stage.up());
  after(() => stage.close());

  const install = async (name: string, options: DocumentOptions): Promise<Placed> => {
    const shop = await stage.place(name, options);
    await stage.install(shop, '1.0.0');
    return shop;
  };

  test('one beyond the usual number: instance by instance, never fewer and never more, and no request is lost', async () => {
    const shop = await install('surge', update('maxSurge: 1'));
    const plan = await stage.json<PlanView>(0, 'plan', shop.file, '--version', '2.0.0-surge');
    assert.deepEqual(plan.steps.map(({ text }) => text).slice(0, 8), [
      'run 1 instance of the new version',
      'send 33 % of requests',
      'observe for 1s',
      'leave 2 instances of 1.0.0',
      'run 2 instances of the new version',
      'send 67 % of requests',
      'observe for 1s',
      'leave 1 instance of 1.0.0',
    ]);
    const { census, seen, failed, examples } = await underLoad(stage, shop, async () => {
      const summary = await stage.end(await stage.begin(shop, '2.0.0-surge'));
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.equal(summary.failedRequests, 0);
    });
    assert.equal(failed, 0, examples.join('; '));
    assert.equal(seen.none, undefined);
    assert.deepEqual([census.fewest, census.most], [replicas, replicas + 1], [...census.seen].join(' | '));
    // Both versions side by side, in every mixture.
    for (const mixture of ['1.0.0 3, 2.0.0-surge 1', '1.0.0 2, 2.0.0-surge 2', '1.0.0 1, 2.0.0-surge 3'])
      assert(census.seen.has(mixture), `${mixture} in ${[...census.seen].join(' | ')}`);
    await until('only the new version runs', () => stage.instances('surge')['2.0.0-surge']?.length === replicas);
    assert.deepEqual(Object.keys(stage.instances('surge')), ['2.0.0-surge']);
  });

  test('a second batch that fails: the first goes back too, by the definition of stable, and stable loses no request', async () => {
    const edition = (name: string): DocumentOptions => {
      // Watched for long enough that it cannot be over before it is told to fail.
      const options = update('maxUnavailable: 1', {}, '5s');
      return { ...options, process: { ...options.process, env: `{ EDITION: ${name} }` } };
    };
    const shop = await install('bad', edition('old'));
    const next = await stage.place('bad', edition('new'), shop.port);
    const { census, seen, examples } = await underLoad(stage, shop, async () => {
      const id = await stage.begin(next, '2.0.0-bad');
      await until('the first batch has started', () => stage.instances('bad')['2.0.0-bad']?.length === 1);
      await until('it is used', async () => (await stage.service('bad')).route.weight > 0);
      stage.behaves('2.0.0-bad', { failEvery: 2 });
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert((await stage.events(id)).some(({ said }) => said?.includes('run 2 instances of the new version')));
    });
    const { none, '1.0.0': old, ...others } = seen;
    assert.equal(none, undefined, examples.join('; '));
    assert.equal(old?.failed, 0);
    assert.deepEqual(Object.keys(others), ['2.0.0-bad']);
    assert(census.most <= replicas && census.fewest >= replicas - 1, [...census.seen].join(' | '));
    await until('every instance is back', () => stage.instances('bad')['1.0.0']?.length === replicas);
    for (const pid of stage.instances('bad')['1.0.0'] ?? [])
      assert(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes('EDITION=old'));
    assert.deepEqual(Object.keys(stage.instances('bad')), ['1.0.0']);
    assert.deepEqual(await ask(shop.port), { status: 200, version: '1.0.0' });
  });

  test('an update that is aborted with its last batch out is taken back without a failed request', async () => {
    const { port } = await install('aborted', update('maxSurge: 1'));
    const shop = await stage.place('aborted', update('maxSurge: 1', { bake: '30s' }), port);
    const { census, seen, failed, examples } = await underLoad(stage, shop, async () => {
      const id = await stage.begin(shop, '2.0.0-aborted');
      await stage.reaches(id, 'it bakes', ({ state }) => state === 'baking');
      assert.equal(stage.instances('aborted')['1.0.0']?.length, 1);
      const { done } = await stage.json<{ done: boolean }>(0, 'abort', 'aborted');
      assert.equal(done, true);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
    });
    assert.equal(failed, 0, examples.join('; '));
    assert.equal(seen.none, undefined);
    assert.deepEqual([census.fewest, census.most], [replicas, replicas + 1], [...census.seen].join(' | '));
    await until('every instance is back', () => stage.instances('aborted')['1.0.0']?.length === replicas);
  });

  test('a controller that is killed in the middle of a batch is replaced, and the update goes on without a lost request', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const shop = await stage.place('shop', update('maxSurge: 1'));
    await stage.install(shop, '1.0.0');
    const { census, seen, failed, examples } = await underLoad(stage, shop, async () => {
      const id = await stage.begin(shop, '2.0.0');
      await until('the second batch is started', () => stage.instances('shop')['2.0.0']?.length === 2);
      assert.equal(await stage.down('SIGKILL'), null);
      await stage.up();
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
    });
    assert.equal(failed, 0, examples.join('; '));
    assert.equal(seen.none, undefined);
    assert.deepEqual([census.fewest, census.most], [replicas, replicas + 1], [...census.seen].join(' | '));
    assert.deepEqual(Object.keys(stage.instances('shop')), ['2.0.0']);
  });
});
