import { differenceInterval, quantileInterval, type Share } from '../analysis/confidence.ts';
import type { GuardPolicy, LatencyPolicy, MetricPolicy, VerdictKind } from '../analysis/guard.ts';
import type { Judgement } from '../analysis/judge.ts';
import { addHistogram, noRequests, quantileMs } from '../analysis/quantile.ts';
import { errorMargins, warmUpS } from '../analysis/rules.ts';
import { bucketEdgeMs, type Counts, type Sample } from '../analysis/sample.ts';
import { quantileText } from '../analysis/wording.ts';

/**
 * What one metric has shown since the step began, ready to be drawn: nothing is left to calculate. Values are in `unit`: `share` of
 * requests (0–1), `ms`, or `own`, the unit of the user's gauge.
 */
export type SeriesMetric = {
  /** `errors`, `latency-p95`, or the user's own name. */
  readonly metric: string;
  readonly unit: 'share' | 'ms' | 'own';
  /**
   * First second (unix) that the values are about. They begin anew with each step, because another weight is another mix of requests
   * and of times; latency once more when its first minute is over, which the guard does not compare.
   */
  readonly since: number;
  /** Both versions over the seconds in which both were measured; null without requests. */
  readonly candidate: number | null;
  readonly stable: number | null;
  /** Candidate less stable; null where one of them is. */
  readonly difference: number | null;
  /**
   * Confidence sequence of the difference at 95 %: in 95 of 100 steps the true difference is within these at *every* point of the step.
   * null: not bounded on that side, or, for a gauge, not known, since its readings depend on each other.
   */
  readonly low: number | null;
  readonly high: number | null;
  /** The difference that is accepted now, and stable with it; null where nothing is compared. */
  readonly margin: number | null;
  readonly accepted: number | null;
  /** Highest accepted value of the candidate, whatever stable does; null: no limit. */
  readonly limit: number | null;
  /** What the guard says of it, the worse of comparison and limit; null when it says nothing. */
  readonly kind: VerdictKind | null;
  /** ln of the evidence that the candidate is beyond the margin, and where that fails; null where nothing is compared. */
  readonly logEvidence: number | null;
  readonly logThreshold: number | null;
  /** The same for the limit. */
  readonly limitLogEvidence: number | null;
  readonly limitLogThreshold: number | null;
};

/** Probability that an interval of a step is ever without the truth. */
const alpha = 0.05;
/** From this weight on nothing is left of stable to compare with; what it still answers are stragglers. */
const aloneWeight = 99.9;

type Sides<T> = { candidate: T; stable: T };
type Readings = { sum: number; n: number };

/** Counts of the step that is under way, per metric. */
export class StepMetrics {
  readonly #policy: GuardPolicy;
  readonly #hasStable: boolean;
  #step: number | null = null;
  #since = 0;
  #latencySince = 0;
  #servedS = 0;
  #errors = shares();
  #latency: Sides<number[]> = latencies();
  #latencyRequests = { candidate: { n: 0 }, stable: { n: 0 } };
  #own = new Map<string, Sides<Readings>>();

  /** @param hasStable - Whether there is a version to compare with. */
  constructor(policy: GuardPolicy, hasStable: boolean) {
    this.#policy = policy;
    this.#hasStable = hasStable;
  }

