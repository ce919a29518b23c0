import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../test/simulation/random.ts';
import { simulatedService } from '../../test/simulation/spec.ts';
import { VirtualTime } from '../../test/simulation/virtual-time.ts';
import { World } from '../../test/simulation/world.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { Controller } from './controller.ts';
import { GroupKeeper } from './group-keeper.ts';
import { publishing } from './publishing-log.ts';

/** A group of one service, in a world in which time passes when the test says so. */
async function staged() {
  const time = new VirtualTime(1_700_000_000_000);
  const world = new World(time, random(1), new Map(), 5_000);
  const life = { dead: false };
  const clock = time.clock(life);
  const log = publishing(world.log(life, openMemoryLog({ hashing: false })));
  let ids = 0;
  const newId = () => `r${(ids += 1)}`;
  const controller = await Controller.start({ log, clock, ports: world.ports(life), owner: 'test', newId });
  const groups = await GroupKeeper.open({ log, controller, clock, newId, warn: () => {} });
  const pass = (seconds: number) => time.runUntil(time.elapsedMs + seconds * 1_000);
  const request = (version: string) =>
    groups.request({
      group: { name: 'mall', owner: null, members: [{ service: 'shop', file: null, after: [] }], barrierMs: 600_000 },
      specs: [simulatedService()],
      version,
      versions: {},
      by: 'anna',
      why: '',
    });
  const end = async () => {
    await Promise.all([pass(2), groups.stop()]);
    await Promise.all([pass(2), controller.stop()]);
  };
  const stable = () => controller.service('shop')?.stable?.version;
  await Promise.all([pass(30), request('1.0.0')]);
  assert.equal(stable(), '1.0.0');
  return { world, controller, groups, pass, request, end, stable };
}

test('while the log takes nothing no group is begun, and an abort counts and comes on record later', async () => {
  const { world, controller, groups, pass, request, end, stable } = await staged();
  world.logFault = 'full';
  await Promise.all([pass(2), assert.rejects(request('2.0.0'), { code: 'E_LOG_FAILING' })]);
  world.logFault = null;
  await pass(5);
  assert.equal(groups.group('mall')?.live, null, 'what was refused does not begin later');

  await Promise.all([pass(0.5), request('2.0.0')]);
  // No member has been seen yet: there is nothing that could be taken back at once.
  world.logFault = 'full';
  const [, aborted] = await Promise.all([pass(2), groups.abort('mall', 'ben', 'no')]);
  assert.deepEqual([aborted.done, aborted.said], [true, 'all go back, last ones first: aborted by ben: no']);
  assert.match(aborted.unrecorded ?? '', /no space left/);
  world.logFault = null;
  await pass(40);
  const [last] = groups.group('mall')?.ended ?? [];
  assert.deepEqual(last?.phase.kind === 'ended' && [last.phase.outcome, last.phase.cause?.sentence], [
    'rolled-back',
    'aborted by ben: no',
  ]);
  assert.equal(stable(), '1.0.0');
  assert.equal(controller.service('shop')?.live, null);
  await end();
});
