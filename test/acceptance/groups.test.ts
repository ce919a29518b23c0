import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { GroupReleaseView, GroupView } from '../../src/views/group-view.ts';
import type { DocumentOptions } from './small-service.ts';
import { type Placed, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const quick = {
  strategy: '{ canary: { steps: [ { weight: 50%, for: 1s } ] } }',
  deadlines: '{ ready: 30s, route: 15s, drain: 3s, hook: 10s }',
};

/** A group of small services on a stage, with users in front of each. */
class Group {
  readonly name: string;
  readonly file: string;
  readonly members: readonly Placed[];
  readonly #stage: Stage;
  #users: readonly Users[] = [];

  private constructor(stage: Stage, name: string, members: readonly Placed[], group: string) {
    this.#stage = stage;
    this.name = name;
    this.members = members;
    this.file = stage.write(`${name}.yaml`, group);
  }

  /** `parts`: the members in their order, by the last part of their name. */
  static async place(
    stage: Stage,
    name: string,
    parts: Readonly<Record<string, DocumentOptions>>,
    ports: readonly number[] = [],
  ): Promise<Group> {
    const members: Placed[] = [];
    for (const [index, [part, { release, ...options }]] of Object.entries(parts).entries()) {
      const given = { ...options, release: { ...quick, ...release } };
      members.push(await stage.place(`${name}-${part}`, given, ports[index]));
    }
    const listed = members.map((member) => `    - { service: ${member.name}, file: ${member.name}.yaml }\n`).join('');
    const text = `apiVersion: rampart/v1\nkind: ReleaseGroup\nmetadata: { name: ${name} }\nspec:\n  members:\n${listed}`;
    return new Group(stage, name, members, text);
  }

  /** The same with other documents. */
  async again(parts: Readonly<Record<string, DocumentOptions>>): Promise<Group> {
    const ports = this.members.map(({ port }) => port);
    const next = await Group.place(this.#stage, this.name, parts, ports);
    next.#users = this.#users;
    return next;
  }

  /** Releases the first version of all, then sends users. */
  async install(): Promise<void> {
    const end = await this.#stage.json<GroupReleaseView>(0, 'release', this.file, '--version', '1.0.0', '--wait');
    assert.equal(end.outcome, 'succeeded', end.doing);
    this.#users = this.members.map(({ port }) => new Users(port, 20));
    await until('the users are served', () => this.#users.every(({ answered }) => answered > 10));
  }

  async begin(...args: readonly string[]): Promise<string> {
    const asked = ['release', this.file, '--version', '2.0.0', ...args];
    return (await this.#stage.json<{ release: string }>(0, ...asked)).release;
  }

  async view(): Promise<GroupView> {
    const { status, body } = await this.#stage.ask('GET', `/api/v1/groups/${this.name}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as GroupView;
  }

  /** Waits until the live release is there, and fails at once when it has ended. */
  async reaches(what: string, isThere: (view: GroupReleaseView) => boolean): Promise<GroupReleaseView> {
    let live: GroupReleaseView | null = null;
    await until(`${this.name}: ${what}`, async () => {
      const view = await this.view();
      live = view.live;
      assert(live, `waited for: ${what}; ended: ${view.ended[0]?.doing}`);
      return isThere(live);
    });
    assert(live);
    return live;
  }

  async end(id: string): Promise<GroupReleaseView> {
    let end: GroupReleaseView | undefined;
    await until(
      `${id} has ended`,
      async () => {
        end = (await this.view()).ended.find((release) => release.id === id);
        return end !== undefined;
      },
      60_000,
    );
    assert(end);
    return end;
  }

  /** The members by when their traffic was all on the version before again, first ones first. */
  async backOrder(end: GroupReleaseView): Promise<readonly string[]> {
    const moments: [name: string, at: number][] = [];
    for (const { service, release } of end.members) {
      const line =
        release === null
          ? undefined
          : (await this.#stage.events(release)).find(({ said }) => said?.includes('is on 1.0.0 again'));
      if (line) moments.push([service, line.seq]);
    }
    return moments.sort((a, b) => a[1] - b[1]).map(([name]) => name.slice(this.name.length + 1));
  }

  async stable(): Promise<readonly (string | undefined)[]> {
    return await Promise.all(this.members.map(async ({ name }) => (await this.#stage.service(name)).stable?.version));
  }

  /** Ends the users, and expects that none of them has seen a failure. */
  async unhurt(): Promise<void> {
    for (const users of this.#users) {
      await users.stop();
      assert.equal(users.failed, 0, users.examples.join('; '));
      assert(users.answered > 10);
    }
  }

  async stop(): Promise<void> {
    for (const users of this.#users) await users.stop();
  }
}

const states = ({ members }: GroupReleaseView): readonly string[] => members.map(({ state }) => state);

describe('services that are released together', { concurrency: 4 }, () => {
  const stage = new Stage();
  before(() => stage.up());
  after(() => stage.close());

  test('all succeed, or all go back when the second is bad, and no user notices', async () => {
    const hook = JSON.stringify([process.execPath, '-e', 'process.exit(process.env.RAMPART_VERSION === "2.0.0" ? 3 : 0)']);
    const steps = `{ canary: { steps: [ { weight: 50%, for: 1s }, { hook: { name: ledger, command: ${hook} } } ] } }`;
    const shop = await Group.place(stage, 'shop', { api: {}, worker: { release: { strategy: steps } }, front: {} });
    try {
      await shop.install();
      const answer = await stage.cli('release', shop.file, '--version', '2.0.0', '--wait');
      assert.equal(answer.code, 1, answer.err);
      assert.match(
        answer.out,
        /shop-api 2\.0\.0 is ready, and waits for the others.*rolled-back: all went back: shop-worker 2\.0\.0 went back: ledger failed: exit code 3/s,
      );
      const [end] = (await shop.view()).ended;
      assert(end);
      assert.deepEqual([end.outcome, end.verdict, end.cause?.service], ['rolled-back', 'fail', 'shop-worker']);
      assert.deepEqual(states(end), ['back', 'back', 'waiting'], 'the third was never begun');
      assert.deepEqual(await shop.backOrder(end), ['worker', 'api']);
      const api = await stage.release(end.members[0]?.release ?? '');
      assert.deepEqual(api.group, { name: 'shop', id: end.id });
      assert.match(api.summary?.reason ?? '', /aborted by group shop for tess: shop-worker 2\.0\.0 went back: ledger failed/);
      assert.deepEqual(await shop.stable(), ['1.0.0', '1.0.0', '1.0.0']);

      const good = await stage.json<GroupReleaseView>(
        0,
        'release',
        shop.file,
        '--version',
        '3.0.0',
        '--member',
        'shop-front=1.0.0',
        '--wait',
      );
      assert.deepEqual(states(good), ['stable', 'stable', 'skipped']);
      assert.deepEqual(await shop.stable(), ['3.0.0', '3.0.0', '1.0.0']);
      await shop.unhurt();
    } finally {
      await shop.stop();
    }
  });

  test('an abort of one aborts all in reverse order, at the barrier and with all traffic, and who waits cannot be pushed', async () => {
    const parts = (bake: string) => ({ api: { release: { bake } }, worker: { release: { bake } }, front: { release: { bake } } });
    let shop = await Group.place(stage, 'mall', parts('1s'));
    try {
      await shop.install();
      shop = await shop.again(parts('60s'));
      const id = await shop.begin('--why', 'spring');
      const { members } = await shop.reaches('one at the barrier', ({ members: [first] }) => first?.state === 'ready');
      const api = members[0]?.release ?? '';
      for (const verb of ['approve', 'promote']) {
        const { body } = await stage.ask('POST', `/api/v1/releases/${api}/verbs`, { verb, by: 'tess' });
        assert.match((body as { said: string }).said, /only its group mall lets it go on/);
      }
      const alone = { service: 'mall-front', version: '9.0.0', by: 'tess' };
      const { status, body } = await stage.ask('POST', '/api/v1/releases', alone);
      assert.deepEqual([status, (body as { code: string }).code], [409, 'E_REFUSED']);
      assert.match((body as { title: string }).title, /it is being released with group mall/);
      const twice = await stage.json<{ error: string }>(1, 'release', shop.file, '--version', '9.0.0');
      assert.match(twice.error, /group mall: it is being released already/);

      await shop.reaches('all have all traffic', (view) => states(view).every((state) => state === 'promoted'));
      assert.match((await stage.cli('status', 'mall')).out, /mall-worker +1\.0\.0 → 2\.0\.0 +promoted/);
      await stage.ask('POST', '/api/v1/releases/mall-worker/verbs', { verb: 'abort', by: 'tess', why: 'not today' });
      const end = await shop.end(id);
      assert.equal(end.doing, 'all went back: mall-worker 2.0.0 went back: aborted by tess: not today');
      // The second has begun it, and the third need not wait for it; the first waits for both.
      const order = await shop.backOrder(end);
      assert.deepEqual([order.length, order.at(-1)], [3, 'api'], order.join());
      assert.deepEqual(await shop.stable(), ['1.0.0', '1.0.0', '1.0.0']);
      await shop.unhurt();
    } finally {
      await shop.stop();
    }
  });

  test('one that is stable already comes back too when the group is aborted', async () => {
    let shop = await Group.place(stage, 'late', { api: {}, worker: {} });
    try {
      await shop.install();
      // The second still keeps its version before when the first has let its own go.
      shop = await shop.again({ api: {}, worker: { release: { retire: '{ after: 60s }' } } });
      const id = await shop.begin();
      await shop.reaches('the first is stable', ({ members: [first] }) => first?.state === 'stable');
      assert.deepEqual(await shop.stable(), ['2.0.0', '1.0.0']);
      assert.match(
        (await stage.json<{ said: string }>(0, 'abort', 'late')).said,
        /all go back, last ones first: aborted by tess/,
      );
      const end = await shop.end(id);
      assert.equal(end.outcome, 'rolled-back', end.doing);
      assert.deepEqual(states(end), ['back', 'back']);
      assert.deepEqual(await shop.stable(), ['1.0.0', '1.0.0']);
      const { body } = await stage.ask('GET', '/api/v1/audit?limit=200');
      const audit = (body as { entries: { kind: string; actor: string; subject: string }[] }).entries;
      assert(audit.some(({ kind, actor, subject }) => kind === 'group-aborted' && actor === 'tess' && subject === 'late'));
      assert(
        audit.some(({ kind, actor, subject }) => kind === 'requested' && actor === 'group late for tess' && subject === '1.0.0'),
      );
      await shop.unhurt();
    } finally {
      await shop.stop();
    }
  });

  test('a controller that is killed at the barrier and between promotions is replaced, and nothing is asked for twice', async (t) => {
    const own = new Stage();
    t.after(() => own.close());
    await own.up();
    const lease = { release: { lease: '30s' } };
    const shop = await Group.place(own, 'shop', { api: lease, worker: lease });
    try {
      await shop.install();
      const id = await shop.begin();
      await shop.reaches('one at the barrier', ({ members: [first] }) => first?.state === 'ready');
      await own.down('SIGKILL');
      await own.up();
      const killed = await shop.reaches('all pass', ({ state }) => state === 'promoting');
      await own.down('SIGKILL');
      assert(!states(killed).includes('baked'), states(killed).join());
      await own.up();
      const end = await shop.end(id);
      assert.equal(end.outcome, 'succeeded', end.doing);
      assert.deepEqual(await shop.stable(), ['2.0.0', '2.0.0']);
      const { body } = await own.ask('GET', '/api/v1/releases?version=2.0.0');
      assert.equal((body as { releases: unknown[] }).releases.length, 2);
      await shop.unhurt();
    } finally {
      await shop.stop();
    }
  });
});
