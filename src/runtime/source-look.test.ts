import assert from 'node:assert/strict';
import { test } from 'node:test';
import { good } from '../../test/simulation/instances.ts';
import { random } from '../../test/simulation/random.ts';
import { simulatedService } from '../../test/simulation/spec.ts';
import { VirtualTime } from '../../test/simulation/virtual-time.ts';
import { World } from '../../test/simulation/world.ts';
import { noCounts, type Sample } from '../analysis/sample.ts';
import { UserError } from '../errors.ts';
import type { MetricSource, SourceQuery } from '../sources/source.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { Controller } from './controller.ts';
import type { Ports } from './ports.ts';
import { recordedIn } from './record.ts';
import { recentTraffic } from './traffic.ts';

/** A world whose router counts, with a source of metrics beside it that the test brings. */
class Stage {
  readonly time = new VirtualTime(1_700_000_000_000);
  readonly world = new World(this.time, random(1), new Map([['9.0.0', { ...good, errorShare: 0.5 }]]), 5_000);
  readonly log = openMemoryLog({ hashing: false });
  readonly warnings: string[] = [];
  controller!: Controller;
  #ids = 0;

  /** 1.0.0 is stable, and `source` knows what the metrics are. */
  static async with(source: MetricSource, more: Partial<Ports> = {}): Promise<Stage> {
    const stage = new Stage();
    const life = { dead: false };
    stage.controller = await Controller.start({
      log: stage.world.log(life, stage.log),
      clock: stage.time.clock(life),
      ports: { ...stage.world.ports(life), source: () => source, ...more },
      owner: 'test',
      newId: () => `r${(stage.#ids += 1)}`,
      onStop: () => {},
      warn: (_service, text) => stage.warnings.push(text),
    });
    await stage.pass(20, stage.request('1.0.0'));
    assert.equal(stage.service?.stable?.version, '1.0.0');
    return stage;
  }

  async pass(seconds: number, begun: Promise<unknown> = Promise.resolve()): Promise<void> {
    const settled = begun.catch((error: unknown) => ({ error }));
    await this.time.runUntil(this.time.elapsedMs + seconds * 1_000);
    await settled;
  }

  request(version: string): Promise<string> {
    const spec: ServiceSpec = { ...simulatedService(), source: { kind: 'prometheus', config: {} } };
    return this.controller.request({ spec, version, by: 'anna', why: '' });
  }

  get service() {
    return this.controller.service('shop');
  }

  get outcome(): string | undefined {
    const phase = this.service?.ended[0]?.phase;
    return phase?.kind === 'ended' ? phase.outcome : undefined;
  }

  /** Samples on record since the release of this version began. */
  async samples(version: string): Promise<readonly Sample[]> {
    const events = (await this.log.readAll(0, 10_000)).map((logged) => recordedIn(logged).event);
    const from = events.findIndex((event) => event.kind === 'requested' && event.version === version);
    return events.slice(from).flatMap((event) => (event.kind === 'sampled' ? event.samples : []));
  }
}

const capabilities = { counts: false, latency: false, everyS: 5 };
const never = new Promise<never>(() => {});

/** Every five seconds 50 payments, of which the candidate's fail. */
function payments(time: () => number, asked: SourceQuery[] = []): MetricSource {
  return {
    capabilities,
    check: async () => [],
    recent: async () => [],
    async samples(query) {
      asked.push(query);
      const second = Math.floor(time() / 5_000) * 5 - 1;
      if (second <= query.afterSecond) return [];
      const counts = (bad: number) => ({ ...noCounts, metrics: { declined: { bad, n: 50 } } });
      return [{ second, seconds: 5, edgesMs: [], weight: 0, stable: counts(0), candidate: counts(25) }];
    },
  };
}

test("a source's metrics go onto the router's counts, each reading once", async () => {
  let time = (): number => 0;
  const asked: SourceQuery[] = [];
  const stage = await Stage.with(payments(() => time(), asked));
  time = () => stage.time.trueMs;
  await stage.pass(60, stage.request('2.0.0'));
  assert.equal(stage.outcome, 'succeeded');
  const samples = await stage.samples('2.0.0');
  const measured = samples.filter(({ candidate }) => candidate?.metrics);
  assert(measured.length >= 6 && measured.length < samples.length / 2, `${measured.length} of ${samples.length}`);
  const readings = asked.map(({ afterSecond }) => afterSecond);
  assert.deepEqual(
    readings,
    [...readings].sort((a, b) => a - b),
    'what was answered is not asked for again',
  );
  for (const { stable, candidate, seconds, weight } of measured) {
    assert.deepEqual(stable?.metrics?.declined, { bad: 0, n: 50 });
    assert((stable?.n ?? 0) > 0 || weight === 100, 'the ground are the counts of the router');
    assert.deepEqual(Object.keys(candidate?.metrics ?? {}), ['declined']);
    assert.equal(seconds, undefined);
  }
  await stage.pass(1, stage.controller.stop());
});