  /** Adds one second, of the plan's step that is in force. */
  add(step: number, sample: Sample): void {
    if (step !== this.#step) this.#restart(step, sample.second);
    const { candidate, stable, weight, second } = sample;
    // A second that only one of them was measured in would make the difference one between times.
    if (candidate === null || (this.#hasStable && stable === null)) return;
    const wasWarm = this.#servedS > warmUpS;
    if (weight > 0 || candidate.n > 0) this.#servedS += sample.seconds ?? 1;
    if (!wasWarm && this.#servedS > warmUpS) this.#restartLatency(second);
    this.#count('candidate', candidate);
    if (stable !== null && weight < aloneWeight) this.#count('stable', stable);
  }

  /** What they have shown so far, with what the guard says of it: errors, each quantile of the policy, the user's own. */
  read(verdict: Judgement): readonly SeriesMetric[] {
    return this.#metrics(verdict, { ...this.#seen(), latency: this.#latency });
  }

  /**
   * The same for whoever may never ask: the counts as they are now, and the intervals once they are wanted. Most seconds of a series are
   * within a point of several.
   */
  later(verdict: Judgement): Later<readonly SeriesMetric[]> {
    const seen = this.#seen();
    // An hour of them is kept, so they are packed.
    const candidate = Uint32Array.from(this.#latency.candidate);
    const stable = Uint32Array.from(this.#latency.stable);
    return once(() => this.#metrics(verdict, { ...seen, latency: { candidate: [...candidate], stable: [...stable] } }));
  }

  /** Names of the metrics of which both versions have shown something, so that there is a difference. */
  get compared(): readonly string[] {
    const { latency, metrics = [] } = this.#policy;
    const both = ({ candidate, stable }: Sides<{ readonly n: number }>): boolean => candidate.n > 0 && stable.n > 0;
    return [
      ...(both(this.#errors) ? ['errors'] : []),
      ...(both(this.#latencyRequests) ? latency.map(latencyName) : []),
      ...metrics.filter(({ name }) => both(this.#own.get(name) ?? shares())).map(({ name }) => name),
    ];
  }

  #seen(): Omit<SeenSoFar, 'latency'> {
    const own = new Map(
      [...this.#own].map(([name, { candidate, stable }]) => [name, { candidate: { ...candidate }, stable: { ...stable } }]),
    );
    return { since: this.#since, latencySince: this.#latencySince, errors: { ...this.#errors }, own };
  }

  #metrics(verdict: Judgement, seen: SeenSoFar): readonly SeriesMetric[] {
    const { errors, latency, metrics = [] } = this.#policy;
    const { since, latencySince } = seen;
    return [
      metricOf(verdict, {
        metric: 'errors',
        unit: 'share',
        since,
        ...shareValues(seen.errors),
        marginOf: shareMargin(errors.worseByPpm),
        limit: errors.maxPpm / 1e6,
      }),
      ...latency.map((policy) => metricOf(verdict, { since: latencySince, ...latencyValues(seen.latency, policy) })),
      ...metrics.map((policy) => metricOf(verdict, { since, ...ownValues(seen.own.get(policy.name), policy) })),
    ];
  }

  #restart(step: number, second: number): void {
    this.#step = step;
    this.#since = second;
    this.#servedS = 0;
    this.#errors = shares();
    this.#own = new Map();
    this.#restartLatency(second);
  }

  #restartLatency(second: number): void {
    this.#latencySince = second;
    this.#latency = latencies();
    this.#latencyRequests = { candidate: { n: 0 }, stable: { n: 0 } };
  }

  #count(side: 'candidate' | 'stable', { n, errors, histogram, metrics = {} }: Counts): void {
    const share = this.#errors[side];
    this.#errors[side] = { bad: share.bad + errors, n: share.n + n };
    addHistogram(this.#latency[side], histogram);
    for (let at = 1; at < histogram.length; at += 2) this.#latencyRequests[side].n += histogram[at] ?? 0;
    for (const { name } of this.#policy.metrics ?? []) {
      const reading = metrics[name];
      if (!reading) continue;
      const own = this.#own.get(name) ?? { candidate: { sum: 0, n: 0 }, stable: { sum: 0, n: 0 } };
      this.#own.set(name, own);
      own[side].sum += 'value' in reading ? reading.value : reading.bad;
      own[side].n += 'value' in reading ? 1 : reading.n;
    }
  }
}

/** What is worked out when it is asked for first. */
export type Later<T> = () => T;

function once<T extends object>(work: () => T): Later<T> {
  let todo: (() => T) | null = work;
  let done: T | null = null;
  return () => {
    // What it was worked out from is let go.
    if (todo) done = todo();
    todo = null;
    if (done === null) throw new Error('nothing was worked out');
    return done;
  };
}

/** All that the metrics of a moment are worked out from. */
type SeenSoFar = {
  readonly since: number;
  readonly latencySince: number;
  readonly errors: Sides<Share>;
  readonly latency: Sides<readonly number[]>;
  readonly own: ReadonlyMap<string, Sides<Readings>>;
};

/** What a metric knows by itself. */
type Values = Pick<SeriesMetric, 'metric' | 'unit' | 'since' | 'candidate' | 'stable' | 'low' | 'high' | 'limit'> & {
  /** The accepted difference from this value of stable; null: not compared. */
  readonly marginOf: ((stable: number) => number) | null;
};

function metricOf(verdict: Judgement, { marginOf, ...values }: Values): SeriesMetric {
  const { metric, candidate, stable } = values;
  const ofIt = verdict.metrics.filter((one) => one.metric === metric);
  const comparison = ofIt.find(({ test }) => test === 'comparison');
  const limit = ofIt.find(({ test }) => test === 'limit');
  const isCompared = candidate !== null && stable !== null;
  const margin = marginOf && stable !== null ? marginOf(stable) : null;
  return {
    ...values,
    candidate: rounded(candidate),
    stable: rounded(stable),
    difference: rounded(isCompared ? candidate - stable : null),
    low: rounded(isCompared ? values.low : null),
    high: rounded(isCompared ? values.high : null),
    margin: rounded(margin),
    accepted: rounded(margin === null || stable === null ? null : stable + margin),
    kind: seriousness.find((kind) => ofIt.some((one) => one.kind === kind)) ?? null,
    logEvidence: rounded(comparison?.logEvidence ?? null),
    logThreshold: rounded(comparison?.logThreshold ?? null),
    limitLogEvidence: rounded(limit?.logEvidence ?? null),
    limitLogThreshold: rounded(limit?.logThreshold ?? null),
  };
}

/** Worst first. */
const seriousness: readonly VerdictKind[] = ['fail', 'blind', 'undecided', 'pass'];

function shares(): Sides<Share> {
  return { candidate: { bad: 0, n: 0 }, stable: { bad: 0, n: 0 } };
}

function latencies(): Sides<number[]> {
  return { candidate: noRequests(), stable: noRequests() };
}

function shareValues({ candidate, stable }: Sides<Share>) {
  const of = ({ bad, n }: Share) => (n > 0 ? bad / n : null);
  return { candidate: of(candidate), stable: of(stable), ...differenceInterval(candidate, stable, alpha) };
}

function latencyValues({ candidate, stable }: Sides<readonly number[]>, policy: LatencyPolicy): Omit<Values, 'since'> {
  const { quantilePpm, worseByPpm, maxMs } = policy;
  const ours = quantileInterval(candidate, quantilePpm, alpha / 2, bucketEdgeMs);
  const theirs = quantileInterval(stable, quantilePpm, alpha / 2, bucketEdgeMs);
  return {
    metric: latencyName(policy),
    unit: 'ms',
    candidate: quantileMs(candidate, quantilePpm),
    stable: quantileMs(stable, quantilePpm),
    low: theirs.high === null ? null : ours.low - theirs.high,
    high: ours.high === null ? null : ours.high - theirs.low,
    marginOf: worseByPpm === null ? null : (value) => (value * worseByPpm) / 1e6,
    limit: maxMs,
  };
}

function latencyName({ quantilePpm }: LatencyPolicy): string {
  return `latency-${quantileText(quantilePpm)}`;
}

function ownValues(seen: Sides<Readings> | undefined, policy: MetricPolicy): Omit<Values, 'since'> {
  const { name: metric, worseByPpm } = policy;
  const mean = (readings?: Readings) => (readings && readings.n > 0 ? readings.sum / readings.n : null);
  const worseBy = worseByPpm === null ? null : worseByPpm / 1e6;
  if (policy.kind === 'gauge')
    return {
      metric,
      unit: 'own',
      candidate: mean(seen?.candidate),
      stable: mean(seen?.stable),
      low: null,
      high: null,
      marginOf: worseBy === null ? null : (value) => Math.abs(value) * worseBy,
      limit: policy.max,
    };
  const share = ({ sum, n }: Readings): Share => ({ bad: sum, n });
  return {
    metric,
    unit: 'share',
    ...shareValues(seen ? { candidate: share(seen.candidate), stable: share(seen.stable) } : shares()),
    marginOf: shareMargin(policy.worseByPpm),
    limit: policy.maxPpm === null ? null : policy.maxPpm / 1e6,
  };
}

/** What the guard accepts of a share above stable's: errors and the user's own ratios alike. */
function shareMargin(worseByPpm: number | null): Values['marginOf'] {
  if (worseByPpm === null) return null;
  const { factor, delta } = errorMargins(worseByPpm).fine;
  return (stable) => (factor - 1) * stable + delta;
}

/** Six digits are more than a chart can show, and half the length of an answer. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(6));
}
