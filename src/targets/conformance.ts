import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Endpoint } from '../routers/router.ts';
import type { Instance, WorkloadTarget } from './target.ts';

/** A target as the suite needs it. */
export type TargetUnderTest<Definition> = {
  /** Its instances get their names and addresses elsewhere, some time after they were asked for. */
  readonly isRemote?: true;
  /** An empty place for workloads; when the test ends, everything in it is ended and removed. */
  place(t: TestContext): Promise<{
    /** A client for this place, as a new controller would make it. */
    open(): WorkloadTarget<Definition>;
    /** Answers 200 to `GET /` soon after its start. */
    readonly good: Definition;
    /** Ends by itself with an error as soon as it is started, again and again. */
    readonly crashing: Definition;
  }>;
};

/** Waits until `look` answers something, and fails with `what` after `limitMs`. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, limitMs = 60_000): Promise<NonNullable<T>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endMs) assert.fail(`not in ${limitMs} ms: ${what}`);
    await wait(15);
  }
}

/** A signal for calls that nobody aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Calls `ensure` until each instance has this state, as the runtime does, and answers them. */
export async function ensureUntil<Definition>(
  target: WorkloadTarget<Definition>,
  workload: Parameters<WorkloadTarget<Definition>['ensure']>[0],
  state: Instance['state'],
): Promise<readonly Instance[]> {
  return await eventually(`${workload.version} is ${state}`, async () => {
    const instances = await target.ensure(workload, never());
    return instances.length === workload.replicas && instances.every((instance) => instance.state === state) ? instances : null;
  });
}

