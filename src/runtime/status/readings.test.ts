import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertsState } from '../../alerts/types.ts';
import type { ServiceState } from '../../release/types.ts';
import { impactOf } from '../../status/impact.ts';
import { readingsOf } from './readings.ts';

test('that no instance is ready is known now, also while nothing is known of requests', () => {
  const state = { stable: {}, instances: { '1.0.0': [{ state: 'failed' }] } } as unknown as ServiceState;
  const alerts = { state: { open: new Map() } as unknown as AlertsState };
  const signals = { lastSecond: () => 0, signals: () => assert.fail('there are none') };
  const nowMs = 1_800_000_000_000;
  const read = (service: ServiceState | undefined) =>
    readingsOf({ service: () => service, signals, alerts, isOfLatency: () => undefined }, ['shop'], nowMs);
  const component = { services: ['shop'], partialPpm: 50_000, majorPpm: 500_000 };
  const { state: shown, provenAtMs } = impactOf(component, read(state), null);
  assert.deepEqual([shown, provenAtMs], ['major_outage', nowMs]);
  assert.equal(impactOf(component, read(undefined), null).provenAtMs, null);
});
