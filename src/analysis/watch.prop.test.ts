import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardPolicy, Look, Verdict } from './guard.ts';
import type { Counts } from './sample.ts';
import { type GuardState, openGuard, watch } from './watch.ts';

const names = { candidate: 'b', stable: 'a' };
const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 300 },
    { quantilePpm: 990_000, worseByPpm: null, maxMs: 1000 },
  ],
  minRequests: 20,
};

const counts: fc.Arbitrary<Counts> = fc
  .record({
    fast: fc.nat({ max: 60 }),
    middle: fc.nat({ max: 30 }),
    slow: fc.nat({ max: 12 }),
    failing: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ fast, middle, slow, failing }) => {
    const n = fast + middle + slow;
    const errors = Math.min(n, failing);
    const histogram = [fast > 0 ? [30, fast] : [], middle > 0 ? [37, middle] : [], slow > 0 ? [58, slow] : []].flat();
    return { n, errors, classes: { status: errors }, histogram, slower: [slow] };
  });

const sides = fc.option(counts, { freq: 8 });

/** Looks in order of time, with gaps, missing sides, any weight, and steps that begin now and then. */
const history: fc.Arbitrary<readonly Look[]> = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 200 })),
      weight: fc.constantFrom(0, 1, 10, 10, 50, 100),
      stepUp: fc.nat({ max: 12 }).map((n) => n === 0),
      stable: sides,
      candidate: sides,
      matched: fc.boolean(),
    }),
    { maxLength: 120 },
  )
  .map((raw) => {
    let second = 1000;
    let step = 0;
    return raw.map(({ gap, weight, stepUp, stable, candidate, matched }) => {
      second += gap;
      if (stepUp) step++;
      return { step, matched, sample: { second, edgesMs: [300], weight, stable, candidate } };
    });
  });

function verdicts(looks: readonly Look[], each: (state: GuardState) => GuardState = (state) => state): Verdict[] {
  let state = openGuard(policy, names);
  return looks.map((look) => {
    const next = watch(each(state), look);
    state = next.state;
    return next.verdict;
  });
}

test('a state that is passed in stays as it is', () => {
  fc.assert(
    fc.property(history, (looks) => {
      verdicts(looks, (state) => frozen(state));
    }),
    { numRuns: 60 },
  );
});

test('written down and read back at any point, the guard says the same', () => {
  fc.assert(
    fc.property(history, (looks) => {
      const kept = verdicts(looks);
      assert.deepEqual(
        verdicts(looks, (state) => JSON.parse(JSON.stringify(state))),
        kept,
      );
    }),
    { numRuns: 60 },
  );
});

test('repeated and late seconds change nothing', () => {
  fc.assert(
    fc.property(history, fc.nat(), (looks, seed) => {
      let state = openGuard(policy, names);
      looks.forEach((look, i) => {
        const next = watch(state, look);
        const old = looks[seed % (i + 1)];
        assert.ok(old);
        const again = watch(next.state, old);
        assert.equal(again.state, next.state);
        assert.deepEqual(again.verdict, next.verdict);
        state = next.state;
      });
    }),
    { numRuns: 60 },
  );
});

test('numbers are finite, counts are never negative, and a metric fits in 16 KiB', () => {
  fc.assert(
    fc.property(history, (looks) => {
      let state = openGuard(policy, names);
      for (const look of looks) {
        const next = watch(state, look);
        state = next.state;
        for (const metric of next.verdict.metrics) {
          for (const side of [metric.candidate, metric.stable]) {
            if (side) assert.ok(side.bad >= 0 && side.n >= side.bad, JSON.stringify(metric));
          }
          assert.ok(metric.logEvidence === null || Number.isFinite(metric.logEvidence));
        }
        assert.ok(next.verdict.sentence.length > 0);
        assert.equal(next.verdict.kind === 'fail', next.verdict.faultAtMs !== null);
      }
      const text = JSON.stringify(state, (_, value) => {
        assert.ok(typeof value !== 'number' || Number.isFinite(value));
        return value;
      });
      assert.ok(!text.includes('null,null'));
      for (const part of [state.errors, state.errorLimit, state.shape, ...state.latency])
        assert.ok(JSON.stringify(part).length <= 16_384);
    }),
    { numRuns: 100 },
  );
});

test('the worst metric decides', () => {
  const order = ['fail', 'blind', 'undecided', 'pass'];
  fc.assert(
    fc.property(history, (looks) => {
      for (const verdict of verdicts(looks)) {
        const ranks = verdict.metrics.map((metric) => order.indexOf(metric.kind));
        if (ranks.length > 0) assert.equal(order.indexOf(verdict.kind), Math.min(...ranks));
      }
    }),
    { numRuns: 60 },
  );
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
