import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Levels } from '../spec/signal-levels.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import { assess, groupState, type RequestSignals } from './assess.ts';
import type { AssessedSignal, Gauge, SignalState } from './types.ts';

const calm: RequestSignals = { requestsPerSecond: 10, errorShare: 0, p50Ms: 20, p95Ms: 100, p99Ms: 200 };
const quiet: RequestSignals = { requestsPerSecond: 0, errorShare: null, p50Ms: null, p95Ms: null, p99Ms: null };
const gauge = (name: string, used: number | null, limit: number | null = 1): Gauge => ({
  name,
  used,
  limit,
  unit: null,
  notKnown: used === null ? { kind: 'not-yet' } : null,
});
const policy = (levels: Readonly<Record<string, Partial<Levels>>>, more: SignalPolicy['more'] = []): SignalPolicy => ({
  levels,
  queries: {},
  more,
});
const off = { target: null, warning: null, critical: null };

function one(signals: readonly AssessedSignal[], name: string): AssessedSignal {
  const found = signals.find((signal) => signal.name === name);
  assert(found, name);
  return found;
}

const cases: readonly [
  name: string,
  RequestSignals | null,
  readonly Gauge[],
  SignalPolicy | undefined,
  signal: string,
  SignalState,
][] = [
  ['at the warning level is not above it', { ...calm, p95Ms: 1_000 }, [], undefined, 'latencyP95', 'ok'],
  ['above it is', { ...calm, p95Ms: 1_001 }, [], undefined, 'latencyP95', 'warning'],
  ['above the critical level', { ...calm, p95Ms: 2_001 }, [], undefined, 'latencyP95', 'critical'],
  ['p99 has a critical level only', { ...calm, p99Ms: 4_999 }, [], undefined, 'latencyP99', 'ok'],
  ['no default level for the median', { ...calm, p50Ms: 90_000 }, [], undefined, 'latencyP50', 'unjudged'],
  ['one of its own', { ...calm, p50Ms: 90_000 }, [], policy({ latencyP50: { critical: 500 } }), 'latencyP50', 'critical'],
  ['switched off, it is shown only', { ...calm, errorShare: 1 }, [], policy({ errors: off }), 'errors', 'unjudged'],
  ['a share at its level', { ...calm, errorShare: 0.05 }, [], undefined, 'errors', 'warning'],
  ['a share above it', { ...calm, errorShare: 0.050001 }, [], undefined, 'errors', 'critical'],
  ['no requests, no latency', quiet, [], undefined, 'latencyP95', 'no-traffic'],
  ['no requests, no failures', quiet, [], undefined, 'errors', 'no-traffic'],
  ['no requests are known to be none', quiet, [], undefined, 'traffic', 'no-traffic'],
  ['nothing is known of requests', null, [], undefined, 'errors', 'unknown'],
  ['nor of traffic', null, [], undefined, 'traffic', 'unknown'],
  ['full', calm, [gauge('disk', 91, 100)], undefined, 'disk', 'critical'],
  ['nearly full', calm, [gauge('disk', 81, 100)], undefined, 'disk', 'warning'],
  ['not read yet', calm, [gauge('cpu', null)], undefined, 'cpu', 'unknown'],
  ['known by nobody', calm, [], undefined, 'databasePool', 'unknown'],
  ['a share of nothing', calm, [gauge('queue', 5, 0)], undefined, 'queue', 'unknown'],
  ['a share of what is not known', calm, [gauge('memory', 5, null)], undefined, 'memory', 'unknown'],
  ['a number of things', calm, [gauge('connections', 5_001, null)], undefined, 'connections', 'warning'],
  ['no level of its own', calm, [gauge('threads', 12, null)], undefined, 'threads', 'unjudged'],
  ['what is not a number is not above anything', { ...calm, p95Ms: Number.NaN }, [], undefined, 'latencyP95', 'unknown'],
];

for (const [name, requests, gauges, given, signal, state] of cases)
  test(`${signal}: ${name}`, () => assert.equal(one(assess(requests, gauges, given), signal).state, state));

test('a signal says what it is made of, its levels in its own unit', () => {
  const { value, used, limit, levels, unit } = one(
    assess(calm, [gauge('fileDescriptors', 900, 1_024)], undefined),
    'fileDescriptors',
  );
  assert.deepEqual({ value, used, limit, unit }, { value: 900 / 1_024, used: 900, limit: 1_024, unit: 'share' });
  assert.deepEqual(levels, { target: 0.7, warning: 0.7, critical: 0.85 });
});

test('further signals of a document are asked for, also when nobody answers', () => {
  const levels = { target: null, warning: 500_000, critical: 900_000 };
  const more = [{ name: 'llm', query: { gauge: 'busy', limit: 8 }, unit: null, levels }];
  assert.equal(one(assess(calm, [gauge('llm', 5, 8)], policy({}, more)), 'llm').state, 'warning');
  const missing = one(assess(calm, [], policy({}, more)), 'llm');
  assert.deepEqual([missing.state, missing.isAsked], ['unknown', true]);
});

test('a group is as its gravest signal, and unknown where what was asked for is', () => {
  const of = (requests: RequestSignals | null, gauges: readonly Gauge[], given?: SignalPolicy) => {
    const all = assess(requests, gauges, given);
    return (['latency', 'traffic', 'errors', 'saturation'] as const).map((group) =>
      groupState(all.filter((signal) => signal.group === group)),
    );
  };
  assert.deepEqual(of(calm, [gauge('cpu', 0.2)]), ['ok', 'ok', 'ok', 'ok']);
  assert.deepEqual(of(quiet, []), ['no-traffic', 'no-traffic', 'no-traffic', 'unknown']);
  assert.deepEqual(of(null, [gauge('cpu', 0.95), gauge('memory', 0.85)]), ['unknown', 'unknown', 'unknown', 'critical']);
  assert.deepEqual(of(calm, [gauge('cpu', 0.2)], policy({ disk: { warning: 900_000 } })), ['ok', 'ok', 'ok', 'unknown']);
  assert.equal(of(calm, [gauge('cpu', 0.75)], policy({ disk: { warning: 900_000 } }))[3], 'warning');
  assert.equal(
    of(calm, [gauge('threads', 5, null)], policy(Object.fromEntries(['cpu', 'memory'].map((name) => [name, off]))))[3],
    'unknown',
  );
});
