import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy } from '../guard.ts';
import { bucketOf } from '../sample.ts';
import { errorSeconds } from './errors.ts';
import { slowdownSeconds, slowRequestsSeconds } from './latency.ts';
import { smallestRise } from './sight.ts';
import { type Fault, histogramOf, lognormal, mixed, secondsToFail } from './simulated-fault.fixture.ts';
import { type Step, stepOf } from './step.ts';

/*
 * The forecast is believed as far as it holds: the guard itself watches drawn counts with the smallest rise that is promised, and has to
 * notice it within the step in 95 % of the runs. It has to be a tight promise too: half of that rise must often go unnoticed.
 */
const runs = 80;
const runsOfHalf = 20;
/** Two standard deviations below 95 %. */
const noticedMin = 72;
const noticedHalfMax = 0.8;
const historyS = 300;

type Case = {
  readonly requestsPerSecond: number;
  readonly weight: number;
  readonly stepS: number;
  readonly stableErrors?: number;
  readonly worseByPpm?: number;
  readonly maxPpm?: number;
  /** Steps of two minutes at 10 % before the one with the fault. */
  readonly before?: number;
  readonly first?: boolean;
  /** Seconds between readings, as a source has them that is scraped. */
  readonly everyS?: number;
};

/** Two modes, as services have them that answer some requests from elsewhere. */
function latencyOf(times: number): number[] {
  return mixed(lognormal(60 * times, 0.45), lognormal(200 * times, 0.5), 0.05);
}
const latency = { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: null };
const slowFromMs = 500;
/** Requests that are slower than that, all of them. */
const slow = lognormal(900, 0.1);

/** A kind of fault: what is promised of it, and the counts that it makes. */
type Kind = {
  readonly most: number;
  readonly unit: number;
  readonly policy: (given: Case) => GuardPolicy;
  readonly secondsTo: (step: Step, risePpm: number) => number;
  readonly faultOf: (given: Case, rise: number) => Pick<Fault, 'errorsS' | 'errorsC' | 'latencyS' | 'latencyC'>;
};

const latencyPolicy = (): GuardPolicy => ({
  errors: { worseByPpm: 5_000, maxPpm: 1_000_000 },
  latency: [latency],
  minRequests: 20,
});
const errors: Kind = {
  most: 990_000,
  unit: 100,
  policy: ({ worseByPpm = 5_000, maxPpm = 1_000_000 }) => ({ errors: { worseByPpm, maxPpm }, latency: [], minRequests: 20 }),
  secondsTo: errorSeconds,
  faultOf: ({ stableErrors = 0.001, first }, rise) => {
    const errorsS = first ? 0 : stableErrors;
    return { errorsS, errorsC: errorsS + rise };
  },
};
const slowdown: Kind = {
  most: 10_000_000,
  unit: 10_000,
  policy: latencyPolicy,
  secondsTo: (step, rise) => slowdownSeconds(step, latency, rise),
  faultOf: (_, rise) => ({ errorsS: 0, errorsC: 0, latencyS: latencyOf(1), latencyC: latencyOf(1 + rise) }),
};
const ofThreeQuantiles: Kind = {
  ...slowdown,
  policy: () => ({
    ...latencyPolicy(),
    latency: [{ ...latency, quantilePpm: 500_000 }, latency, { ...latency, quantilePpm: 990_000 }],
  }),
};
const slowRequests: Kind = {
  most: 900_000,
  unit: 100,
  policy: latencyPolicy,
  secondsTo: (step, rise) => slowRequestsSeconds(step, slowFromMs, rise),
  faultOf: (_, rise) => {
    const usual = latencyOf(1);
    const already = usual.slice(bucketOf(slowFromMs) + 1).reduce((sum, share) => sum + share, 0);
    return { errorsS: 0, errorsC: 0, latencyS: usual, latencyC: mixed(usual, slow, rise / (1 - already)) };
  },
};

