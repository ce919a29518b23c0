import assert from 'node:assert/strict';
import { test } from 'node:test';
import { good } from '../../test/simulation/instances.ts';
import { random } from '../../test/simulation/random.ts';
import { simulatedService } from '../../test/simulation/spec.ts';
import { VirtualTime } from '../../test/simulation/virtual-time.ts';
import { World } from '../../test/simulation/world.ts';
import { canary, database, weight } from '../release/story.fixture.ts';
import type { ReleasePolicy } from '../spec/types.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { Controller } from './controller.ts';

/** A world with one controller, in which time passes when the test says so. */
class Stage {
  readonly time = new VirtualTime(1_700_000_000_000);
  readonly world = new World(this.time, random(1), new Map([['9.0.0', { ...good, errorShare: 0.5 }]]), 5_000);
  readonly log = openMemoryLog({ hashing: false });
  controller!: Controller;
  stopped: string | null = null;
  #ids = 0;

  async start(): Promise<Controller> {
    const life = { dead: false };
    const controller = await Controller.start({
      log: this.world.log(life, this.log),
      clock: this.time.clock(life),
      ports: this.world.ports(life),
      owner: 'test',
      newId: () => `r${(this.#ids += 1)}`,
      onStop: (reason) => {
        this.stopped = reason;
      },
    });
    this.controller = controller;
    return controller;
  }

  /** Lets the promise settle and seconds pass. */
  async pass<T>(seconds: number, begun?: Promise<T>): Promise<T | undefined> {
    const result = begun?.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await this.time.runUntil(this.time.elapsedMs + seconds * 1_000);
    const settled = await result;
    if (settled && 'error' in settled) throw settled.error;
    return settled?.value;
  }

  request(version: string, more: Partial<ReleasePolicy> = {}): Promise<string> {
    return this.controller.request({ spec: simulatedService(more), version, by: 'anna', why: '' });
  }

  get phase(): string | undefined {
    return this.controller.service('shop')?.live?.phase.kind;
  }
}

/** 1.0.0 is stable. */
async function staged(): Promise<Stage> {
  const stage = new Stage();
  await stage.start();
  await stage.pass(20, stage.request('1.0.0'));
  assert.equal(stage.controller.service('shop')?.stable?.version, '1.0.0');
  return stage;
}

const code = (wanted: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, wanted);
  return true;
};

test('a version that fails is taken back, and the service stays as it was', async () => {
  const stage = await staged();
  await stage.pass(20, stage.request('9.0.0'));
  const service = stage.controller.service('shop');
  assert.equal(service?.live, null);
  assert.equal(service?.ended[0]?.phase.kind === 'ended' && service.ended[0].phase.outcome, 'rolled-back');
  assert.deepEqual(stage.world.running, ['1.0.0']);
  await stage.pass(1, stage.controller.stop());
});

test('what is refused is said before anything is on record', async () => {
  const stage = await staged();
  const before = (await stage.log.readAll(0, 1_000)).length;
  await assert.rejects(stage.request('1.0.0'), code('E_REFUSED'));
  await assert.rejects(stage.controller.verb('r99', 'abort', 'anna', ''), code('E_UNKNOWN_RELEASE'));
  assert.equal((await stage.log.readAll(0, 1_000)).length, before);
  await stage.pass(1, stage.controller.stop());
});

test('while the log takes nothing no release is begun, and an abort takes the traffic back all the same', async () => {
  const stage = await staged();
  await stage.pass(5, stage.request('2.0.0'));
  assert.equal(stage.world.reading?.route.weight, 10);
  stage.world.logFault = 'full';
  const id = stage.controller.service('shop')?.live?.id ?? '';
  const aborted = stage.controller.verb(id, 'abort', 'anna', '');
  await stage.pass(3);
  assert.equal(stage.world.reading?.route.candidate, null);
  assert.match(stage.controller.health.logProblem ?? '', /no space left/);
  await assert.rejects(stage.request('3.0.0'), code('E_LOG_FAILING'));
  const unrecorded = stage.controller.health.logProblem ?? '';
  assert.deepEqual(
    await aborted,
    { done: true, said: 'abort by anna', unrecorded },
    'whoever aborts is not kept waiting for the disk',
  );
  stage.world.logFault = null;
  await stage.pass(10);
  assert.equal(stage.controller.health.logProblem, null);
  assert.equal(stage.phase, undefined);
  await stage.pass(1, stage.controller.stop());
});

test('a release that is asked for just as the log begins to fail is refused at once, and never begins', async () => {
  const stage = await staged();
  stage.world.logFault = 'full';
  const asked = assert.rejects(stage.request('2.0.0'), code('E_LOG_FAILING'));
  await stage.pass(3);
  await asked;
  stage.world.logFault = null;
  const { started } = stage.world;
  await stage.pass(30);
  assert.equal(stage.phase, undefined);
  assert.deepEqual(stage.world.started, started, 'nothing of it was started');
  const [ended] = stage.controller.service('shop')?.ended ?? [];
  assert.equal(ended?.version, '2.0.0');
  assert.equal(ended.phase.kind === 'ended' && ended.phase.outcome, 'cancelled');
  await stage.pass(1, stage.controller.stop());
});

