import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from '../../../test/simulation/virtual-time.ts';
import { noCounts } from '../../analysis/sample.ts';
import { newService } from '../../release/decide.ts';
import type { ServiceState } from '../../release/types.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { RecordedState } from '../recorded-state.ts';
import { SignalKeeper } from '../signal-keeper.ts';
import { openSignalStore } from '../signal-store.ts';
import { alertRecording } from './alert-records.ts';
import { SignalWatch } from './signal-watch.ts';

function serviceWith(incidents: ServiceSpec['incidents']): ServiceState {
  const spec = { name: 'shop', objectives: [], target: { kind: 'process', config: {} }, ...(incidents ? { incidents } : {}) };
  const stable = { version: '2.0.0', spec: spec as unknown as ServiceSpec, release: 'r-2', sinceMs: 0 };
  const instance = { id: 'shop/2.0.0/0', version: '2.0.0', endpoint: null, state: 'ready', restarts: 0 } as const;
  return { ...newService('shop'), stable, instances: { '2.0.0': [instance] } };
}

async function staged(incidents: ServiceSpec['incidents']) {
  const time = new VirtualTime(1_800_000_000_000);
  const clock = time.clock({ dead: false });
  const log = openMemoryLog({ hashing: false });
  const alerts = new RecordedState(alertRecording, log, await log.claim('test'), clock.now);
  const signals = new SignalKeeper(openSignalStore(':memory:', assert.fail), 2);
  const state = { service: serviceWith(incidents) };
  const watch = new SignalWatch({ alerts, signals, services: () => [state.service], clock, warn: assert.fail });
  const open = (): readonly string[] =>
    [...alerts.state.open.values()].map(({ name, service, said }) => `${service} ${name}: ${said}`);
  return {
    state,
    open,
    /** So many seconds with ten requests each, of which some fail. */
    async serve(seconds: number, errors: number): Promise<readonly string[]> {
      for (let second = 0; second < seconds; second += 1) {
        const stable = { ...noCounts, n: 10, errors, histogram: [40, 10] };
        const at = Math.floor(clock.now() / 1_000);
        const sample = { second: at, edgesMs: [], weight: 0, stable, candidate: null };
        signals.take('shop', [sample], { stable: '2.0.0', candidate: null });
        await time.runUntil(time.elapsedMs + 1_000);
      }
      return open();
    },
    async close(): Promise<void> {
      const stopped = watch.stop();
      await time.runUntil(time.elapsedMs + 10_000);
      await stopped;
      signals.close();
    },
  };
}

test('requests that fail are an alert within seconds, and over soon after they do not any more', async () => {
  const stage = await staged({ respond: null, signals: true, releases: true });
  assert.deepEqual(await stage.serve(30, 0), []);
  const [alert] = await stage.serve(20, 5);
  assert.match(alert ?? '', /^shop errors P0: errors \d+(\.\d+)? %, more than errors 5 %$/);
  assert.equal((await stage.serve(10, 0)).length, 1);
  assert.deepEqual(await stage.serve(50, 0), []);
  await stage.close();
});

test('a service of which nothing is ready is down', async () => {
  const stage = await staged({ respond: null, signals: true, releases: true });
  const [instance] = stage.state.service.instances['2.0.0'] ?? [];
  assert(instance);
  const crashed = { ...instance, state: 'crashed', problem: 'exit code 3' } as const;
  stage.state.service = { ...stage.state.service, instances: { '2.0.0': [crashed] } };
  assert.deepEqual(await stage.serve(20, 0), ['shop down P0: no instance of 2.0.0 is ready: exit code 3']);
  await stage.close();
});

for (const [name, incidents] of [
  ['whose document says nothing of incidents', undefined],
  ['whose signals are no alerts', { respond: null, signals: false, releases: true }],
] as const)
  test(`nothing is said of a service ${name}`, async () => {
    const stage = await staged(incidents);
    assert.deepEqual(await stage.serve(40, 10), []);
    await stage.close();
  });
