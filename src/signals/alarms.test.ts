import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noAlerts, takeAlerts } from '../alerts/fold.ts';
import { type Sight, signalAlarms, type Turning } from './alarms.ts';
import { assess } from './assess.ts';

const well = { requestsPerSecond: 10, errorShare: 0, p50Ms: 10, p95Ms: 20, p99Ms: 30 };
const sight = (requests: Partial<typeof well> | null, cpu: number | null = null, down: string | null = null): Sight => ({
  service: 'shop',
  assessed: assess(
    requests === null ? null : { ...well, ...requests },
    cpu === null ? [] : [{ name: 'cpu', used: cpu, limit: 1, unit: null, notKnown: null }],
    undefined,
  ),
  policy: undefined,
  requests: requests === null ? 0 : (requests.requestsPerSecond ?? well.requestsPerSecond) * 20,
  down,
});

/** Alerts over time, looked at every five seconds. */
function watched() {
  let state = noAlerts;
  let turning: Turning = new Map();
  let nowMs = 0;
  return (seen: Sight, forMs = 0): readonly string[] => {
    for (const endMs = nowMs + forMs; ; nowMs += 5_000) {
      const look = signalAlarms(seen, state.open, turning, nowMs);
      turning = look.turning;
      for (const event of look.events) state = takeAlerts(state, { ...event, at: nowMs });
      if (nowMs >= endMs) break;
    }
    nowMs += 5_000;
    return [...state.open.values()].map(({ name, urgency, said }) => `${name} ${urgency}: ${said}`);
  };
}

for (const [name, seen, said] of [
  ['errors above 5 %', sight({ errorShare: 0.06 }), 'errors P0 page: errors 6 %, more than errors 5 %'],
  ['errors above 1 %', sight({ errorShare: 0.02 }), 'errors P1 chat: errors 2 %, more than errors 1 %'],
  ['p95 above 2 s', sight({ p95Ms: 2_100 }), 'latencyP95 P0 page: latencyP95 2100 ms, more than latencyP95 2000 ms'],
  ['p95 above 1 s', sight({ p95Ms: 1_100 }), 'latencyP95 P1 chat: latencyP95 1100 ms, more than latencyP95 1000 ms'],
  ['the processor above 95 %', sight({}, 0.96), 'cpu P0 page: cpu 96 %, more than cpu 95 %'],
  ['the processor above 80 %', sight({}, 0.92), 'cpu P1 chat: cpu 92 %, more than cpu 80 %'],
  ['nothing that is ready', sight({}, null, 'no instance of 2 is ready'), 'down P0 page: no instance of 2 is ready'],
] as const)
  test(`an alert: ${name}`, () => assert.deepEqual(watched()(seen, 60_000), [said]));

test('a moment is none, few requests say nothing, and silence neither begins nor ends one', () => {
  const look = watched();
  assert.deepEqual(look(sight({ errorShare: 1 })), []);
  assert.deepEqual(look(sight({}), 5_000), []);
  assert.deepEqual(look(sight({ errorShare: 1, requestsPerSecond: 0.2 }), 60_000), []);
  assert.equal(look(sight({ errorShare: 1 }), 10_000).length, 1);
  assert.equal(look(sight(null), 300_000).length, 1, 'nobody knows whether it is over');
  assert.equal(look(sight({ errorShare: 0.02 }), 10_000).length, 1, 'better, and not well for long');
  assert.equal(look(sight({ errorShare: 1 }), 0).length, 1);
  assert.equal(look(sight({}), 10_000).length, 1, 'it has to be well for a while');
  assert.deepEqual(look(sight({}), 10_000), []);
});

test('what gets better and is not well yet goes on as the lesser alert, without a moment in which nothing fires', () => {
  const look = watched();
  assert.deepEqual(look(sight({ errorShare: 0.1 }), 20_000), ['errors P0 page: errors 10 %, more than errors 5 %']);
  for (let second = 0; second < 60; second += 5) assert.equal(look(sight({ errorShare: 0.03 })).length, 1, `after ${second} s`);
  assert.deepEqual(look(sight({ errorShare: 0.03 })), ['errors P1 chat: errors 3 %, more than errors 1 %']);
});
