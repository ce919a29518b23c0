import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../incidents/types.ts';
import type { ItemResult, ReadinessReport } from '../../readiness/types.ts';
import { decide, newService } from '../../release/decide.ts';
import type { ServiceEvent } from '../../release/types.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Instance } from '../../targets/target.ts';
import { at, rolledBack } from '../../views/post-mortem/post-mortem.fixture.ts';
import type { SignalPoint } from '../../views/signal-track.ts';
import type { RunRecord } from '../readiness/readiness-records.ts';
import { toRecord } from '../record.ts';
import { diagnosisInput, type Surroundings } from './diagnosing.ts';

const incident = { ...rolledBack.incident, key: 'shop' } as Incident;
const nothing: Surroundings = {
  services: [],
  runs: [],
  events: [],
  minutes: [],
  signals: undefined,
  past: [],
  pastCauses: new Map(),
};
const found = (more: Partial<Surroundings>) => diagnosisInput(incident, rolledBack.measure, { ...nothing, ...more });

/** A run that has ended, with one result. */
function run(id: string, status: ItemResult['status'], slot: number, item = 'infrastructure.database'): RunRecord {
  const result = {
    item,
    kind: 'postgres',
    asked: '',
    startedMs: at(slot),
    tookMs: 3,
    status,
    found: `${status} then`,
  } as ItemResult;
  const phases = [{ items: [{ id: item, title: 'Database', result }] }];
  const report = { phases } as unknown as ReadinessReport;
  return { id, ended: { atMs: at(slot), report, hash: '' } } as RunRecord;
}

test('a check counts when it was run in the incident, beside how it stood before; what was not proven says nothing', () => {
  const [check, ...others] = found({ runs: [run('r3', 'fail', 410), run('r2', 'unproven', 405), run('r1', 'pass', 100)] }).checks;
  assert.deepEqual(
    [check?.item, check?.status, check?.found, check?.before?.status, others],
    ['infrastructure.database', 'fail', 'fail then', 'pass', []],
  );
  assert.deepEqual(found({ runs: [run('r1', 'fail', 100)] }).checks, [], 'it was run before the incident only');
  assert.deepEqual(found({ runs: [run('r1', 'fail', 470)] }).checks, [], 'it was run after it');
});

/** What a controller would have on record of the instances of a version. */
function instances(seq: number, slot: number, all: readonly Pick<Instance, 'id' | 'restarts' | 'problem'>[]): LoggedEvent {
  const event: ServiceEvent = {
    kind: 'instances',
    at: at(slot),
    version: '1.0.0',
    instances: all.map((one): Instance => ({ version: '1.0.0', endpoint: null, state: 'ready', ...one })),
  };
  const before = newService('shop');
  return { ...toRecord(event, before, decide(before, event)), seq, stream: 'service/shop', version: seq, hash: '' };
}

test('instances that ended by themselves are counted by what their counters rose, from an hour before to the end', () => {
  const { restarted } = found({
    events: [
      instances(1, -400, [{ id: 'a', restarts: 4 }]),
      instances(2, -390, [{ id: 'a', restarts: 6 }]),
      instances(3, 401, [
        { id: 'a', restarts: 7, problem: 'exit code 137' },
        { id: 'b', restarts: 2 },
      ]),
      instances(4, 405, [
        { id: 'a', restarts: 9 },
        { id: 'b', restarts: 3 },
      ]),
      instances(5, 470, [{ id: 'a', restarts: 20 }]),
    ],
  });
  // Those of long before, and after the end, do not count; nor does what `b` had when it was seen first.
  assert.deepEqual(restarted, [
    { version: '1.0.0', restarts: 4, instances: 2, firstAtMs: at(401), problem: 'exit code 137', seq: 3 },
  ]);
});

test('saturation is what the minutes of the incident have, against the levels of the service, beside the hour before', () => {
  const minute = (slot: number, gauges: Readonly<Record<string, number>>) => ({ from: at(slot) / 1_000, gauges }) as SignalPoint;
  const minutes = [minute(100, { memory: 0.5, connections: 10 }), minute(402, { memory: 0.97, connections: 9_000, other: 3 })];
  assert.deepEqual(found({ minutes }).saturated, [
    { name: 'connections', unit: 'number', before: 10, during: 9_000, warning: 5_000, critical: null },
    { name: 'memory', unit: 'share', before: 0.5, during: 0.97, warning: 0.8, critical: 0.9 },
  ]);
});
