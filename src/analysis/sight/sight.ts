import { errorSeconds } from './errors.ts';
import { isLatencyKnown, slowdownSeconds } from './latency.ts';
import { assumedErrorPpm, type Basis, type SightInput, stepOf } from './step.ts';

/** What of one measure is noticed with 95 % probability. */
export type Noticed = {
  /** Smallest rise that is noticed within the step; null when not even the largest is. */
  readonly smallestRisePpm: number | null;
  /** How long some rises take; null when they are not noticed within a day. */
  readonly noticedAfter: readonly { readonly risePpm: number; readonly seconds: number | null }[];
};

/** What the guard will notice on one step, as numbers; `english.ts` and `russian.ts` put them into words. */
export type Sight =
  /** Nobody asks for anything: there is nothing to see. */
  | { readonly kind: 'no-traffic' }
  | {
      readonly kind: 'forecast';
      readonly basis: Basis;
      /** Seconds of traffic between two judgements of another judge; null: the guard's own tests compare. */
      readonly judgedEveryS: number | null;
      readonly requestsPerSecond: number;
      /** In percent. */
      readonly weight: number;
      readonly stepS: number;
      /**
       * Rises of the share of failed requests: absolute; on a first release the share itself. `assumedPpm` stands in for stable's share
       * where that is unknown; above `limitPpm` the guard goes back whatever stable does.
       */
      readonly errors: Noticed & { readonly assumedPpm: number | null; readonly limitPpm: number };
      /** One per quantile that the policy compares. Rises of all latencies by the same factor: relative. */
      readonly latency: readonly LatencySight[];
    };

export type LatencySight = {
  readonly quantilePpm: number;
  /** Relative rise that the policy accepts: what is smaller is never noticed. */
  readonly acceptedPpm: number;
  /** null: too few requests were measured to know stable's latency. */
  readonly noticed: Noticed | null;
};

const errorRises = [10_000, 50_000, 200_000];
const latencyRises = [250_000, 500_000, 1_000_000];
/** Eleven times as slow: beyond that a rise is an outage, and limits and timeouts speak. */
const slowdownMax = 10_000_000;
const dayS = 86_400;

/**
 * What the guard can see on a step, before anything is risked: computed from the guard's own tests by the first passage of their
 * evidence (`passage.ts`), with the prior mass that a fault has which begins with the step. Roughness of the counts beyond that of
 * independent requests is unknown beforehand and taken as none.
 */
export function sight(input: SightInput): Sight {
  const { traffic, weight, stepS } = input;
  if (!(traffic.requestsPerSecond > 0) || !(weight > 0)) return { kind: 'no-traffic' };
  const step = stepOf(input);
  const most = Math.round(1e6 * (1 - step.stableErrors));
  const compared = step.policy.latency.filter(
    ({ worseByPpm }) => worseByPpm !== null && (step.basis === 'stable' || step.basis === 'history'),
  );
  return {
    kind: 'forecast',
    basis: step.basis,
    judgedEveryS: step.policy.judge?.everyS ?? null,
    requestsPerSecond: traffic.requestsPerSecond,
    weight,
    stepS,
    errors: {
      ...noticed((rise) => errorSeconds(step, rise), stepS, errorRises, most, 100),
      assumedPpm: traffic.errorPpm === null && input.historyRequests !== null ? assumedErrorPpm : null,
      limitPpm: input.policy.errors.maxPpm,
    },
    latency: compared.map((policy) => ({
      quantilePpm: policy.quantilePpm,
      acceptedPpm: policy.worseByPpm ?? 0,
      noticed: isLatencyKnown(step)
        ? noticed((rise) => slowdownSeconds(step, policy, rise), stepS, latencyRises, slowdownMax, 10_000)
        : null,
    })),
  };
}

function noticed(
  secondsTo: (risePpm: number) => number,
  stepS: number,
  rises: readonly number[],
  most: number,
  unit: number,
): Noticed {
  return {
    smallestRisePpm: smallestRise(secondsTo, stepS, most, unit),
    noticedAfter: rises.map((risePpm) => {
      const seconds = secondsTo(risePpm);
      return { risePpm, seconds: seconds <= dayS ? seconds : null };
    }),
  };
}

/**
 * Smallest rise that is noticed within a time, rounded up to whole units: more would promise what the formula does not know. null when
 * not even the largest is.
 */
export function smallestRise(secondsTo: (risePpm: number) => number, withinS: number, most: number, unit: number): number | null {
  if (secondsTo(most) > withinS) return null;
  let low = 0;
  let high = most;
  while (high - low > unit / 2) {
    const middle = (low + high) / 2;
    if (secondsTo(middle) <= withinS) high = middle;
    else low = middle;
  }
  return Math.min(most, Math.ceil(high / unit) * unit);
}
