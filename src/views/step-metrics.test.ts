import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { differenceInterval } from '../analysis/confidence.ts';
import type { GuardPolicy, MetricVerdict, Verdict } from '../analysis/guard.ts';
import { type Counts, noCounts, type Sample } from '../analysis/sample.ts';
import { type SeriesMetric, StepMetrics } from './step-metrics.ts';

const start = 1_800_000_000;
const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 },
    { quantilePpm: 990_000, worseByPpm: null, maxMs: null },
  ],
  metrics: [
    { kind: 'ratio', name: 'declined', worseByPpm: 20_000, maxPpm: null, warnPpm: null },
    { kind: 'gauge', name: 'queue', worseByPpm: 500_000, max: 40, warn: null, forS: 60 },
  ],
  minRequests: 20,
};
const silent: Verdict = { kind: 'undecided', sentence: '', said: { kind: 'no-request' }, metrics: [], faultAtMs: null };

function sample(second: number, candidate: Partial<Counts> | null, stable: Partial<Counts> | null, weight = 10): Sample {
  const counts = (given: Partial<Counts> | null): Counts | null => given && { ...noCounts, ...given };
  return { second: start + second, edgesMs: [], weight, stable: counts(stable), candidate: counts(candidate) };
}

function of(metrics: StepMetrics, name: string, verdict = silent): SeriesMetric {
  const found = metrics.read(verdict).find(({ metric }) => metric === name);
  assert(found);
  return found;
}

const near = (value: number | null, want: number): void =>
  assert(value !== null && Math.abs(value - want) <= 1e-5 * Math.abs(want), `${value}, not ${want}`);

test('shares are pooled over the step, with the interval, the margin and the limit of the policy', () => {
  const metrics = new StepMetrics(policy, true);
  for (let second = 0; second < 50; second += 1)
    metrics.add(1, sample(second, { n: 20, errors: second % 5 ? 0 : 2 }, { n: 180, errors: 1 }));
  const errors = of(metrics, 'errors');
  near(errors.candidate, 0.02);
  near(errors.stable, 1 / 180);
  near(errors.difference, 0.02 - 1 / 180);
  const { low, high } = differenceInterval({ bad: 20, n: 1_000 }, { bad: 50, n: 9_000 }, 0.05);
  near(errors.low, low);
  near(errors.high, high);
  // The guard takes 1.15 times stable's rate for equal, and 0.5 % more is what the policy accepts.
  near(errors.margin, 0.15 / 180 + 0.005);
  near(errors.accepted, 1.15 / 180 + 0.005);
  assert.deepEqual([errors.unit, errors.limit, errors.since], ['share', 0.05, start]);
});

test('latency is compared in milliseconds, between the edges of its buckets', () => {
  const metrics = new StepMetrics(policy, true);
  for (let second = 0; second < 40; second += 1)
    metrics.add(1, sample(second, { n: 100, histogram: [44, 100] }, { n: 100, histogram: [40, 100] }));
  const p95 = of(metrics, 'latency-p95');
  near(p95.stable, 10 ** (39.95 / 20));
  near(p95.candidate, 10 ** (43.95 / 20));
  near(p95.low, 10 ** (43 / 20) - 10 ** (40 / 20));
  near(p95.high, 10 ** (44 / 20) - 10 ** (39 / 20));
  near(p95.margin, 0.2 * 10 ** (39.95 / 20));
  near(p95.accepted, 1.2 * 10 ** (39.95 / 20));
  assert.deepEqual([p95.unit, p95.limit], ['ms', 2_000]);
  const p99 = of(metrics, 'latency-p99');
  assert.deepEqual([p99.margin, p99.accepted, p99.limit], [null, null, null]);
  assert(p99.low !== null && p99.low > 0);
});

test('a latency that nothing bounds has no upper end', () => {
  const metrics = new StepMetrics(policy, true);
  metrics.add(1, sample(0, { n: 3, histogram: [44, 3] }, { n: 3, histogram: [40, 3] }));
  const { difference, low, high } = of(metrics, 'latency-p95');
  assert(difference !== null && difference > 0);
  assert.deepEqual([low, high], [null, null]);
});

test('metrics of the user’s own come as shares and as means', () => {
  const metrics = new StepMetrics(policy, true);
  for (let second = 0; second < 30; second += 1) {
    const own = (bad: number, value: number) => ({ metrics: { declined: { bad, n: 10 }, queue: { value } } });
    metrics.add(1, sample(second, { n: 10, ...own(1, 30) }, { n: 90, ...own(0, 20 + (second % 2)) }));
  }
  const declined = of(metrics, 'declined');
  near(declined.difference, 0.1);
  assert(declined.low !== null && declined.low > 0 && declined.high !== null && declined.high < 0.25);
  assert.deepEqual([declined.margin, declined.limit], [0.02, null]);
  const queue = of(metrics, 'queue');
  assert.deepEqual([queue.unit, queue.candidate, queue.stable, queue.difference], ['own', 30, 20.5, 9.5]);
  assert.deepEqual([queue.low, queue.high, queue.margin, queue.limit], [null, null, 10.25, 40]);
});

