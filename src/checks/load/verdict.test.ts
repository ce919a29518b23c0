import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Latencies, LoadResult } from '../../load/plan.ts';
import { textIn } from '../../spec/text.ts';
import { LoadConfig } from './schema.ts';
import { loadVerdict } from './verdict.ts';

const latencies = (p50: number, p95: number, p99 = p95): Latencies => {
  return { count: 1_000, mean: p50, p50, p90: p95, p95, p99, p999: p99, max: p99 };
};

const good: LoadResult = {
  measuredMs: 30_000,
  requests: 30_000,
  answers: 30_000,
  statuses: { '1xx': 0, '2xx': 30_000, '3xx': 0, '4xx': 0, '5xx': 0 },
  errors: {},
  examples: [],
  latency: latencies(40, 180, 250),
  service: latencies(39, 175, 240),
  lag: latencies(0.01, 0.1, 0.5),
  askedPerSecond: 1_000,
  begunPerSecond: 1_000,
  answeredPerSecond: 999.4,
  busy: 1,
  connections: 60,
  connectionsOpen: 60,
  again: 0,
  bytes: 1_000_000,
};

const rate = (expect: object) => LoadConfig.parse({ url: 'http://a/', rate: '1000/s', expect });
const users = (expect: object) => LoadConfig.parse({ url: 'http://a/', users: 100, expect });
const forUsers: LoadResult = { ...good, askedPerSecond: null, busy: 0.2 };

const cases: readonly [name: string, LoadConfig, LoadResult, status: string, found: RegExp][] = [
  [
    'all holds',
    rate({ p95: '200ms' }),
    good,
    'pass',
    /^30,000 requests, 999\.4 answers\/s \(asked 1000\/s\): p50 40 ms, p95 180 ms/,
  ],
  ['a percentile is missed', rate({ p95: '200ms', p99: '200ms' }), good, 'fail', /^p99 250 ms > 200ms; /],
  ['exactly as much as may be', rate({ p95: '180ms', p99: '250ms' }), good, 'pass', /^30,000/],
  [
    'the generator did not begin its requests in time: nothing is proven, however good it looks',
    rate({ p95: '200ms' }),
    { ...good, begunPerSecond: 979 },
    'unproven',
    /^the generator itself began only 979 of 1000/,
  ],
  ['two in a hundred fewer are still the rate', rate({ p95: '200ms' }), { ...good, begunPerSecond: 981 }, 'pass', /^30,000/],
  [
    'a generator that was late makes a miss its own',
    rate({ p99: '200ms' }),
    { ...good, lag: latencies(1, 10, 60) },
    'unproven',
    /the generator itself was too slow$/,
  ],
  ['it makes no pass worse', rate({ p99: '300ms' }), { ...good, lag: latencies(1, 10, 60) }, 'pass', /^30,000/],
  [
    'failures are nobody else’s, whatever the generator did',
    rate({ p99: '200ms', errors: '1%' }),
    { ...good, statuses: { ...good.statuses, '2xx': 29_000, '5xx': 1_000 }, lag: latencies(1, 10, 60) },
    'fail',
    /^p99 250 ms > 200ms, 3\.3334% failed > 1%; /,
  ],
  [
    'requests without an answer have failed',
    rate({ errors: '0%' }),
    { ...good, answers: 29_999, errors: { timeout: 1 } },
    'fail',
    /^0\.0034% failed > 0%/,
  ],
  [
    'a machine without room for connections proves nothing',
    rate({}),
    { ...good, answers: 20_000, errors: { local: 10_000 } },
    'unproven',
    /^33\.3334% failed/,
  ],
  ['users are answered often enough', users({ rate: '900/s' }), forUsers, 'pass', /^30,000/],
  ['users are answered too seldom', users({ rate: '1100/s' }), forUsers, 'fail', /^999\/s < 1100\/s; /],
  ['a generator that is busy itself', users({ rate: '1100/s' }), { ...forUsers, busy: 0.97 }, 'unproven', /too slow$/],
  ['nothing was due', rate({}), { ...good, requests: 0, answers: 0 }, 'unproven', /^no request/],
];

for (const [name, config, result, status, found] of cases)
  test(name, () => {
    const verdict = loadVerdict(config, result);
    assert.equal(verdict.status, status);
    assert.match(textIn(verdict.found, 'en'), found);
    assert.equal(verdict.fix === null, status === 'pass');
    assert.match(textIn(verdict.expected, 'ru'), /^(запросов в секунду: 1000|пользователей: 100), 30s/);
    assert.equal(verdict.figures.p95Ms, 180);
  });

test('the lines tell what came, by status and kind, and how well the generator kept its time', () => {
  const { evidence } = loadVerdict(rate({}), {
    ...good,
    answers: 29_990,
    errors: { timeout: 10 },
    examples: ['no answer within 10000 ms'],
  });
  assert.deepEqual(evidence, [
    '2xx: 30,000',
    'no answer in time: 10',
    'no answer within 10000 ms',
    'from being sent: p50 39 ms, p95 175 ms, p99 240 ms',
    'connections: 60 opened, 60 at once, 0 requests sent again',
    'generator: began 1000 of 1000 requests/s, late by p95 0.1 ms, p99 0.5 ms',
  ]);
});
