import { type Exceedance, positionOf, positionShift, shareAbove } from '../exceedance.ts';
import type { LatencyPolicy } from '../guard.ts';
import { aloneLatencyFactor, aloneTier, latencyFactor, latencyTier, warmUpS } from '../rules.ts';
import { aloneSeconds, besideStableSeconds, readAfter, type StepTraffic } from './compared.ts';
import { limitSeconds } from './limited.ts';
import type { Step } from './step.ts';

/** The points of stable's distribution that the guard compares: those that so many times the quantile's share of requests exceed. */
const timesAllowed = [5, 2, 1, 0.2];
const shareMax = 0.5;
/** Farther than a factor e^1.2 it would be another point of the distribution. */
const farthestLog = 1.2;
/** Highest ratio of shares that a policy can make accepted. */
const factorMax = 10;
/** Fewer of stable's requests show no distribution. */
const knownFrom = 100;

/** Share of requests beyond a position, in stable and in a candidate with the fault. */
type Beyond = (position: number) => { readonly badC: number; readonly badS: number };

/**
 * Seconds, whole and ≥ 1, after which it is noticed by one quantile that everything has become slower by the same factor, with 95 %
 * probability; Infinity when that takes more than a day or never happens.
 *
 * @param risePpm - Relative rise of the latency: 500_000 is half as slow again. The candidate's share beyond a latency x is then
 *   stable's share beyond x/(1 + rise).
 */
export function slowdownSeconds(step: Step, policy: LatencyPolicy, risePpm: number): number {
  const shift = positionShift(risePpm / 1e6);
  return seconds(step, policy, (position) => ({
    badC: shareAbove(step.latency, position - shift),
    badS: shareAbove(step.latency, position),
  }));
}

/**
 * As `slowdownSeconds`, for some requests that become slower than a latency while the others stay as they are, by whichever quantile
 * notices it first.
 *
 * @param risePpm - Absolute rise of the share of requests that are slower.
 */
export function slowRequestsSeconds(step: Step, slowerThanMs: number, risePpm: number): number {
  const slow = positionOf(slowerThanMs);
  const moved = Math.min(1, risePpm / 1e6 / Math.max(1e-9, 1 - shareAbove(step.latency, slow)));
  const beyond: Beyond = (position) => {
    const badS = shareAbove(step.latency, position);
    return { badC: position <= slow ? badS + moved * (1 - badS) : badS, badS };
  };
  return Math.min(...step.policy.latency.map((policy) => seconds(step, policy, beyond)), Number.POSITIVE_INFINITY);
}

/** Whether enough of stable's requests were measured to say anything about its latency. */
export function isLatencyKnown({ latency }: Step): boolean {
  return latency.n >= knownFrom && latency.points.length > 0;
}

function seconds(step: Step, policy: LatencyPolicy, beyond: Beyond): number {
  if (!isLatencyKnown(step)) return Number.POSITIVE_INFINITY;
  const shownAfter = Math.min(comparedSeconds(step, policy, beyond), overLimitSeconds(step, policy, beyond));
  return readAfter(shownAfter, step.traffic);
}

function overLimitSeconds({ traffic }: Step, { quantilePpm, maxMs }: LatencyPolicy, beyond: Beyond): number {
  if (maxMs === null) return Number.POSITIVE_INFINITY;
  const { badC, badS } = beyond(positionOf(maxMs));
  return limitSeconds(1 - quantilePpm / 1e6, badC, badS, traffic);
}

function comparedSeconds({ basis, latency, traffic, policy: all }: Step, policy: LatencyPolicy, beyond: Beyond): number {
  const { worseByPpm, quantilePpm } = policy;
  if (worseByPpm === null || basis === 'first' || basis === 'kayenta') return Number.POSITIVE_INFINITY;
  const alone = basis === 'history';
  const faults = edgesOf(latency, quantilePpm).map((bucket) => {
    const { badC, badS } = beyond(bucket);
    // What is accepted as slower may exceed the edge, and a ratio that two equal versions differ by in any case.
    const accepted = shareAbove(latency, bucket - positionShift(worseByPpm / 1e6)) / badS;
    const factor = Math.min(factorMax, Math.max(latencyFactor, accepted));
    return { badC, badS, margin: { factor: alone ? Math.max(aloneLatencyFactor, factor) : factor, delta: 0 } };
  });
  if (faults.length === 0) return Number.POSITIVE_INFINITY;
  const members = all.latency.filter((one) => one.worseByPpm !== null).length;
  const found = alone
    ? aloneSeconds(aloneTier.latency, faults, traffic, members)
    : besideStableSeconds(latencyTier, faults, traffic, members);
  return Math.max(warmUpS, Math.ceil(shownAfterS(traffic))) + found;
}

/** When stable has shown its distribution to a guard that remembers this much of it. */
function shownAfterS({ historyRequests, requestsPerSecond, share }: StepTraffic): number {
  const missing = Math.max(0, knownFrom - historyRequests);
  return missing === 0 ? 0 : missing / (requestsPerSecond * Math.max(0, 1 - share));
}

function edgesOf({ points }: Exceedance, quantilePpm: number): number[] {
  const edges = timesAllowed.flatMap((times) => {
    const wanted = Math.min(shareMax, times * (1 - quantilePpm / 1e6));
    let nearest: number | null = null;
    let distance = farthestLog;
    for (const { bucket, share } of points) {
      const away = Math.abs(Math.log(share / wanted));
      if (share > shareMax || away >= distance) continue;
      distance = away;
      nearest = bucket;
    }
    return nearest === null ? [] : [nearest];
  });
  return [...new Set(edges)];
}
