import { type Exceedance, exceedance } from '../exceedance.ts';
import type { GuardPolicy } from '../guard.ts';
import { type StepTraffic, shareAlone } from './compared.ts';

/** What a service gets now. */
export type ServiceTraffic = {
  /** Requests per second, ≥ 0. */
  readonly requestsPerSecond: number;
  /** Share of them that fails; null when unknown, which is taken as 0.1 %. */
  readonly errorPpm: number | null;
  /** Their latency, sparse as in `Counts.histogram`; empty when unknown. */
  readonly histogram: readonly number[];
  /** Seconds that one reading of the counts covers. Absent: 1, as with the built-in router. */
  readonly everyS?: number;
};

/** What is known before a release starts, about one of its steps. */
export type SightInput = {
  readonly traffic: ServiceTraffic;
  /** Candidate's share of the requests in percent, 0–100. */
  readonly weight: number;
  /** How long the step lasts at least. */
  readonly stepS: number;
  /** How many weights were in force before this one. */
  readonly stepsBefore: number;
  /** Stable's requests that the guard will remember when the step begins; null without a stable version. */
  readonly historyRequests: number | null;
  readonly policy: GuardPolicy;
};

/**
 * What the guard holds the candidate against: `stable` at the same time, or its `history` where it gets no traffic. On a `first`
 * release there is neither, and with `kayenta` another judge compares: then only absolute limits can be forecast.
 */
export type Basis = 'stable' | 'history' | 'first' | 'kayenta';

/** A step in the units of the statistics: shares are 0–1. */
export type Step = {
  readonly basis: Basis;
  readonly traffic: StepTraffic;
  readonly policy: GuardPolicy;
  readonly stableErrors: number;
  readonly latency: Exceedance;
};

/** Taken for a service whose errors nobody has counted yet: a usual objective is 99.9 %. */
export const assumedErrorPpm = 1000;

/** The step of an input with traffic and weight above 0. */
export function stepOf(input: SightInput): Step {
  const { policy, historyRequests, traffic, weight, stepsBefore } = input;
  const share = weight / 100;
  return {
    basis: basisOf(input),
    traffic: {
      requestsPerSecond: traffic.requestsPerSecond,
      share,
      historyRequests: historyRequests ?? 0,
      stepsBefore,
      everyS: traffic.everyS ?? 1,
    },
    policy,
    // A first version has no stable one to be worse than: its errors are counted from none.
    stableErrors: historyRequests === null ? 0 : (traffic.errorPpm ?? assumedErrorPpm) / 1e6,
    latency: exceedance(traffic.histogram),
  };
}

function basisOf({ historyRequests, policy, weight }: SightInput): Basis {
  if (historyRequests === null) return 'first';
  if (policy.judge !== undefined) return 'kayenta';
  return weight / 100 >= shareAlone ? 'history' : 'stable';
}