test('a source that hangs holds up neither a release nor a rollback nor a lease', async () => {
  const source: MetricSource = { capabilities, check: () => never, samples: () => never, recent: () => never };
  const stage = await Stage.with(source);
  await stage.pass(60, stage.request('2.0.0'));
  assert.equal(stage.outcome, 'succeeded');
  await stage.pass(20, stage.request('9.0.0'));
  assert.equal(stage.outcome, 'rolled-back');
  assert.equal(stage.world.reading?.lapsed, false);
  assert.deepEqual(stage.world.violations, []);
  assert.deepEqual(
    stage.warnings.filter((text) => text.includes('source')),
    ['the source gave no answer within 16000 ms'],
  );
  await stage.pass(1, stage.controller.stop());
});

test('a source that fails is told once, and again when it fails otherwise', async () => {
  let problem = 'refused';
  const fail = async () => {
    throw new UserError('E_SOURCE_UNREACHABLE', problem, { where: 'here', fix: 'start it' });
  };
  const stage = await Stage.with({ capabilities, check: fail, samples: fail, recent: fail });
  await stage.pass(20, stage.request('2.0.0'));
  problem = 'no route';
  await stage.pass(40);
  assert.equal(stage.outcome, 'succeeded');
  assert.deepEqual(stage.warnings, ['refused (here). start it', 'no route (here). start it']);
  await stage.pass(1, stage.controller.stop());
});

test('a query that is wrong is refused before anything moves, and does not stand in the way back', async () => {
  let problems: string[] = [];
  const source: MetricSource = { capabilities, check: async () => problems, samples: async () => [], recent: async () => [] };
  const stage = await Stage.with(source);
  await stage.pass(60, stage.request('2.0.0'));
  assert.equal(stage.service?.stable?.version, '2.0.0');
  problems = ['the query of cpu is wrong'];
  await stage.pass(10, stage.request('3.0.0'));
  assert.equal(stage.outcome, 'rejected');
  const phase = stage.service?.ended[0]?.phase;
  assert.match(phase?.kind === 'ended' ? phase.sentence : '', /the query of cpu is wrong/);
  await stage.pass(40, stage.controller.rollback('shop', '1.0.0', 'anna', ''));
  assert.equal(stage.service?.stable?.version, '1.0.0');
  await stage.pass(1, stage.controller.stop());
});

test('the traffic of late is read from the source where the router does not count', async () => {
  const source: MetricSource = {
    ...payments(() => 0),
    capabilities: { counts: true, latency: true, everyS: 15 },
    recent: async (version, wanted) => {
      assert.deepEqual([version, wanted], ['1.0.0', 300]);
      return [15, 30].map((seconds, i) => ({
        second: 100 + i,
        seconds,
        edgesMs: [],
        weight: 0,
        stable: { ...noCounts, n: seconds * 4, errors: seconds / 15 },
        candidate: null,
      }));
    },
  };
  const stage = await Stage.with(source);
  const router = stage.controller.agent('shop')?.ports?.router;
  assert(router);
  Object.assign(router.capabilities, { counts: false });
  const traffic = await recentTraffic(stage.controller, 'shop');
  assert.deepEqual([traffic?.requestsPerSecond, traffic?.errorPpm, traffic?.everyS], [4, 16_667, 30]);
  await stage.pass(1, stage.controller.stop());
});

test('where the router does not count a silent source holds the release, and never promotes it', async () => {
  const stage = await Stage.with(payments(() => 0));
  stage.world.sourceEveryS = 5;
  await stage.pass(1, stage.controller.stop());
  const life = { dead: false };
  const ports = stage.world.ports(life);
  stage.controller = await Controller.start({
    log: stage.world.log(life, stage.log),
    clock: stage.time.clock(life),
    ports,
    owner: 'test',
    newId: () => 'r9',
    onStop: () => {},
  });
  await stage.pass(5, stage.request('2.0.0'));
  stage.world.sourceFault = 'refuses';
  await stage.pass(45);
  const phase = stage.service?.live?.phase;
  assert.equal(phase?.kind === 'held' && phase.reason, 'evidence');
  assert.equal(stage.world.reading?.route.weight, 10);
  stage.world.sourceFault = null;
  await stage.pass(60);
  assert.equal(stage.outcome, 'succeeded');
  await stage.pass(1, stage.controller.stop());
});