check('errors', errors, [
  { requestsPerSecond: 2, weight: 50, stepS: 300 },
  { requestsPerSecond: 20, weight: 5, stepS: 300 },
  { requestsPerSecond: 40, weight: 10, stepS: 60, stableErrors: 0.01 },
  { requestsPerSecond: 40, weight: 10, stepS: 300, before: 1 },
  { requestsPerSecond: 100, weight: 95, stepS: 120 },
  { requestsPerSecond: 100, weight: 50, stepS: 300, worseByPpm: 1_000 },
  { requestsPerSecond: 1_000, weight: 5, stepS: 120, stableErrors: 0.01, worseByPpm: 1_000 },
  { requestsPerSecond: 1_000, weight: 50, stepS: 30, before: 2 },
]);
check('errors that are read every 15 s', errors, [
  { requestsPerSecond: 20, weight: 20, stepS: 300, everyS: 15 },
  { requestsPerSecond: 200, weight: 50, stepS: 90, everyS: 15 },
  { requestsPerSecond: 200, weight: 100, stepS: 120, everyS: 15 },
  { requestsPerSecond: 10, weight: 100, stepS: 90, maxPpm: 50_000, everyS: 15 },
]);
check('errors without a concurrent stable', errors, [
  { requestsPerSecond: 2, weight: 100, stepS: 300 },
  { requestsPerSecond: 10, weight: 100, stepS: 300, stableErrors: 0.01 },
  { requestsPerSecond: 50, weight: 100, stepS: 600, stableErrors: 0.05 },
  { requestsPerSecond: 200, weight: 100, stepS: 120, before: 1 },
  { requestsPerSecond: 1_000, weight: 100, stepS: 60 },
]);
check('errors by the limit', errors, [
  { requestsPerSecond: 2, weight: 100, stepS: 300, maxPpm: 50_000, first: true },
  { requestsPerSecond: 100, weight: 100, stepS: 60, maxPpm: 50_000, first: true },
  { requestsPerSecond: 10, weight: 100, stepS: 15, maxPpm: 50_000 },
  { requestsPerSecond: 10, weight: 95, stepS: 30, maxPpm: 50_000 },
  { requestsPerSecond: 40, weight: 80, stepS: 20, maxPpm: 30_000 },
]);
check('answers that are all slower', slowdown, [
  { requestsPerSecond: 20, weight: 50, stepS: 150 },
  { requestsPerSecond: 40, weight: 10, stepS: 200 },
  { requestsPerSecond: 300, weight: 5, stepS: 120, before: 1 },
  { requestsPerSecond: 100, weight: 95, stepS: 150 },
  { requestsPerSecond: 20, weight: 100, stepS: 200 },
]);
check('answers that are all slower, read every 15 s', slowdown, [
  { requestsPerSecond: 40, weight: 20, stepS: 300, everyS: 15 },
  { requestsPerSecond: 200, weight: 50, stepS: 180, everyS: 15 },
]);
check('answers that are all slower, where three quantiles share what one alone is allowed', ofThreeQuantiles, [
  { requestsPerSecond: 20, weight: 50, stepS: 150 },
  { requestsPerSecond: 20, weight: 100, stepS: 150 },
]);
check('some answers that are slower than the objective', slowRequests, [
  { requestsPerSecond: 40, weight: 10, stepS: 150 },
  { requestsPerSecond: 200, weight: 50, stepS: 120 },
]);

function check(name: string, kind: Kind, cases: readonly Case[]): void {
  test(`what is promised of ${name} is kept, and no more than a little better`, () => {
    let kept = 0;
    let half = 0;
    for (const [i, given] of cases.entries()) {
      const rise = promised(kind, given);
      const what = `${JSON.stringify(given)}: a rise of ${(100 * rise).toFixed(2)} %`;
      const noticed = noticedOf(kind, given, rise, runs, 1_000 * i);
      assert.ok(noticed >= noticedMin, `${what} is noticed in ${noticed} of ${runs} runs`);
      const noticedHalf = noticedOf(kind, given, rise / 2, runsOfHalf, 1_000 * i + 500);
      assert.ok(noticedHalf <= noticedHalfMax * runsOfHalf, `half of ${what} is noticed in ${noticedHalf} of ${runsOfHalf} runs`);
      kept += noticed;
      half += noticedHalf;
    }
    assert.ok(kept >= 0.95 * runs * cases.length, `${kept} of ${runs * cases.length} runs keep the promise`);
    assert.ok(half <= 0.5 * runsOfHalf * cases.length, `${half} of ${runsOfHalf * cases.length} runs notice half of it`);
  });
}

/** The smallest rise that is promised within the step, as a share. */
function promised(kind: Kind, given: Case): number {
  const { requestsPerSecond, weight, stepS, before = 0, stableErrors = 0.001, first, everyS = 1 } = given;
  const step = stepOf({
    traffic: {
      requestsPerSecond,
      errorPpm: stableErrors * 1e6,
      histogram: histogramOf(latencyOf(1), historyS * requestsPerSecond),
      everyS,
    },
    weight,
    stepS,
    stepsBefore: before,
    historyRequests: first ? null : historyS * requestsPerSecond,
    policy: kind.policy(given),
  });
  const rise = smallestRise((risePpm) => kind.secondsTo(step, risePpm), stepS, kind.most, kind.unit);
  assert(rise !== null, `${JSON.stringify(given)}: nothing is promised`);
  return rise / 1e6;
}

function noticedOf(kind: Kind, given: Case, rise: number, count: number, seed: number): number {
  const { requestsPerSecond, weight, stepS, before = 0, first = false, everyS = 1 } = given;
  const steps = Array.from({ length: before }, () => ({ weight: 10, seconds: 120 }));
  const fault: Fault = { requestsPerSecond, weight, first, everyS, before: steps, ...kind.faultOf(given, rise) };
  let noticed = 0;
  for (let run = 0; run < count; run++) {
    const seconds = secondsToFail(kind.policy(given), fault, stepS, seed + run);
    // At 0 it was a false alarm, before there was anything to notice.
    if (seconds > 0 && seconds <= stepS) noticed++;
  }
  return noticed;
}
