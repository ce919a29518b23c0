import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fence, Route } from '../router.ts';
import { lapseIfDue, leaseLeftMs, type RouteState, renewLease, type Written, writeRoute } from './route-state.ts';

const at = (ms: number) => ({ wallMs: 1_000_000 + ms, monotonicMs: ms });
const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: 1 }] });
const route = (weight: number): Route => ({ stable: backend('1'), candidate: backend('2'), weight, match: [] });

const leaseMs = 100;

/** A write that arrives when it is sent, or this much later. */
function write(state: RouteState | null, weight: number, fence: Fence, ms: number, lateMs = 0): Written {
  return writeRoute(state, { route: route(weight), fence, sentAtMs: ms - lateMs }, leaseMs, at(ms));
}

function written(weight: number, fence: Fence = { token: 2, seq: 5 }): RouteState {
  const first = write(null, weight, fence, 0);
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
  test(`${name} is ${kind}`, () => assert.equal(write(written(10), weight, fence, 1).kind, kind));

test('a renewal by a newer controller locks the older one out', () => {
  const renewed = renewLease(written(10), 3, 1) as RouteState;
  assert.equal(write(renewed, 99, { token: 2, seq: 6 }, 2).kind, 'stale');
  assert.ok('stale' in renewLease(renewed, 2, 2));
  assert.equal(write(renewed, 20, { token: 3, seq: 6 }, 2).kind, 'applied');
});

test('a write that comes past its lease gives the candidate nothing, and a renewal counts from when it was sent', () => {
  assert.equal(write(written(10), 20, { token: 2, seq: 6 }, 500, 100).kind, 'late');
  assert.equal(write(written(10), 0, { token: 2, seq: 6 }, 500, 100).kind, 'applied', 'a way back is never late');
  const held = write(written(10), 20, { token: 2, seq: 6 }, 90, 60);
  assert.equal(held.kind === 'applied' && leaseLeftMs(held.state, leaseMs, 90), 40);
  const renewed = renewLease(written(10), 2, 30) as RouteState;
  assert.equal(leaseLeftMs(renewed, leaseMs, 90), 40);
  assert.equal(leaseLeftMs(renewLease(renewed, 2, 10) as RouteState, leaseMs, 90), 40, 'an older one takes nothing away');
});

test('a route that gives the candidate nothing needs no lease', () => {
  assert.equal(leaseLeftMs(written(0), 100, 1e9), Number.POSITIVE_INFINITY);
  assert.equal(lapseIfDue(written(0), 100, at(1e9)).lapsed, false);
});

test('a lapsed route is not revived by writing it again, only by a newer one', () => {
  const lapsed = lapseIfDue(written(10), 100, at(100));
  assert.equal(lapsed.lapsed, true);
  assert.equal(lapsed.route.weight, 0);
  const again = write(lapsed, 10, { token: 2, seq: 5 }, 101);
  assert.equal(again.kind === 'repeated' && again.state.lapsed && again.state.route.weight === 0, true);
  const newer = write(lapsed, 10, { token: 2, seq: 6 }, 101);
  assert.equal(newer.kind === 'applied' && !newer.state.lapsed && newer.state.route.weight === 10, true);
});

test('whatever is written and renewed, the candidate never has traffic longer than a lease after the last word was sent', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 80 }),
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 150 })),
    kind: fc.constantFrom('write', 'renew', 'look'),
    token: fc.integer({ min: 0, max: 3 }),
    seq: fc.integer({ min: 0, max: 5 }),
    weight: fc.constantFrom(0, 10, 100),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state: RouteState | null = null;
      let wordMs = 0;
      let now = 0;
      for (const { after, lateMs, kind, token, seq, weight } of steps) {
        now += after;
        const sentAtMs = Math.max(0, now - lateMs);
        const highest: number = state?.tokenSeen ?? 0;
        if (state) state = lapseIfDue(state, leaseMs, at(now));
        if (kind === 'write') {
          const result = write(state, weight, { token, seq }, now, now - sentAtMs);
          if (result.kind === 'stale' || result.kind === 'late') continue;
          state = result.state;
          wordMs = result.kind === 'applied' ? sentAtMs : Math.max(wordMs, sentAtMs);
        } else if (kind === 'renew' && state) {
          const renewed = renewLease(state, token, sentAtMs);
          if ('stale' in renewed) continue;
          state = renewed;
          wordMs = Math.max(wordMs, sentAtMs);
        }
        if (state) {
          assert.ok(state.tokenSeen >= highest, 'tokens never fall');
          if (state.route.weight > 0) assert.ok(now - wordMs < leaseMs);
        }
      }
    }),
  );
});
