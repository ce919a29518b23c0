import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardPolicy } from './guard.ts';
import { type SightInput, secondsToNotice, sight } from './sight.ts';
import { simulate, uniform } from './simulated-traffic.fixture.ts';
import { openGuard, watch } from './watch.ts';

const policy: GuardPolicy = { errors: { worseByPpm: 1_000, maxPpm: 1_000_000 }, latency: [], minRequests: 20 };
const input: SightInput = { requestsPerSecond: 40, weight: 10, stepS: 600, stableErrorPpm: 1_000, policy };
const rates = fc.double({ min: 0.5, max: 2000, noNaN: true });
const rises = fc.integer({ min: 2_000, max: 900_000 });

test('says in one sentence what will be noticed', () => {
  assert.match(
    sight(input).sentence,
    /^at 10 % of 40 requests\/s you will notice [\d.]+ % more errors within 10 min, 1 % within \d+ (s|min), 5 % within \d+ s and 20 % within \d+ s$/,
  );
  assert.equal(
    sight({ ...input, requestsPerSecond: 0.01 }).sentence,
    'at 10 % of 0.01 requests/s you will not notice errors within 10 min: too few requests',
  );
  assert.equal(sight({ ...input, weight: 0 }).smallestRisePpm, null);
});

test('more traffic never notices later', () => {
  fc.assert(
    fc.property(
      rates,
      fc.double({ min: 1, max: 50, noNaN: true }),
      fc.integer({ min: 1, max: 100 }),
      rises,
      (perSecond, times, weight, rise) => {
        const less = { ...input, requestsPerSecond: perSecond, weight };
        assert.ok(secondsToNotice({ ...less, requestsPerSecond: perSecond * times }, rise) <= secondsToNotice(less, rise));
      },
    ),
  );
});

test('a larger weight never notices later, as long as stable keeps half of the traffic', () => {
  fc.assert(
    fc.property(
      rates,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      rises,
      (requestsPerSecond, a, b, rise) => {
        const at = (weight: number) => secondsToNotice({ ...input, requestsPerSecond, weight }, rise);
        assert.ok(at(Math.max(a, b)) <= at(Math.min(a, b)));
      },
    ),
    { numRuns: 300 },
  );
});

test('a larger rise never takes longer, and the smallest that is noticed is noticed within the step', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 100 }), rises, rises, (requestsPerSecond, weight, a, b) => {
      const each = { ...input, requestsPerSecond, weight };
      assert.ok(secondsToNotice(each, Math.max(a, b)) <= secondsToNotice(each, Math.min(a, b)));
      const { smallestRisePpm } = sight(each);
      if (smallestRisePpm !== null) assert.ok(secondsToNotice(each, smallestRisePpm) <= each.stepS);
    }),
  );
});

test('the forecast holds in simulation: 95 % of faults are noticed by then, give or take', () => {
  for (const rise of [50_000, 200_000]) {
    const promised = secondsToNotice({ ...input, requestsPerSecond: 100 }, rise);
    const random = uniform(rise);
    let noticed = 0;
    const runs = 60;
    for (let run = 0; run < runs; run++) {
      let state = openGuard(policy, { candidate: 'b', stable: 'a' });
      const traffic = { requestsPerSecond: 100, weight: 10, errorsS: () => 0.001, errorsC: () => 0.001 + rise / 1e6 };
      for (const look of simulate({ ...traffic, weight: 0 }, 0, 60, random)) ({ state } = watch(state, look));
      for (const look of simulate(traffic, 60, 60 + promised, random)) {
        const next = watch(state, look);
        state = next.state;
        if (next.verdict.kind === 'fail') {
          noticed++;
          break;
        }
      }
    }
    assert.ok(noticed >= 0.85 * runs, `${noticed} of ${runs} within ${promised} s at a rise of ${rise} ppm`);
  }
});
