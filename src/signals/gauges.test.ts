import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import {
  gaugesOfQueries,
  gaugesOfRouter,
  gaugesOfUsage,
  type InstanceUse,
  merged,
  queryTexts,
  silenced,
  valuesOf,
} from './gauges.ts';
import type { Gauge } from './types.ts';

const one: InstanceUse = {
  memoryBytes: 100,
  memoryLimitBytes: 1_000,
  threads: 5,
  files: { open: 10, limit: 100 },
  connections: 3,
  disk: { usedBytes: 20, totalBytes: 80 },
};
const short = (gauges: readonly Gauge[]) => gauges.map(({ name, used, limit }) => [name, used, limit]);

test('memory, connections and threads add up; of files and disks the fullest counts', () => {
  const other: InstanceUse = { ...one, files: { open: 30, limit: 50 }, disk: { usedBytes: 1, totalBytes: 2 } };
  assert.deepEqual(short(gaugesOfUsage([one, other], 0.5)), [
    ['cpu', 0.5, 1],
    ['memory', 200, 1_000],
    ['disk', 1, 2],
    ['fileDescriptors', 30, 50],
    ['connections', 6, null],
    ['threads', 10, null],
  ]);
});

test('what one instance does not tell is not known of all', () => {
  assert.deepEqual(short(gaugesOfUsage([one, { memoryBytes: 7 }], null)), [['cpu', null, null]]);
  assert.deepEqual(gaugesOfUsage([], null), []);
});

const policy: SignalPolicy = {
  levels: {},
  queries: {
    databasePool: { gauge: 'in_use', limit: 'room' },
    queue: { gauge: 'share', limit: null },
    connections: { gauge: 'c', limit: null },
  },
  more: [
    { name: 'lag', query: { gauge: 'in_use', limit: null }, unit: 's', levels: { target: null, warning: null, critical: null } },
  ],
};

test('each query is asked once, and a signal says what its query could not', () => {
  assert.deepEqual(queryTexts(policy), ['c', 'in_use', 'room', 'share']);
  const readings = new Map([
    ['in_use', { value: 4 }],
    ['room', { value: 8 }],
    ['share', { value: 0.25 }],
    ['c', { problem: 'no series: c' }],
  ]);
  const gauges = gaugesOfQueries(policy, readings);
  assert.deepEqual(short(gauges), [
    ['connections', null, null],
    ['databasePool', 4, 8],
    ['queue', 0.25, 1],
    ['lag', 4, null],
  ]);
  assert.deepEqual(gauges[0]?.notKnown, { kind: 'said', said: 'no series: c' });
  assert.deepEqual(valuesOf(gauges), { databasePool: 0.5, queue: 0.25, lag: 4 });
});

test('a query of the document comes before what the target knows, and clients stand in for connections', () => {
  const target = gaugesOfUsage([one], 0.1);
  const router = gaugesOfRouter({ inFlight: 2, clientConnections: 9 });
  const asked: Gauge = { name: 'cpu', used: 0.9, limit: 1, unit: null, notKnown: null };
  assert.equal(merged([target, router, [asked]]).find(({ name }) => name === 'cpu')?.used, 0.9);
  assert.equal(merged([target, router]).find(({ name }) => name === 'connections')?.used, 3);
  assert.deepEqual(short(merged([router])), [
    ['inFlight', 2, null],
    ['connections', 9, null],
  ]);
});

test('what was heard of too long ago is not known', () => {
  assert.deepEqual(valuesOf(silenced(gaugesOfUsage([one], 0.1))), {});
});
