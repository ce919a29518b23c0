import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardPolicy, Look } from '../guard.ts';
import type { Counts, MetricReading } from '../sample.ts';
import { addToKayenta, judgeKayenta, type KayentaJudgement, type KayentaState, openKayenta } from './live.ts';
import { kayentaEnglish } from './said-english.ts';
import { kayentaRussian } from './said-russian.ts';

const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [
    { quantilePpm: 500_000, worseByPpm: 0, maxMs: 300 },
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: null },
  ],
  metrics: [
    { kind: 'ratio', name: 'declined', worseByPpm: 0, maxPpm: null, warnPpm: null },
    { kind: 'gauge', name: 'heap', worseByPpm: 100_000, max: null, warn: null, forS: 0 },
  ],
  judge: { kind: 'kayenta', valueS: 2, everyS: 10, passMin: 95, marginalMin: 60 },
  minRequests: 20,
};

/** Mostly what a source sends, now and then what none may. */
const number = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 50 }) },
  fc.constantFrom(Number.NaN, Infinity, -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER),
);
const reading: fc.Arbitrary<MetricReading> = fc.oneof(
  fc.record({ bad: number, n: number }),
  fc.record({ value: fc.oneof(number, fc.double()) }),
);
const counts: fc.Arbitrary<Counts> = fc.record({
  n: number,
  errors: number,
  classes: fc.constant({}),
  histogram: fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.nat({ max: 50 }), number, fc.integer({ min: 51, max: 99 }), number) },
    fc.array(number, { maxLength: 5 }),
  ),
  slower: fc.constant([]),
  metrics: fc.oneof(fc.constant({}), fc.record({ declined: reading, heap: reading }, { requiredKeys: [] })),
});
const sides = fc.option(counts, { freq: 6 });

const history: fc.Arbitrary<readonly { look: Look; seconds: number }[]> = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.integer({ min: -3, max: 400 })),
      seconds: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, number),
      weight: fc.oneof({ weight: 5, arbitrary: fc.constant(10) }, fc.constantFrom(0, 50, 99.9999, 100, Number.NaN)),
      stepUp: fc.nat({ max: 15 }).map((n) => n === 0),
      stable: sides,
      candidate: sides,
      matched: fc.boolean(),
    }),
    { maxLength: 100 },
  )
  .map((raw) => {
    let [second, step] = [1000, 0];
    return raw.map(({ gap, weight, stepUp, stable, candidate, matched, seconds }) => {
      second += gap;
      if (stepUp) step++;
      return { look: { step, matched, sample: { second, edgesMs: [], weight, stable, candidate } }, seconds };
    });
  });

function statesOf(
  looks: readonly { look: Look; seconds: number }[],
  each = (state: KayentaState) => state,
): { states: KayentaState[]; said: KayentaJudgement[] } {
  let state = openKayenta(policy, { candidate: 'b', stable: 'a' });
  assert(state);
  const states: KayentaState[] = [];
  for (const { look, seconds } of looks) {
    state = addToKayenta(each(state), look, seconds);
    states.push(state);
  }
  return { states, said: states.map(judgeKayenta) };
}

test('written down and read back at any point, it says the same, and no state is changed in place', () => {
  fc.assert(
    fc.property(history, (looks) => {
      const kept = statesOf(looks);
      const restored = statesOf(looks, (state) => frozen(JSON.parse(JSON.stringify(state))));
      assert.deepEqual(restored.states, kept.states);
      assert.deepEqual(restored.said, kept.said);
    }),
    { numRuns: 150 },
  );
});

test('whatever comes, the worst metric is what holds for the whole, numbers are finite and sentences whole', () => {
  const order = ['fail', 'undecided', 'pass'];
  fc.assert(
    fc.property(history, (looks) => {
      const { states, said } = statesOf(looks);
      for (const { kind, said: whole, metrics } of said) {
        assert.equal(metrics.length, 5);
        assert.equal(Math.min(...metrics.map((metric) => order.indexOf(metric.kind))), order.indexOf(kind));
        for (const one of metrics) assert.equal(one.sinceMs !== null, one.kind === 'fail');
        for (const what of [whole, ...metrics.map((metric) => metric.said)]) {
          for (const text of [kayentaEnglish(what), kayentaRussian(what)]) {
            assert.doesNotMatch(text, /undefined|null|NaN|Infinity|\[object/);
            assert.doesNotMatch(text, /: $| {2}/);
          }
        }
      }
      JSON.stringify(states.at(-1), (_, value) => {
        assert(typeof value !== 'number' || Number.isFinite(value));
        return value;
      });
    }),
    { numRuns: 150 },
  );
});

test('values are kept in pairs, and without time that counts there are none', () => {
  fc.assert(
    fc.property(history, (looks) => {
      for (const state of statesOf(looks).states) {
        for (const { candidate, stable } of state.series) {
          assert.equal(candidate.length, stable.length);
          assert.equal(candidate.length, Math.min(480, Math.floor(state.countedS / 2)));
        }
      }
    }),
    { numRuns: 100 },
  );
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
