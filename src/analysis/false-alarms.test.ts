import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy } from './guard.ts';
import { type Simulated, simulate, uniform } from './simulated-traffic.fixture.ts';
import { openGuard, watch } from './watch.ts';

/** Small margins, so that the test is as nervous as it ever gets. */
const policy: GuardPolicy = {
  errors: { worseByPpm: 500, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 50_000, maxMs: 1_000 }],
  minRequests: 20,
};
const share = () => 0.002;
const same: Simulated = { requestsPerSecond: 40, weight: 10, errorsS: share, errorsC: share };

/** Of `runs` releases of ten minutes at 10 % and 50 %, each after five minutes of history: how many are rolled back. */
function alarms(traffic: Simulated, runs: number, seed: number): number {
  const random = uniform(seed);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    let state = openGuard(policy, { candidate: 'b', stable: 'a' });
    for (const look of simulate({ ...traffic, weight: 0 }, 0, 300, random)) ({ state } = watch(state, look));
    const steps = [simulate(traffic, 300, 600, random), simulate({ ...traffic, weight: 50, step: () => 1 }, 600, 900, random)];
    release: for (const step of steps) {
      for (const look of step) {
        const next = watch(state, look);
        state = next.state;
        if (next.verdict.kind === 'fail') {
          count++;
          break release;
        }
      }
    }
  }
  return count;
}

test('equal versions are hardly ever rolled back, though somebody looks every second', () => {
  const count = alarms(same, 40, 1);
  assert.ok(count <= 2, `${count} of 40`);
});

test('bursts that both versions share do not change that', () => {
  const bursts = (second: number) => (second % 120 < 10 ? 0.04 : 0.001);
  const waves = (second: number) => 60 * (1 + 0.3 * Math.sin(second / 17));
  const count = alarms({ ...same, errorsS: bursts, errorsC: bursts, medianS: waves, medianC: waves }, 40, 2);
  assert.ok(count <= 2, `${count} of 40`);
});

test('a stable that never fails does not make one failure a fault', () => {
  const count = alarms({ ...same, errorsS: () => 0, errorsC: () => 0.0005 }, 30, 3);
  assert.ok(count <= 2, `${count} of 40`);
});