test('each step begins anew, and latency once more after its first minute', () => {
  const metrics = new StepMetrics(policy, true);
  const slow = { n: 10, histogram: [60, 10] };
  const fast = { n: 10, histogram: [40, 10] };
  for (let second = 0; second < 60; second += 1) metrics.add(1, sample(second, slow, fast));
  assert.equal(of(metrics, 'latency-p95').since, start);
  for (let second = 60; second < 100; second += 1) metrics.add(1, sample(second, fast, fast));
  assert.equal(of(metrics, 'latency-p95').since, start + 60);
  assert.equal(of(metrics, 'latency-p95').difference, 0);
  assert.equal(of(metrics, 'errors').since, start);
  metrics.add(2, sample(100, { n: 5, errors: 1 }, { n: 5 }));
  assert.deepEqual([of(metrics, 'errors').since, of(metrics, 'errors').candidate], [start + 100, 0.2]);
});

test('only seconds in which both were measured count', () => {
  const metrics = new StepMetrics(policy, true);
  metrics.add(1, sample(0, { n: 10, errors: 5 }, null));
  metrics.add(1, sample(1, null, { n: 10, errors: 5 }));
  assert.equal(of(metrics, 'errors').candidate, null);
  metrics.add(1, sample(2, { n: 10 }, { n: 10 }));
  assert.deepEqual([of(metrics, 'errors').candidate, of(metrics, 'errors').stable], [0, 0]);
});

test('with all traffic on the candidate, or no stable at all, there is a value and no difference', () => {
  const full = new StepMetrics(policy, true);
  full.add(1, sample(0, { n: 100, errors: 1 }, { n: 2, errors: 2 }, 100));
  const first = new StepMetrics(policy, false);
  first.add(1, sample(0, { n: 100, errors: 1 }, null, 100));
  for (const metrics of [full, first]) {
    const { candidate, stable, difference, low, high, margin, accepted, limit } = of(metrics, 'errors');
    assert.deepEqual([candidate, limit], [0.01, 0.05]);
    assert.deepEqual([stable, difference, low, high, margin, accepted], [null, null, null, null, null, null]);
  }
});

test('what the guard says of a metric comes with it: the worse of its tests, and the evidence of both', () => {
  const metrics = new StepMetrics(policy, true);
  metrics.add(1, sample(0, { n: 10 }, { n: 10 }));
  const one = (test: MetricVerdict['test'], kind: MetricVerdict['kind'], logEvidence: number): MetricVerdict => ({
    metric: 'errors',
    test,
    kind,
    sentence: '',
    said: { kind: 'no-request' },
    candidate: { bad: 0, n: 10 },
    stable: { bad: 0, n: 10 },
    logEvidence,
    logThreshold: 4,
  });
  const verdict = { ...silent, metrics: [one('comparison', 'pass', -0.25), one('limit', 'fail', 7)] };
  const { kind, logEvidence, logThreshold, limitLogEvidence, limitLogThreshold } = of(metrics, 'errors', verdict);
  assert.deepEqual([kind, logEvidence, logThreshold, limitLogEvidence, limitLogThreshold], ['fail', -0.25, 4, 7, 4]);
  assert.equal(of(metrics, 'declined', verdict).kind, null);
});

test('what is worked out later is what was so then, whatever has come since, and names what has a difference', () => {
  const counts = fc.option(
    fc.record({ n: fc.nat(50), bucket: fc.nat(99), declined: fc.option(fc.nat(5)), queue: fc.option(fc.nat(50)) }),
  );
  const given = (one: { n: number; bucket: number; declined: number | null; queue: number | null } | null) =>
    one && {
      n: one.n,
      errors: Math.min(one.n, 1),
      histogram: one.n > 0 ? [one.bucket, one.n] : [],
      metrics: {
        ...(one.declined === null ? {} : { declined: { bad: one.declined, n: 5 } }),
        ...(one.queue === null ? {} : { queue: { value: one.queue } }),
      },
    };
  fc.assert(
    fc.property(
      fc.array(fc.record({ candidate: counts, stable: counts, step: fc.nat(1), weight: fc.constantFrom(0, 10, 100) }), {
        maxLength: 90,
      }),
      (seconds) => {
        const metrics = new StepMetrics(policy, true);
        const kept = seconds.map(({ candidate, stable, step, weight }, second) => {
          metrics.add(step, sample(second, given(candidate), given(stable), weight));
          const then = metrics.read(silent);
          const different = then.filter(({ difference }) => difference !== null).map(({ metric }) => metric);
          assert.deepEqual([...metrics.compared].sort(), different.sort());
          return { then, later: metrics.later(silent) };
        });
        for (const { then, later } of kept) assert.deepEqual(later(), then);
      },
    ),
    { numRuns: 50 },
  );
});
