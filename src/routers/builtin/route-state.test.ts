import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fence, Route } from '../router.ts';
import { lapseIfDue, leaseLeftMs, type RouteState, renewLease, writeRoute } from './route-state.ts';

const at = (ms: number) => ({ wallMs: 1_000_000 + ms, monotonicMs: ms });
const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: 1 }] });
const route = (weight: number): Route => ({ stable: backend('1'), candidate: backend('2'), weight, match: [] });

function written(weight: number, fence: Fence = { token: 2, seq: 5 }): RouteState {
  const first = writeRoute(null, route(weight), fence, at(0));
  assert.equal(first.kind, 'applied');
  return (first as { state: RouteState }).state;
}

const writes: readonly [name: string, weight: number, fence: Fence, kind: string][] = [
  ['a higher number', 20, { token: 2, seq: 6 }, 'applied'],
  ['a higher token, whatever its number', 20, { token: 3, seq: 0 }, 'applied'],
  ['the same again', 10, { token: 2, seq: 5 }, 'repeated'],
  ['another route under the same number', 20, { token: 2, seq: 5 }, 'stale'],
  ['a lower number', 20, { token: 2, seq: 4 }, 'stale'],
  ['a lower token, whatever its number', 20, { token: 1, seq: 99 }, 'stale'],
];
for (const [name, weight, fence, kind] of writes)
  test(`${name} is ${kind}`, () => assert.equal(writeRoute(written(10), route(weight), fence, at(1)).kind, kind));

test('a renewal by a newer controller locks the older one out', () => {
  const renewed = renewLease(written(10), 3, at(1)) as RouteState;
  assert.equal(writeRoute(renewed, route(99), { token: 2, seq: 6 }, at(2)).kind, 'stale');
  assert.ok('stale' in renewLease(renewed, 2, at(2)));
  assert.equal(writeRoute(renewed, route(20), { token: 3, seq: 6 }, at(2)).kind, 'applied');
});

test('a route that gives the candidate nothing needs no lease', () => {
  assert.equal(leaseLeftMs(written(0), 100, 1e9), Number.POSITIVE_INFINITY);
  assert.equal(lapseIfDue(written(0), 100, at(1e9)).lapsed, false);
});

test('a lapsed route is not revived by writing it again, only by a newer one', () => {
  const lapsed = lapseIfDue(written(10), 100, at(100));
  assert.equal(lapsed.lapsed, true);
  assert.equal(lapsed.route.weight, 0);
  const again = writeRoute(lapsed, route(10), { token: 2, seq: 5 }, at(101));
  assert.equal(again.kind === 'repeated' && again.state.lapsed && again.state.route.weight === 0, true);
  const newer = writeRoute(lapsed, route(10), { token: 2, seq: 6 }, at(101));
  assert.equal(newer.kind === 'applied' && !newer.state.lapsed && newer.state.route.weight === 10, true);
});

test('whatever is written and renewed, the candidate never has traffic longer than a lease after the last word', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 80 }),
    kind: fc.constantFrom('write', 'renew', 'look'),
    token: fc.integer({ min: 0, max: 3 }),
    seq: fc.integer({ min: 0, max: 5 }),
    weight: fc.constantFrom(0, 10, 100),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const leaseMs = 100;
      let state: RouteState | null = null;
      let wordMs = 0;
      let now = 0;
      for (const { after, kind, token, seq, weight } of steps) {
        now += after;
        const highest: number = state?.tokenSeen ?? 0;
        if (state) state = lapseIfDue(state, leaseMs, at(now));
        if (kind === 'write') {
          const result = writeRoute(state, route(weight), { token, seq }, at(now));
          if (result.kind === 'stale') continue;
          state = result.state;
          wordMs = now;
        } else if (kind === 'renew' && state) {
          const renewed = renewLease(state, token, at(now));
          if ('stale' in renewed) continue;
          state = renewed;
          wordMs = now;
        }
        if (state) {
          assert.ok(state.tokenSeen >= highest, 'tokens never fall');
          if (state.route.weight > 0) assert.ok(now - wordMs < leaseMs);
        }
      }
    }),
  );
});
