import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ComparisonRules, compare, observeStable, openComparison } from './comparison.ts';
import { english } from './english.ts';

import type { GuardPolicy, Look, Verdict } from './guard.ts';
import { aloneTier, fineTier } from './rules.ts';
import { bucketCount, type Counts, noCounts } from './sample.ts';
import { uniform } from './simulated-traffic.fixture.ts';
import { absence, type GuardState, openGuard, watch } from './watch.ts';

const names = { candidate: '1.1.0', stable: '1.0.0' };
const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000, warnPpm: 10_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000, warnMs: 1_000 }],
  metrics: [
    { kind: 'ratio', name: 'declined', worseByPpm: 10_000, maxPpm: 100_000, warnPpm: 50_000 },
    { kind: 'gauge', name: 'cpu', worseByPpm: 200_000, max: 95, warn: 80, forS: 30 },
  ],
  minRequests: 20,
};
const plain: GuardPolicy = { errors: { worseByPpm: 5_000, maxPpm: 50_000 }, latency: [], minRequests: 20 };
const start = 1_800_000_000;

function counts(n: number, errors = 0): Counts {
  return { n, errors, classes: errors > 0 ? { status: errors } : {}, histogram: n > 0 ? [36, n] : [], slower: [] };
}

function look(second: number, candidate: Counts | null, stable: Counts | null, weight = 10): Look {
  return { step: weight > 0 ? 0 : -1, sample: { second: start + second, edgesMs: [], weight, candidate, stable } };
}

