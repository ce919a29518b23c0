import assert from 'node:assert/strict';
import { test } from 'node:test';
import { k6Summary } from './summary.ts';

/** As `k6 run --summary-export` writes it. */
const exported = {
  metrics: {
    checks: { fails: 1, passes: 99, value: 0.99, thresholds: { 'rate>0.95': false } },
    http_req_duration: {
      avg: 120.5,
      max: 408.6,
      med: 110,
      min: 90,
      'p(90)': 250.25,
      'p(95)': 310.5,
      thresholds: { 'p(95)<300': true, 'p(90)<300': false },
    },
    'http_req_duration{phase:typo}': {
      avg: 0,
      max: 0,
      med: 0,
      min: 0,
      'p(90)': 0,
      'p(95)': 0,
      thresholds: { 'p(95)<500': false },
    },
    http_req_failed: { fails: 98, passes: 2, value: 0.02 },
    http_reqs: { count: 100, rate: 19.75 },
    errors: { count: 0, rate: 0, thresholds: { 'count<1': false } },
    vus: { max: 10, min: 10, value: 10 },
  },
  root_group: { name: '', path: '', checks: {} },
};

test('in an exported summary a threshold that is true has failed, and one without a sample says nothing', () => {
  assert.deepEqual(k6Summary(JSON.stringify(exported)), {
    thresholds: [
      { metric: 'checks', source: 'rate>0.95', held: true },
      { metric: 'http_req_duration', source: 'p(95)<300', held: false },
      { metric: 'http_req_duration', source: 'p(90)<300', held: true },
      { metric: 'http_req_duration{phase:typo}', source: 'p(95)<500', held: null },
      { metric: 'errors', source: 'count<1', held: true },
    ],
    requests: 100,
    perSecond: 19.75,
    failedShare: 0.02,
    durations: { med: 110, 'p(90)': 250.25, 'p(95)': 310.5, max: 408.6 },
    checks: { passed: 99, failed: 1 },
  });
});

test('in what handleSummary gets a threshold that is ok has held', () => {
  const handled = {
    metrics: {
      http_req_duration: {
        type: 'trend',
        contains: 'time',
        values: { avg: 202.9, min: 132.2, med: 152.7, max: 408.6, 'p(90)': 280.8, 'p(95)': 300.1, 'p(99)': 400, count: 120 },
        thresholds: { 'p(95)<500': { ok: true }, 'avg<200': { ok: false } },
      },
      http_req_failed: { type: 'rate', contains: 'default', values: { rate: 0.5, passes: 60, fails: 60 } },
      http_reqs: { type: 'counter', contains: 'default', values: { count: 120, rate: 30 } },
    },
  };
  assert.deepEqual(k6Summary(JSON.stringify(handled)), {
    thresholds: [
      { metric: 'http_req_duration', source: 'p(95)<500', held: true },
      { metric: 'http_req_duration', source: 'avg<200', held: false },
    ],
    requests: 120,
    perSecond: 30,
    failedShare: 0.5,
    durations: { med: 152.7, 'p(90)': 280.8, 'p(95)': 300.1, 'p(99)': 400, max: 408.6 },
    checks: null,
  });
});

test('anything else is no summary', () => {
  for (const text of ['', 'null', '{}', '{"metrics":[]}', '{"metrics":{"a":{"thresholds":{"b":"c"}}}}', '<html>'])
    assert.equal(k6Summary(text), null, text);
});
