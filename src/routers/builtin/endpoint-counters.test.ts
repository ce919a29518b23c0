import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointCounters } from './endpoint-counters.ts';
import { EndpointLedger } from './endpoint-ledger.ts';

const head = (line: string) => `${line} HTTP/1.1\r\nHost: a?b\r\n\r\n`;

function told(counters: EndpointCounters, atMs = 1_000) {
  const ledger = new EndpointLedger(0);
  ledger.add(counters.flush(), atMs);
  return ledger.traffic(atMs);
}

test('requests are counted by method and endpoint, whatever their ids and queries', () => {
  const counters = new EndpointCounters();
  for (let i = 0; i < 30; i += 1) counters.record(head(`GET /orders/${i}?token=secret${i}`), false, 200, 10);
  for (let i = 0; i < 10; i += 1) counters.record(head('POST /orders'), i < 2, i < 2 ? 500 : 201, 100);
  const { byMethod, byStatus, endpoints, folded, seconds } = told(counters, 10_000);
  assert.equal(seconds, 10);
  assert.deepEqual(byMethod, { GET: 3, POST: 1 });
  assert.deepEqual(byStatus, { '2xx': 3.8, '5xx': 0.2 });
  assert.deepEqual(
    endpoints?.map(({ method, endpoint, requestsPerSecond, errorShare }) => [method, endpoint, requestsPerSecond, errorShare]),
    [
      ['GET', '/orders/:id', 3, 0],
      ['POST', '/orders', 1, 0.2],
    ],
  );
  assert(endpoints?.every(({ p50, p95, p99 }) => p50 !== null && p95 !== null && p99 !== null && p50 <= p95 && p95 <= p99));
  assert.deepEqual(folded, { endpoints: 0, requestsPerSecond: 0 });
  assert.deepEqual(counters.flush(), [], 'handed out once');
});

test('a scanner gets no endpoint of its own, and a known one keeps its 404', () => {
  const counters = new EndpointCounters();
  counters.record(head('GET /users/1'), false, 200, 1);
  counters.record(head('GET /users/2'), false, 404, 1);
  for (let i = 0; i < 500; i += 1) counters.record(head(`GET /wp-${'x'.repeat(i % 30)}/admin`), false, 404, 1);
  const { endpoints, folded, byMethod } = told(counters);
  assert.deepEqual(
    endpoints?.map(({ endpoint, requestsPerSecond }) => [endpoint, requestsPerSecond]),
    [['/users/:id', 2]],
  );
  assert.deepEqual(
    [folded, byMethod],
    [
      { endpoints: 0, requestsPerSecond: 500 },
      { GET: 2, other: 500 },
    ],
  );
});

test('places are bounded, given up after ten quiet minutes, and what always fails is told', () => {
  const counters = new EndpointCounters();
  const word = (i: number) => `/${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + Math.floor(i / 26))}`;
  for (let i = 0; i < 150; i += 1)
    for (let n = i === 90 ? 1 : 2; n > 0; n -= 1) counters.record(head(`GET ${word(i)}`), i === 90, i === 90 ? 500 : 200, 1);
  const { endpoints, folded } = told(counters);
  assert.equal(endpoints?.length, 16);
  assert.equal(endpoints?.at(-1)?.endpoint, word(90));
  assert.deepEqual(folded, { endpoints: 84, requestsPerSecond: 299 - 31 });
  for (let i = 0; i < 602; i += 1) counters.flush();
  counters.record(head('GET /fresh'), false, 200, 1);
  assert.deepEqual(
    told(counters).endpoints?.map(({ endpoint }) => endpoint),
    ['/fresh'],
  );
});

test('the last minute forgets what is older, and adds up workers', () => {
  const ledger = new EndpointLedger(0);
  const slots = (requests: number) => {
    const counters = new EndpointCounters();
    for (let i = 0; i < requests; i += 1) counters.record(head('GET /a'), false, 200, 1);
    return counters.flush();
  };
  ledger.add([...slots(60), ...slots(60)], 100_000);
  assert.deepEqual(ledger.traffic(100_500).byMethod, { GET: 2 });
  ledger.add(slots(30), 130_000);
  assert.deepEqual(ledger.traffic(159_000).byMethod, { GET: 2.5 });
  assert.deepEqual(ledger.traffic(161_000).byMethod, { GET: 0.5 });
  assert.deepEqual(ledger.traffic(200_000).endpoints, []);
});
