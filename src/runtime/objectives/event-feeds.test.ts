import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Relay } from '../../../test/programs/relay.ts';
import { sharedPrometheus } from '../../../test/programs/shared-prometheus.ts';
import { begun, everyS, History } from '../../sources/prometheus/events.fixture.ts';
import { PrometheusConfig } from '../../sources/prometheus/schema.ts';
import type { Objective } from '../../spec/types.ts';
import { systemClock } from '../clock.ts';
import { eventReaders } from '../world.ts';
import { CountStore } from './count-store.ts';
import { EventFeeds } from './event-feeds.ts';
import { RunningObjective } from './running-objective.ts';

const shared = await sharedPrometheus();
const { skip } = shared;

const never = new AbortController().signal;
const ok = 'http_requests_total{code="200"}';
const failed = 'http_requests_total{code="500"}';

/** An objective that a real Prometheus counts for, with what reads it. */
function fed(history: History, url: string, more: Partial<Objective> = {}) {
  const events = {
    kind: 'ratio' as const,
    count: 'bad' as const,
    query: history.query('http_requests_total{JOB,code=~"5.."}'),
    total: history.query('http_requests_total{JOB}'),
  };
  const objective: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 86_400_000, belowMs: null, events, ...more };
  const standalone = { name: 'availability', service: null, displayName: null, description: null, source: null, objective };
  const known = { id: 'slo/availability', service: null, standalone, versions: [{ sinceMs: 0, objective, by: 'anna' }] };
  const store = new CountStore(':memory:', () => {});
  const running = new RunningObjective(known, [], store, Date.now());
  const source = { kind: 'prometheus', config: PrometheusConfig.parse({ url, interval: `${everyS}s`, timeout: '5s' }) };
  const feeds = new EventFeeds(eventReaders({}), systemClock);
  const group = { of: 'slo', source, objectives: [running] };
  feeds.use([group]);
  return { running, feeds, group, store };
}

test('what Prometheus counts comes in as whole events, once, and its past as well', skip, async () => {
  const history = new History(shared.prometheus, 600);
  await history.rows(0, [...begun({ [ok]: 100, [failed]: 10 }), { [ok]: 160, [failed]: 15 }, { [ok]: 200, [failed]: 15 }]);
  const { running, feeds, store } = fed(history, shared.prometheus.url);
  while (feeds.isBehind) await feeds.read(never);
  assert.deepEqual(running.sums.sum(86_400_000), { bad: 5, total: 105 });
  // Nothing is due yet; and asked anew it brings nothing twice.
  await feeds.read(never);
  assert.deepEqual(running.sums.sum(86_400_000), { bad: 5, total: 105 });
  store.write(running.news(), []);
  const again = new RunningObjective(running.known, [], store, Date.now());
  assert.deepEqual(again.sums.sum(86_400_000), { bad: 5, total: 105 });
  store.close();
});

test('while Prometheus is away there is no data and it says why; what was missed comes when it is back', skip, async () => {
  const history = new History(shared.prometheus, 600);
  await history.rows(0, [...begun({ [ok]: 100 }), { [ok]: 160, [failed]: 5 }]);
  const relay = await Relay.to(Number(new URL(shared.prometheus.url).port));
  const { running, feeds, group, store } = fed(history, relay.url);
  await relay.cut();
  await feeds.read(never);
  assert.equal(running.sums.knownToS, 0);
  assert.match(running.notes[0] ?? '', /^its source cannot be read: Prometheus cannot be asked: ECONNREFUSED/);
  const back = {
    ...group,
    source: { ...group.source, config: PrometheusConfig.parse({ url: shared.prometheus.url, interval: `${everyS}s` }) },
  };
  feeds.use([back]);
  while (feeds.isBehind) await feeds.read(never);
  assert.deepEqual(running.sums.sum(86_400_000), { bad: 5, total: 65 });
  assert.ok(!running.notes.some((note) => note.includes('cannot be read')));
  store.close();
});
