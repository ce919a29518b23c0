import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { documentOf, serverSource } from '../../../test/acceptance/small-service.ts';
import { Users } from '../../../test/acceptance/users.ts';
import { contextFor } from '../../checks/conformance.ts';
import type { OwnView } from '../../checks/own-view.ts';
import { rollbackDrill } from '../../checks/rollback-drill/index.ts';
import { noFlags, takeFlags } from '../../flags/fold.ts';
import type { FlagsState } from '../../flags/types.ts';
import type { ServiceState } from '../../release/types.ts';
import { auditEntry } from '../../server/read-model/audit/entry.ts';
import type { FlagSpec } from '../../spec/flag-set.ts';
import { noSetup } from '../../spec/incident-setup.ts';
import { loadServices } from '../../spec/load.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { freePort } from '../../system/free-port.ts';
import { alertRecording } from '../alerts/alert-records.ts';
import { systemClock } from '../clock.ts';
import { Controller } from '../controller.ts';
import { kinds } from '../documents.ts';
import { CountStore } from '../objectives/count-store.ts';
import { ObjectiveKeeper } from '../objectives/objective-keeper.ts';
import { objectiveRecording } from '../objectives/objective-records.ts';
import { RecordedState } from '../recorded-state.ts';
import { realPorts } from '../world.ts';
import { type OwnParts, ownViewOf } from './own-view.ts';

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rampart-own-view-'));
const objective = '{ name: availability, target: 99%, window: 1h }';
const log = openMemoryLog({ hashing: false });
let controller: Controller;
let objectives: ObjectiveKeeper;
let parts: OwnParts;
let users: Users;
let flags: FlagsState = noFlags;
let ids = 0;

/** A real controller with the built-in router, and a service whose second version waits before it gets any traffic. */
before(async () => {
  writeFileSync(join(folder, 'server.mjs'), serverSource);
  mkdirSync(join(folder, 'behaviour'));
  const port = await freePort();
  const spec = await documented(port, '{ canary: { steps: [ { pause: until-resumed }, { weight: 50%, for: 1s } ] } }');
  const warnings: string[] = [];
  controller = await Controller.start({
    log,
    clock: systemClock,
    ports: realPorts(folder, process.env, (text) => warnings.push(text)),
    owner: 'test',
    newId: (service) => `${service}-${(ids += 1)}`,
  });
  const { token } = controller.health;
  const alerts = new RecordedState(alertRecording, log, token, systemClock.now);
  const records = new RecordedState(objectiveRecording, log, token, systemClock.now);
  await Promise.all([alerts.catchUp(), records.catchUp()]);
  objectives = await ObjectiveKeeper.open({
    store: new CountStore(join(folder, 'objectives.db'), () => {}),
    records,
    alerts,
    services: () => controller.services,
    service: (name) => controller.service(name),
    readerOf: () => null,
    clock: systemClock,
    warn: () => {},
  });
  parts = { controller, objectives, alerts, flags: () => flags, onCall: { setup: noSetup }, clock: systemClock };
  assert.equal(ownViewOf(parts, 'shop'), null, 'there is no such service yet');
  await released(spec, '1.0.0', () => controller.service('shop')?.live === null);
  await objectives.tick();
  users = new Users(port, 400);
});