test('stable is kept running while the log takes nothing', async () => {
  const stage = await staged();
  const { started } = stage.world;
  stage.world.logFault = 'full';
  const target = stage.world.ports({ dead: false }).target(simulatedService());
  await stage.pass(1, target.retire('shop', '1.0.0', new AbortController().signal));
  await stage.pass(5);
  assert.deepEqual(stage.world.running, ['1.0.0']);
  assert.deepEqual(started, ['1.0.0', '1.0.0']);
  await stage.pass(1, stage.controller.stop());
});

test('a second controller ends the first, which then refuses everything', async () => {
  const stage = await staged();
  const first = stage.controller;
  await stage.pass(5, stage.request('2.0.0'));
  const id = first.service('shop')?.live?.id ?? '';
  await stage.pass(3, stage.start());
  // It notices with the next thing that it wants to put on record.
  await stage.pass(15);
  assert.equal(first.health.stopped, 'another controller has taken over');
  assert.equal(stage.stopped, 'another controller has taken over');
  await assert.rejects(first.verb(id, 'abort', 'anna', ''), code('E_STOPPED'));
  await stage.pass(30);
  assert.equal(stage.controller.service('shop')?.stable?.version, '2.0.0');
  await stage.pass(1, stage.controller.stop());
});

test('a rollback aborts what is live', async () => {
  const stage = await staged();
  await stage.pass(5, stage.request('2.0.0'));
  const id = stage.controller.service('shop')?.live?.id;
  assert.equal(stage.controller.rollbackPlan('shop', null).kind, 'abort');
  const done = await stage.pass(3, stage.controller.rollback('shop', null, 'anna', 'red'));
  assert.equal(done?.release, id);
  assert.equal(stage.world.reading?.route.candidate, null);
  await stage.pass(1, stage.controller.stop());
});

test('a rollback after the release restores the version before, and said twice it does not take itself back', async () => {
  const stage = await staged();
  await stage.pass(40, stage.request('2.0.0', canary(weight(10))));
  assert.equal(stage.controller.service('shop')?.stable?.version, '2.0.0');
  const plan = stage.controller.rollbackPlan('shop', null);
  assert.equal(plan.kind === 'restore' && plan.installed.version, '1.0.0');
  await stage.pass(3, stage.controller.rollback('shop', null, 'anna', ''));
  assert.throws(() => stage.controller.rollbackPlan('shop', null), code('E_UNDER_WAY'));
  assert.throws(() => stage.controller.rollbackPlan('shop', '1.0.0'), code('E_UNDER_WAY'));
  await stage.pass(30);
  assert.equal(stage.controller.service('shop')?.stable?.version, '1.0.0');
  assert.deepEqual(stage.world.running, ['1.0.0']);
  await stage.pass(1, stage.controller.stop());
});

test('a rollback said again does not give up a database that does not go back yet', async () => {
  const stage = await staged();
  const release = await stage.pass(12, stage.request('2.0.0', { ...canary(weight(10)), ...database(['a']) }));
  const { database: world } = stage.world;
  assert.deepEqual([...world.applied], ['a']);
  world.failShare = 1;
  await stage.pass(12, stage.controller.rollback('shop', null, 'anna', ''));
  const again = await stage.pass(1, stage.controller.rollback('shop', null, 'anna', ''));
  assert.deepEqual(again, { release, said: 'it is going back already: aborted by anna' });
  world.failShare = 0;
  await stage.pass(80);
  assert.equal(stage.phase, undefined);
  assert.deepEqual([...world.applied], []);
  await stage.controller.stop();
});

test('a rollback right after the commit restores, because there is nothing to abort any more', async () => {
  const stage = await staged();
  await stage.pass(20, stage.request('2.0.0', canary(weight(10))));
  stage.world.targetFault = 'hangs';
  while (stage.controller.service('shop')?.stable?.version !== '2.0.0') await stage.pass(1);
  assert.equal(stage.phase, 'stepping');
  assert.equal(stage.controller.rollbackPlan('shop', null).kind, 'restore');
  stage.world.targetFault = null;
  await stage.pass(150, stage.controller.rollback('shop', null, 'anna', ''));
  assert.equal(stage.controller.service('shop')?.stable?.version, '1.0.0');
  await stage.pass(1, stage.controller.stop());
});

test('there is not always something to roll back to, and the reason is said', async () => {
  const stage = await staged();
  assert.throws(() => stage.controller.rollbackPlan('cart', null), code('E_UNKNOWN_SERVICE'));
  assert.throws(() => stage.controller.rollbackPlan('shop', null), /shop has no version before 1\.0\.0/);
  assert.throws(() => stage.controller.rollbackPlan('shop', '0.9.0'), /shop was never stable at 0\.9\.0/);
  assert.throws(() => stage.controller.rollbackPlan('shop', '1.0.0'), /1\.0\.0 is the stable version of shop already/);
  await stage.pass(1, stage.controller.stop());
});

test('a target that hangs does not make the guard blind', async () => {
  const stage = await staged();
  await stage.pass(2, stage.request('9.0.0'));
  while (stage.world.reading?.route.candidate?.version !== '9.0.0') await stage.pass(0.05);
  stage.world.targetFault = 'hangs';
  await stage.pass(4);
  assert.equal(stage.world.reading?.route.candidate, null);
  await stage.pass(1, stage.controller.stop());
});
