import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import { assess, type RequestSignals } from './assess.ts';
import { groupText } from './text.ts';
import { type Gauge, type SignalGroup, signalGroups } from './types.ts';

const calm: RequestSignals = { requestsPerSecond: 12.5, errorShare: 0.002, p50Ms: 20, p95Ms: 100, p99Ms: 200 };
const disk: Gauge = { name: 'disk', used: 45.5 * 2 ** 30, limit: 50 * 2 ** 30, unit: 'B', notKnown: null };
const cpu: Gauge = { name: 'cpu', used: 0.4321, limit: 1, unit: null, notKnown: null };
const asked: SignalPolicy = { levels: {}, queries: { queue: { gauge: 'q', limit: 5 } }, more: [] };
const said: Gauge = { name: 'queue', used: null, limit: null, unit: null, notKnown: { kind: 'said', said: 'no answer in time' } };

type Case = readonly [
  group: SignalGroup,
  RequestSignals | null,
  readonly Gauge[],
  SignalPolicy | undefined,
  en: string,
  ru: string,
];
const cases: readonly Case[] = [
  ['latency', calm, [], undefined, 'p50 20ms; p95 100ms; p99 200ms', 'p50 20 мс; p95 100 мс; p99 200 мс'],
  [
    'latency',
    { ...calm, p95Ms: 700 },
    [],
    undefined,
    'p50 20ms; p95 is 700ms, above the target of 500ms; p99 200ms',
    'p50 20 мс; p95 — 700 мс, больше цели 500 мс; p99 200 мс',
  ],
  [
    'latency',
    { ...calm, p95Ms: 1_500, p99Ms: 6_000 },
    [],
    undefined,
    'p99 is 6s, more than 5s; p95 is 1.5s, more than 1s',
    'p99 — 6 с, больше 5 с; p95 — 1,5 с, больше 1 с',
  ],
  ['latency', null, [], undefined, 'nothing is known of its requests', 'о запросах ничего не известно'],
  ['traffic', calm, [], undefined, '12.5 requests/s', '12,5 запросов/с'],
  [
    'traffic',
    { ...calm, requestsPerSecond: 0 },
    [],
    undefined,
    'no requests in the last minute',
    'за последнюю минуту запросов не было',
  ],
  ['errors', calm, [], undefined, '0.2 % of requests fail', 'неудачных запросов 0,2 %'],
  [
    'errors',
    { ...calm, errorShare: 0.051 },
    [],
    undefined,
    '5.1 % of requests fail, more than 5 %',
    'неудачных запросов 5,1 %, больше 5 %',
  ],
  [
    'saturation',
    calm,
    [disk, cpu],
    undefined,
    'disk is 91 % (45.5 GiB of 50 GiB), more than 90 %',
    'диск — 91 % (45,5 ГиБ из 50 ГиБ), больше 90 %',
  ],
  [
    'saturation',
    calm,
    [cpu],
    undefined,
    'the fullest: CPU 43.21 %; not known: memory, disk, file descriptors, connections, database pool, queue',
    'полнее всего: процессор 43,21 %; неизвестно: память, диск, файловые дескрипторы, соединения, пул соединений с БД, очередь',
  ],
  ['saturation', calm, [cpu, said], asked, 'queue: not known: no answer in time', 'очередь: неизвестно: no answer in time'],
  [
    'saturation',
    calm,
    [{ name: 'connections', used: 12_345, limit: null, unit: null, notKnown: null }],
    { levels: {}, queries: {}, more: [] },
    'connections: 12,350, more than 5000',
    'соединения: 12\u00a0350, больше 5000',
  ],
];

for (const [group, requests, gauges, policy, en, ru] of cases)
  test(`${group}: ${en}`, () => {
    const signals = assess(requests, gauges, policy).filter((signal) => signal.group === group);
    assert.equal(groupText(group, signals, 'en'), en);
    assert.equal(groupText(group, signals, 'ru'), ru);
  });

test('every group has something to say when nothing is known at all', () => {
  for (const group of signalGroups)
    for (const language of ['en', 'ru'] as const) {
      const signals = assess(null, [], undefined).filter((signal) => signal.group === group);
      assert.notEqual(groupText(group, signals, language), '');
    }
});