after(async () => {
  await users?.stop();
  const agent = controller?.agent('shop');
  await agent?.dismantle(AbortSignal.timeout(30_000));
  await objectives?.stop();
  await controller?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function documented(port: number, strategy: string): Promise<ServiceSpec> {
  const file = join(folder, 'shop.yaml');
  writeFileSync(file, documentOf('shop', port, { release: { strategy }, objectives: `[ ${objective} ]` }));
  const [spec] = await loadServices(file, kinds);
  assert.ok(spec);
  return spec;
}

async function released(spec: ServiceSpec, version: string, until: () => boolean): Promise<string> {
  const id = await controller.request({ spec, version, by: 'anna', why: '' });
  const turn = controller.agent('shop')?.turn;
  assert.ok(await turn?.until(() => (until() ? true : null), AbortSignal.timeout(60_000)), `${version} does not come so far`);
  return id;
}

function own(): OwnView {
  const view = ownViewOf(parts, 'shop');
  assert.ok(view);
  return view;
}

/** The router has said that the candidate has nothing. */
const isBack = ({ route }: ServiceState) => (route.status === 'confirmed' && route.want?.candidate === null ? true : null);

const live = () => controller.service('shop')?.live;

/** 2.0.0 waits before its first traffic. */
async function waiting(): Promise<string> {
  return await released(own().spec, '2.0.0', () => {
    const phase = live()?.phase;
    return phase?.kind === 'stepping' && phase.part.kind === 'waiting';
  });
}

test('without a release the view knows the service, and a drill says what it needs', async (t) => {
  const view = own();
  assert.equal(view.spec.name, 'shop');
  assert.equal(view.release(), null);
  const [address, second] = view.instances(null);
  assert.equal(second, undefined);
  assert.equal(await (await fetch(`${address}/health`)).text(), '1.0.0');
  assert.deepEqual(view.instances('9.9.9'), []);
  assert.deepEqual(view.alerts(), []);
  await assert.rejects(view.drill(10_000, AbortSignal.timeout(20_000)), /no release is under way/);
  const result = await rollbackDrill.run(rollbackDrill.schema.parse({}) as never, await contextFor(t, { own: view }));
  assert.equal(result.status, 'unproven');
});

test('flags are as users get them who say nothing of themselves', () => {
  const flag = (defaultVariant: string): FlagSpec => ({
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant,
    targeting: null,
    metadata: {},
  });
  const from = { address: 'local', via: 'owner' as const, credential: null };
  const set = { name: 'shop', owner: null, flags: { beta: flag('off'), checkout: flag('on'), half: flag('off') } };
  const data = { from, why: '', subject: 'shop', before: null, after: set };
  flags = takeFlags(noFlags, { kind: 'flag-set-applied', at: 1, actor: 'ann', data });
  const half = { kind: 'share' as const, variant: 'on', sharePpm: 500_000 };
  flags = takeFlags(flags, { kind: 'flag-share', at: 2, actor: 'ann', data: { ...data, subject: 'half', after: half } });
  assert.deepEqual(own().flags(), [
    { set: 'shop', key: 'beta', isOn: false, variant: 'off' },
    { set: 'shop', key: 'checkout', isOn: true, variant: 'on' },
    { set: 'shop', key: 'half', isOn: true, variant: null },
  ]);
});

test('a drill on the real router gives the candidate of a waiting release traffic and takes it back', async (t) => {
  const id = await waiting();
  const release = own().release();
  assert.deepEqual(
    [release?.id, release?.state, release?.stable, release?.candidate, release?.weightPpm, release?.trafficSinceMs],
    [id, 'progressing', '1.0.0', '2.0.0', 0, null],
  );
  const config = rollbackDrill.schema.parse({ share: '5%', within: '20s' }) as never;
  const result = await rollbackDrill.run(config, await contextFor(t, { own: own(), signal: AbortSignal.timeout(60_000) }));
  assert.equal(result.status, 'pass', JSON.stringify(result));
  assert.ok((result.figures.requests ?? 0) >= 10, JSON.stringify(result.figures));
  assert.ok(Number.isInteger(result.figures.thereMs) && Number.isInteger(result.figures.backMs));
  const router = controller.agent('shop')?.ports?.router;
  assert.equal((await router?.readRoute(AbortSignal.timeout(10_000)))?.route.candidate, null, 'the router itself says so');
  assert.notEqual(own().release()?.trafficSinceMs, null);
  assert.equal(live()?.phase.kind, 'stepping', 'the release still waits');
  assert.equal(users.failed, 0, users.examples.join('; '));
  const asked = (await log.readAll(0, 10_000))
    .flatMap((record) => auditEntry(record) ?? [])
    .filter(({ kind }) => kind === 'drill-asked');
  assert.deepEqual(
    asked.map(({ service, release: of, after: what, said }) => [service, of, what, said]),
    [['shop', id, { percent: 5 }, 'drill by rollback-drill: 5 % of the traffic goes to 2.0.0 and comes back']],
  );
  const [kept] = await own().objectives(AbortSignal.timeout(10_000));
  assert.equal(kept?.name, 'availability');
  assert.equal(kept?.targetPpm, 990_000);
});

test('an abort in the middle of a drill wins, and so does a drill that nobody wants any more', async () => {
  const turn = controller.agent('shop')?.turn;
  const isThere = () => turn?.until((head) => ((head.live?.drill?.percent ?? 0) > 0 ? true : null), AbortSignal.timeout(60_000));
  const stop = new AbortController();
  const unwanted = assert.rejects(own().drill(10_000, stop.signal));
  await isThere();
  stop.abort();
  await unwanted;
  const router = controller.agent('shop')?.ports?.router;
  await turn?.until(isBack, AbortSignal.timeout(60_000));
  assert.equal((await router?.readRoute(AbortSignal.timeout(10_000)))?.route.candidate, null);
  const drill = assert.rejects(
    own().drill(10_000, AbortSignal.timeout(60_000)),
    /the drill was called off: aborted by anna: enough/,
  );
  await isThere();
  await controller.verb(live()?.id ?? '', 'abort', 'anna', 'enough');
  await drill;
  await turn?.until(isBack, AbortSignal.timeout(60_000));
  assert.equal((await router?.readRoute(AbortSignal.timeout(10_000)))?.route.candidate, null);
  assert.equal(users.failed, 0, users.examples.join('; '));
});