function play(looks: Iterable<Look>, of: GuardPolicy = plain): { state: GuardState; verdict: Verdict; failedS: number | null } {
  let state = openGuard(of, names);
  let last: Verdict | null = null;
  for (const each of looks) {
    const { state: next, verdict } = watch(state, each);
    state = next;
    last = verdict;
    if (verdict.kind === 'fail') return { state, verdict, failedS: each.sample.second - start };
  }
  assert.ok(last);
  return { state, verdict: last, failedS: null };
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test('whatever a source sends, the guard answers, in finite numbers and whole sentences, and survives a restart', () => {
  const strange = fc.oneof(
    fc.integer({ min: 0, max: 2_000 }),
    fc.constantFrom(-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15, 0.5, Number.MAX_SAFE_INTEGER),
  );
  const bucket = fc.oneof(fc.integer({ min: 0, max: bucketCount - 1 }), fc.constantFrom(-1, bucketCount, 1e9));
  const side: fc.Arbitrary<Counts | null> = fc.option(
    fc.record({
      n: strange,
      errors: strange,
      classes: fc.constant({}),
      histogram: fc.array(fc.tuple(bucket, strange), { maxLength: 4 }).map((pairs) => pairs.flat()),
      slower: fc.array(strange, { maxLength: 2 }),
      metrics: fc.constantFrom<Counts['metrics'][]>(
        undefined,
        { declined: { bad: 3, n: 2 } },
        { declined: { bad: Number.NaN, n: 5 }, cpu: { value: Number.POSITIVE_INFINITY } },
        { declined: { value: 4 }, cpu: { bad: 1, n: 2 } },
        { declined: { bad: 1, n: 9 }, cpu: { value: 1e300 } },
      ),
    }) as fc.Arbitrary<Counts>,
  );
  const step = fc.record({
    skipS: fc.constantFrom(1, 1, 1, 0, -3, 15, 4_000),
    weight: fc.constantFrom(0, 10, 50, 100),
    candidate: side,
    stable: side,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = openGuard(policy, names);
      let second = start;
      for (const { skipS, weight, candidate, stable } of steps) {
        second += skipS;
        const next = watch(state, { step: weight, sample: { second, edgesMs: [2_000], weight, candidate, stable } });
        state = JSON.parse(JSON.stringify(next.state));
        assert.doesNotMatch(JSON.stringify(next.state), /null,null,null|NaN|Infinity/);
        for (const { said, logEvidence, sentence } of next.verdict.metrics) {
          assert.ok(logEvidence === null || Number.isFinite(logEvidence), sentence);
          assert.doesNotMatch(english(said, names), /undefined|NaN|Infinity/);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('classes that cannot be are no answer either', () => {
  const broken = { ...counts(10), classes: { status: Number.NaN, timeout: 1 } };
  const { state } = play([...range(60).map((s) => look(s, counts(10), counts(90))), look(60, broken, counts(90))]);
  assert.deepEqual(state.classes, []);
});

test('counters that were reset or went backwards are no answer, and accuse nobody', () => {
  const reset = { ...counts(10), n: -5_000 };
  const backwards = { ...counts(10), errors: 11 };
  const looks = range(120).map((s) => look(s, s % 10 === 5 ? reset : s % 10 === 7 ? backwards : counts(10), counts(90)));
  const { verdict, failedS } = play(looks);
  assert.equal(failedS, null);
  assert.equal(verdict.kind, 'pass');
});

test('counts that jump by what was missed meanwhile are what they are: many requests at once', () => {
  // Ten minutes of counts in one reading, as after a source was away.
  const jump: Look = { ...look(700, counts(6_000, 6), counts(54_000, 54)) };
  const looks = [...range(100).map((s) => look(s, counts(10), counts(90))), jump];
  assert.equal(play(looks).failedS, null);
});

test('repeated and late ticks change nothing', () => {
  const looks = range(60).map((s) => look(s, counts(10, s % 20 === 0 ? 1 : 0), counts(90)));
  const once = play(looks).state;
  const shuffled = looks.flatMap((each, i) => [each, each, looks[Math.max(0, i - 3)] ?? each]);
  assert.deepEqual(play(shuffled).state, once);
});

test('versions whose counts are a few seconds apart in a burst are not taken for different', () => {
  // The same burst of failures, which the source sees three seconds later for the candidate.
  const random = uniform(4);
  const draw = (n: number, share: number) => range(n).filter(() => random() < share).length;
  const burst = (second: number) => (second % 60 < 10 ? 0.03 : 0.002);
  const looks = range(900).map((s) => look(s, counts(10, draw(10, burst(s - 3))), counts(90, draw(90, burst(s)))));
  assert.equal(play(looks).failedS, null);
});

test('a stable that has never failed does not make a few failures a fault', () => {
  const looks = range(1_200).map((s) => look(s, counts(10, s % 300 === 150 ? 1 : 0), counts(90)));
  assert.equal(play(looks).failedS, null);
});

test('all requests failing on both sides hold, and take nobody back', () => {
  const { verdict, failedS } = play(range(300).map((s) => look(s, counts(10, 10), counts(90, 90))));
  assert.equal(failedS, null);
  assert.equal(verdict.kind, 'undecided');
  assert.match(verdict.sentence, /1\.0\.0 breaks it too/);
});

test('one request a minute is too few to judge, which is said and never promoted', () => {
  const looks = range(3_600).map((s) => look(s, s % 60 === 0 ? counts(1) : noCounts, s % 60 === 30 ? counts(1) : noCounts, 50));
  for (const upTo of [400, 900, 1_100]) assert.equal(play(looks.slice(0, upTo)).verdict.kind, 'blind');
  assert.match(play(looks.slice(0, 900)).verdict.sentence, /had \d+ requests in 15 min, too few to judge/);
});

test('a million requests a second are judged like any others', () => {
  const at = (errors: number) => (s: number) => look(s, counts(100_000, errors), counts(900_000, 900));
  assert.equal(play(range(120).map(at(100))).failedS, null);
  const { failedS } = play([...range(60).map(at(100)), ...range(30).map((s) => at(2_000)(60 + s))]);
  assert.ok(failedS !== null && failedS <= 66, `${failedS} s`);
});

test('no stable at the same time: history is compared with, and a fault is found without one', () => {
  const before = range(300).map((s) => look(s, noCounts, counts(100, s % 10 === 0 ? 1 : 0), 0));
  const after = (bad: number) => range(300).map((s) => look(300 + s, counts(100, s % 10 < bad ? 1 : 0), null, 100));
  assert.equal(play([...before, ...after(1)]).failedS, null);
  const { failedS } = play([...before, ...after(10)], { ...plain, errors: { worseByPpm: 1_000, maxPpm: 500_000 } });
  assert.ok(failedS !== null && failedS <= 400, `${failedS} s`);
});

test('a source that is read once a minute is not taken for silent between two readings', () => {
  const minutely = (second: number): Look => {
    const { sample, step } = look(second, counts(600, 1), counts(5_400, 9));
    return { step, sample: { ...sample, seconds: 60 } };
  };
  const { state, verdict } = play(range(10).map((i) => minutely(60 * i)));
  assert.equal(verdict.kind, 'pass');
  const newest = state.second ?? 0;
  assert.equal(absence(state, newest + 120), null);
  assert.equal(absence(state, newest + 180)?.kind, 'blind');
});

test('a fault in a sample of several seconds begins with its first second', () => {
  const at = (second: number, bad: number): Look => {
    const { sample, step } = look(second, counts(1_500, bad), counts(13_500, 13));
    return { step, sample: { ...sample, seconds: 15 } };
  };
  const looks = [...range(30).map((i) => at(15 * i, 1)), at(450, 400)];
  const { verdict, failedS } = play(looks, { ...plain, errors: { worseByPpm: 5_000, maxPpm: 900_000 } });
  assert.equal(failedS, 450);
  assert.equal(verdict.faultAtMs, (start + 436) * 1_000);
  assert.match(verdict.sentence, /after 15 s$/);
});

test('a lull of stable is not its end: the next time without it is judged by itself', () => {
  const beside = range(300).map((s) => look(s, counts(50), counts(50), 50));
  const lull = range(100).map((s) => look(300 + s, counts(50), noCounts, 50));
  const again = range(300).map((s) => look(400 + s, counts(50), counts(50), 50));
  const { state } = play([...beside, ...lull, ...again]);
  const { alone } = state.errors;
  assert.deepEqual([alone.seconds, alone.n, alone.dispersion, alone.evidence.unspent], [0, 0, null, 1]);
});

test('what weighs a sample does not depend on how it fell: luck gives no evidence on average', () => {
  const margin = { factor: 1.15, delta: 0 };
  const rules: ComparisonRules = { tiers: [{ tier: fineTier, margin }], alone: { grid: aloneTier.errors, margin } };
  const total = 80;
  const n = 1_000;
  // All ways in which 80 failures can fall at the margin, where stable has just begun a pair of samples with 20.
  const share = margin.factor / (1 + margin.factor);
  let chance = (1 - share) ** total;
  let mean = 0;
  for (let badC = 0; badC <= total; badC++) {
    const c = openComparison(rules);
    observeStable(c, 20, n, 1);
    const moment = { dtS: 1, mass: 0.5, fresh: true, newStep: false, skip: false, odds: 1 };
    compare(c, rules, { badC, nC: n, badS: total - badC, nS: n, sinceMs: 0 }, moment);
    mean += chance * Math.exp(c.tiers[0]?.concurrent.open[0] ?? 0);
    chance *= ((total - badC) / (badC + 1)) * (share / (1 - share));
  }
  assert.ok(mean <= 1 + 1e-9, String(mean));
});
