import { type Comparison, type ComparisonRules, openComparison } from './comparison.ts';
import type { Compared, GuardPolicy } from './guard.ts';
import type { Edge, Shape } from './latency.ts';
import { noShape } from './latency.ts';
import { type Limit, noLimit } from './limit.ts';
import type { Proof } from './proof.ts';
import { noProof } from './proof.ts';
import { aloneTier, errorMargins, fineTier, grossTier, priorSteps } from './rules.ts';
import { noTraffic, type Traffic } from './traffic.ts';

/**
 * All that the guard knows: plain numbers, strings and arrays, so that it survives `JSON.stringify` and a restarted controller
 * goes on with the same evidence. At most 16 KiB per metric. Never changed in place; two states may share parts.
 */
export type GuardState = {
  readonly version: 1;
  readonly policy: GuardPolicy;
  readonly compared: Compared;
  /** Unix second of the newest sample; null before the first. */
  readonly second: number | null;
  /** The step of the newest sample. */
  readonly step: number | null;
  /** Unix second of the first candidate request or weight; null before. */
  readonly begunAt: number | null;
  /** Newest seconds in which the source had an answer for each version; null before. */
  readonly candidateAt: number | null;
  readonly stableAt: number | null;
  /** Newest second in which stable had a request. */
  readonly stableBusyAt: number | null;
  /** Some requests reach the candidate by header or cookie. */
  readonly matched: boolean;
  /** Prior mass of all starts so far: evidence that begins late is given it at once. */
  readonly priorSpent: number;
  /** Prior mass that is left for later steps. */
  readonly priorForSteps: number;
  /** Seconds of the step with traffic for the candidate, and seconds of it that were amber. */
  readonly servedS: number;
  readonly amberS: number;
  /** The newest sample fell in the warm-up of latency. */
  readonly warmingUp: boolean;
  readonly traffic: Traffic;
  readonly errors: Comparison;
  readonly errorLimit: Limit;
  /** Stable's latency until the edges are chosen; null afterwards, and where nothing is compared. */
  readonly shape: Shape | null;
  /** One per policy's latency entry, in its order. */
  readonly latency: readonly LatencyState[];
  readonly proof: Proof;
};

export type LatencyState = {
  /** null until stable has shown its distribution. */
  readonly edges: readonly Edge[] | null;
  /** Requests slower than the limit, on this step; 0 without a limit. */
  readonly slowC: number;
  readonly slowS: number;
  readonly limit: Limit;
};

/**
 * A guard that has seen nothing yet.
 *
 * @example openGuard({ errors: { worseByPpm: 5_000, maxPpm: 50_000 }, latency: [], minRequests: 100 }, { candidate: '1.1.0', stable: '1.0.0' })
 */
export function openGuard(policy: GuardPolicy, compared: Compared): GuardState {
  return {
    version: 1,
    policy,
    compared,
    second: null,
    step: null,
    begunAt: null,
    candidateAt: null,
    stableAt: null,
    stableBusyAt: null,
    matched: false,
    priorSpent: 0,
    priorForSteps: priorSteps,
    servedS: 0,
    amberS: 0,
    warmingUp: true,
    traffic: noTraffic,
    errors: openComparison(errorRules(policy)),
    errorLimit: noLimit,
    shape: policy.latency.some(({ worseByPpm }) => worseByPpm !== null) ? noShape : null,
    latency: policy.latency.map(() => ({ edges: null, slowC: 0, slowS: 0, limit: noLimit })),
    proof: noProof,
  };
}

/** The rules for errors that follow from the policy. */
export function errorRules(policy: GuardPolicy): ComparisonRules {
  const { fine, gross, alone } = errorMargins(policy.errors.worseByPpm);
  return {
    tiers: [
      { tier: fineTier, margin: fine },
      { tier: grossTier, margin: gross },
    ],
    alone: { grid: aloneTier.errors, margin: alone },
  };
}
