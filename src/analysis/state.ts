import { type Comparison, type ComparisonRules, copyComparison, openComparison } from './comparison.ts';
import { copyGauge, type Gauge, openGauge } from './gauge.ts';
import type { Compared, GuardPolicy, MetricPolicy } from './guard.ts';
import { type KayentaState, openKayenta } from './kayenta/live.ts';
import { copyEdge, copyShape, type Edge, openShape, type Shape } from './latency.ts';
import { copyLimit, type Limit, openLimit } from './limit.ts';
import { copyProof, openProof, type Proof } from './proof.ts';
import { copyRatio, openRatio, type Ratio } from './ratio.ts';
import { aloneTier, errorMargins, fineTier, grossTier, priorSteps } from './rules.ts';
import type { ErrorClass } from './sample.ts';
import { openTraffic, type Traffic } from './traffic.ts';
import { copyWarning, openWarning, type Warning } from './warning.ts';

/**
 * All that the guard knows: plain numbers, strings and arrays, so that it survives `JSON.stringify` and a restarted controller
 * goes on with the same evidence. At most 16 KiB per metric. `take` changes it in place; `copyGuard` makes one to be changed apart.
 */
export type GuardState = {
  readonly version: 2;
  readonly policy: GuardPolicy;
  readonly compared: Compared;
  /** Unix second of the newest sample; null before the first. */
  second: number | null;
  /** Seconds that the newest sample said to cover, ≥ 1: how often the source is read. */
  everyS: number;
  /** The step of the newest sample. */
  step: number | null;
  /** Unix second of the first candidate request or weight; null before. */
  begunAt: number | null;
  /** Newest seconds in which the source had an answer for each version; null before. */
  candidateAt: number | null;
  stableAt: number | null;
  /** Newest second in which stable had a request. */
  stableBusyAt: number | null;
  /** Some requests reach the candidate by header or cookie. */
  matched: boolean;
  /** Prior mass of all starts so far: evidence that begins late is given it at once. */
  priorSpent: number;
  /** Prior mass that is left for later steps. */
  priorForSteps: number;
  /** Seconds of the step with traffic for the candidate, and seconds of it that were amber. */
  servedS: number;
  amberS: number;
  /** The newest sample fell in the warm-up of latency. */
  warmingUp: boolean;
  readonly traffic: Traffic;
  readonly errors: Comparison;
  /** The class of errors that was seen first; null before. */
  firstClass: ErrorClass | null;
  /** By class, from the moment on at which a second one was seen: before, the class is all errors. */
  classes: readonly ClassState[];
  readonly errorLimit: Limit;
  readonly errorWarning: Warning | null;
  /** Stable's latency until the edges are chosen; null afterwards, and where nothing is compared. */
  shape: Shape | null;
  /** One per policy's latency entry, in its order. */
  readonly latency: readonly LatencyState[];
  /** One per policy's metric, in its order. */
  readonly metrics: readonly MetricState[];
  readonly proof: Proof;
  /** Kayenta's judge in place of the comparisons; null where the policy does not ask for it. Replaced and never changed. */
  kayenta: KayentaState | null;
};

export type ClassState = { readonly errorClass: ErrorClass; readonly comparison: Comparison };

export type LatencyState = {
  /** null until stable has shown its distribution. */
  edges: readonly Edge[] | null;
  /** Requests slower than the limits, on this step; 0 without a limit. */
  slowC: number;
  slowS: number;
  warnC: number;
  warnS: number;
  readonly limit: Limit | null;
  readonly warning: Warning | null;
};

export type MetricState =
  | { readonly kind: 'ratio'; readonly ratio: Ratio; readonly policy: Extract<MetricPolicy, { kind: 'ratio' }> }
  | { readonly kind: 'gauge'; readonly gauge: Gauge; readonly policy: Extract<MetricPolicy, { kind: 'gauge' }> };

/**
 * A guard that has seen nothing yet.
 *
 * @example openGuard({ errors: { worseByPpm: 5_000, maxPpm: 50_000 }, latency: [], minRequests: 100 }, { candidate: '1.1.0', stable: '1.0.0' })
 */
export function openGuard(policy: GuardPolicy, compared: Compared): GuardState {
  return {
    version: 2,
    policy,
    compared,
    second: null,
    everyS: 1,
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
    traffic: openTraffic(),
    errors: openComparison(errorRules(policy.errors.worseByPpm)),
    firstClass: null,
    classes: [],
    errorLimit: openLimit(),
    errorWarning: typeof policy.errors.warnPpm === 'number' ? openWarning() : null,
    shape: policy.latency.some(({ worseByPpm }) => worseByPpm !== null) ? openShape() : null,
    latency: policy.latency.map(({ maxMs, warnMs }) => ({
      edges: null,
      slowC: 0,
      slowS: 0,
      warnC: 0,
      warnS: 0,
      limit: maxMs === null ? null : openLimit(),
      warning: typeof warnMs === 'number' ? openWarning() : null,
    })),
    metrics: (policy.metrics ?? []).map(
      (metric): MetricState =>
        metric.kind === 'ratio'
          ? { kind: 'ratio', policy: metric, ratio: openRatio(metric, errorRules(metric.worseByPpm ?? 0)) }
          : { kind: 'gauge', policy: metric, gauge: openGauge() },
    ),
    proof: openProof(),
    kayenta: openKayenta(policy, compared),
  };
}

/** The same guard, to be changed apart. */
export function copyGuard(state: GuardState): GuardState {
  return {
    ...state,
    traffic: { ...state.traffic },
    errors: copyComparison(state.errors),
    classes: state.classes.map(({ errorClass, comparison }) => ({ errorClass, comparison: copyComparison(comparison) })),
    errorLimit: copyLimit(state.errorLimit),
    errorWarning: state.errorWarning && copyWarning(state.errorWarning),
    shape: state.shape && copyShape(state.shape),
    latency: state.latency.map((l) => ({
      ...l,
      edges: l.edges?.map(copyEdge) ?? null,
      limit: l.limit && copyLimit(l.limit),
      warning: l.warning && copyWarning(l.warning),
    })),
    metrics: state.metrics.map((metric) =>
      metric.kind === 'ratio' ? { ...metric, ratio: copyRatio(metric.ratio) } : { ...metric, gauge: copyGauge(metric.gauge) },
    ),
    proof: copyProof(state.proof),
  };
}

/** The rules for errors, of all classes or of one, and for the user's own shares, that follow from the accepted rise. */
export function errorRules(worseByPpm: number): ComparisonRules {
  const { fine, gross, alone } = errorMargins(worseByPpm);
  return {
    tiers: [
      { tier: fineTier, margin: fine },
      { tier: grossTier, margin: gross },
    ],
    alone: { grid: aloneTier.errors, margin: alone },
  };
}