/** Registers the tests that every target must pass. */
export function targetConformance<Definition>(name: string, subject: TargetUnderTest<Definition>): void {
  async function fresh(t: TestContext) {
    const place = await subject.place(t);
    const open = () => {
      const target = place.open();
      t.after(() => target.close());
      return target;
    };
    const work = (version: string, replicas = 1, definition = place.good) => ({ service: 'shop', version, replicas, definition });
    return { target: open(), open, work, crashing: place.crashing };
  }

  test(`${name}: ensure starts as many as wanted, each at its own endpoint, and repeating it starts no more`, async (t) => {
    const { target, work } = await fresh(t);
    assert.deepEqual(await target.list('shop', never()), []);
    const calls = await Promise.all(Array.from({ length: 5 }, () => target.ensure(work('1.0.0', 2), never())));
    const ready = await ensureUntil(target, work('1.0.0', 2), 'ready');
    const ids = ready.map(({ id }) => id);
    if (subject.isRemote) {
      assert.equal(new Set(ids).size, 2);
      for (const id of ids) assert.match(id, /^shop\/1\.0\.0\/[a-z0-9-]+$/);
    } else {
      for (const instances of calls) assert.deepEqual(places(instances), places(ready));
      assert.deepEqual(ids, ['shop/1.0.0/0', 'shop/1.0.0/1']);
    }
    for (const { version, restarts } of ready) assert.deepEqual([version, restarts], ['1.0.0', 0]);
    assert.equal(new Set(ready.map(({ endpoint }) => JSON.stringify(endpoint))).size, 2);
    for (const one of ready) assert.equal(await statusOf(endpointOf(one)), 200);
    assert.deepEqual(await target.list('shop', never()), ready);
    assert.deepEqual(await target.list('other', never()), []);
  });

  test(`${name}: retire leaves nothing, and may be repeated`, async (t) => {
    const { target, work } = await fresh(t);
    const [instance] = await ensureUntil(target, work('1.0.0'), 'ready');
    assert(instance);
    await target.retire('shop', '1.0.0', never());
    assert.deepEqual(await target.list('shop', never()), []);
    assert.equal(await statusOf(endpointOf(instance)), null);
    await target.retire('shop', '1.0.0', never());
    await target.retire('shop', '9.9.9', never());
    await target.retire('nobody', '1.0.0', never());
    const [again] = await ensureUntil(target, work('1.0.0'), 'ready');
    assert.equal(again?.restarts, 0);
  });

  test(`${name}: a new controller finds what runs, and leaves it running`, async (t) => {
    const { target, open, work } = await fresh(t);
    const before = await ensureUntil(target, work('1.0.0', 2), 'ready');
    await target.close();
    for (const one of before) assert.equal(await statusOf(endpointOf(one)), 200);
    const next = open();
    // Known and ready at once: traffic that flows must not be cut off because the controller is new.
    assert.deepEqual(await next.list('shop', never()), before);
    assert.deepEqual(await next.ensure(work('1.0.0', 2), never()), before);
    await next.retire('shop', '1.0.0', never());
    for (const one of before) assert.equal(await statusOf(endpointOf(one)), null);
  });

  test(`${name}: the number of instances follows what is wanted, the highest go first`, async (t) => {
    const { target, work } = await fresh(t);
    const [first] = await ensureUntil(target, work('1.0.0'), 'ready');
    const three = await ensureUntil(target, work('1.0.0', 3), 'ready');
    assert.ok(three.some(({ id }) => id === first?.id));
    const less = await target.ensure(work('1.0.0', 1), never());
    const [left] = await ensureUntil(target, work('1.0.0', 1), 'ready');
    assert(left);
    if (!subject.isRemote) {
      for (const instance of less.slice(1)) assert.equal(instance.state, 'stopping');
      assert.deepEqual([three[0], left], [first, first]);
    }
    assert.ok(three.some(({ id }) => id === left.id));
    for (const gone of three) if (gone.id !== left.id) assert.equal(await statusOf(endpointOf(gone)), null);
  });

  test(`${name}: an instance that ends by itself is a state with its reason, and is started again`, async (t) => {
    const { target, work, crashing } = await fresh(t);
    const wanted = work('1.0.0', 1, crashing);
    const [crashed] = await ensureUntil(target, wanted, 'crashed');
    assert(crashed?.problem);
    assert.doesNotMatch(crashed.problem, /[\x00-\x1f]/);
    await eventually('it was started again', async () =>
      (await target.ensure(wanted, never())).some(({ restarts }) => restarts > 0),
    );
    await target.retire('shop', '1.0.0', never());
    assert.deepEqual(await target.list('shop', never()), []);
  });

  test(`${name}: what a restart names is started anew, which is no crash, and the same order again changes nothing`, async (t) => {
    const { target, open, work } = await fresh(t);
    const { restarts } = target.capabilities;
    assert.equal(target.restart !== undefined, restarts !== 'none');
    if (restarts === 'none') return t.skip('it restarts nothing');
    const workload = work('1.0.0', 2);
    const before = await ensureUntil(target, workload, 'ready');
    const named = restarts === 'rolling' ? before : before.slice(0, 1);
    const instances = named.map(({ id, life = null }) => ({ id, life }));
    const order = { id: 'r1', askedAtMs: Date.now(), instances };
    const lives = (all: readonly Instance[]) => all.map(({ id, life }) => `${id} ${life ?? ''}`).sort();
    const old = lives(named);
    await target.restart?.(workload, order, never());
    // Asked again while it is under way: the answer to the first time may have been lost.
    await target.restart?.(workload, order, never());
    const after = await eventually('what was named is there anew', async () => {
      const now = await target.ensure(workload, never());
      assert.deepEqual(
        now.filter(({ state }) => state === 'crashed'),
        [],
      );
      const isAnew =
        now.length === 2 && now.every(({ state }) => state === 'ready') && !lives(now).some((one) => old.includes(one));
      return isAnew ? now : null;
    });
    if (restarts === 'one-by-one') assert.deepEqual(after[1], before[1]);
    for (const one of after) assert.deepEqual([one.restarts, one.problem], [0, undefined]);
    for (const one of after) assert.equal(await statusOf(endpointOf(one)), 200);
    await target.close();
    const next = open();
    await next.restart?.(workload, order, never());
    assert.deepEqual(lives(await ensureUntil(next, workload, 'ready')), lives(after));
    await next.retire('shop', '1.0.0', never());
    assert.deepEqual(await next.list('shop', never()), []);
  });

  test(`${name}: listeners hear of a change of readiness until they unsubscribe`, async (t) => {
    const { target, work } = await fresh(t);
    const heard: string[] = [];
    const unheard: string[] = [];
    target.onChange((service) => heard.push(service));
    target.onChange((service) => unheard.push(service))();
    await target.ensure(work('1.0.0'), never());
    await eventually('a change was told', async () => {
      const isReady = (await target.list('shop', never())).some(({ state }) => state === 'ready');
      return isReady && heard.length > 0;
    });
    assert.deepEqual([...new Set(heard)], ['shop']);
    assert.deepEqual(unheard, []);
  });

  test(`${name}: an aborted call starts nothing`, async (t) => {
    const { target, work } = await fresh(t);
    const aborted = AbortSignal.abort(new Error('enough'));
    await assert.rejects(target.ensure(work('1.0.0'), aborted), /enough/);
    await assert.rejects(target.list('shop', aborted), /enough/);
    await assert.rejects(target.retire('shop', '1.0.0', aborted), /enough/);
    assert.deepEqual(await target.list('shop', never()), []);
  });

  test(`${name}: two versions run at the same time, and retiring one leaves the other`, async (t) => {
    const { target, work } = await fresh(t);
    if (!target.capabilities.sideBySide) return t.skip('it runs one version at a time');
    const [[old], [young]] = await Promise.all([
      ensureUntil(target, work('1.0.0'), 'ready'),
      ensureUntil(target, work('1.1.0'), 'ready'),
    ]);
    assert(old && young);
    assert.deepEqual((await target.list('shop', never())).map(({ version }) => version).sort(), ['1.0.0', '1.1.0']);
    await target.retire('shop', '1.0.0', never());
    assert.equal(await statusOf(endpointOf(old)), null);
    assert.equal(await statusOf(endpointOf(young)), 200);
    assert.deepEqual(await target.list('shop', never()), [young]);
  });
}

function places(instances: readonly Instance[]): readonly unknown[] {
  return instances.map(({ id, endpoint }) => [id, endpoint]);
}

/** Where an instance listens. Fails for one that has no address. */
export function endpointOf(instance: Instance | undefined): Endpoint {
  assert(instance?.endpoint, `${instance?.id ?? 'no instance'} has no address`);
  return instance.endpoint;
}

/** Status of `GET /`, or null when nobody listens. */
async function statusOf({ host, port }: Endpoint): Promise<number | null> {
  try {
    const answer = await fetch(`http://${host}:${port}/`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(5_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
