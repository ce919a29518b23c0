import type { KayentaPolicy } from '../../spec/types.ts';
import type { Compared, GuardPolicy, Look } from '../guard.ts';
import type { Label } from './classifier.ts';
import { kayentaJudge, type MetricPair } from './judge.ts';
import { addCounts, closedValue, noValue, type OpenValue } from './open-value.ts';
import { afterJudgement } from './run.ts';
import type { JudgedSeries, KayentaSaid } from './said.ts';
import { type KayentaMetric, type KayentaSeries, metricName, seriesOf, valuesMax } from './series.ts';
import { mean } from './statistics.ts';

/**
 * All that Kayenta's judge knows of a release: plain JSON, so that a restarted controller goes on with the same values. Bounded by
 * `valuesMax`. Never changed in place; two states may share parts.
 */
export type KayentaState = {
  readonly version: 1;
  readonly policy: KayentaPolicy;
  readonly candidate: string;
  readonly series: readonly KayentaSeries[];
  /** Unix second of the newest sample; null before the first. */
  readonly second: number | null;
  readonly step: number | null;
  /** The candidate had all of the traffic in the newest sample. */
  readonly alone: boolean;
  /** Seconds that counted: both versions could be met. */
  readonly countedS: number;
  /** Of these, those before the step began. */
  readonly stepFromS: number;
  readonly open: { readonly candidate: OpenValue; readonly stable: OpenValue };
  /** The newest judgement; null before the first. */
  readonly last: LastJudgement | null;
};

type LastJudgement = {
  /** 1 for the one after the first `everyS`. */
  readonly number: number;
  /** Counted seconds at which its newest value began. */
  readonly newestFromS: number;
  readonly score: number;
  readonly outcome: Outcome;
  /** In the order of the series. */
  readonly metrics: readonly JudgedSeries[];
};

type Outcome = (KayentaSaid & { kind: 'judged' })['outcome'];

/** What the judge says now, of the whole and of each metric. The worst of the metrics is always that of the whole. */
export type KayentaJudgement = {
  readonly kind: 'pass' | 'fail' | 'undecided';
  readonly said: KayentaSaid;
  /** In the order of the policy: errors, latency, metrics. */
  readonly metrics: readonly JudgedMetricNow[];
};

export type JudgedMetricNow = {
  /** As in `MetricVerdict.metric`: `errors`, `latency-p95`, or the name of the user's metric. */
  readonly name: string;
  readonly metric: KayentaMetric;
  readonly kind: KayentaJudgement['kind'];
  /** With the score of the whole and the means of this metric. */
  readonly said: KayentaSaid;
  /** On `fail`: unix milliseconds since when the candidate's values lie above stable's mean without a break; otherwise null. */
  readonly sinceMs: number | null;
};

/**
 * A judge that has seen nothing yet; null where the policy does not ask for it, or nothing runs to compare with.
 *
 * @example openKayenta({ ...policy, judge: { kind: 'kayenta', valueS: 60, everyS: 300, passMin: 95, marginalMin: 75 } }, names)
 */
export function openKayenta(policy: GuardPolicy, compared: Compared): KayentaState | null {
  if (policy.judge === undefined || compared.stable === null) return null;
  return {
    version: 1,
    policy: policy.judge,
    candidate: compared.candidate,
    series: seriesOf(policy),
    second: null,
    step: null,
    alone: false,
    countedS: 0,
    stepFromS: 0,
    open: { candidate: noValue, stable: noValue },
    last: null,
  };
}

/**
 * Adds a sample, and judges when `everyS` have passed. Only time counts in which both versions could be met: the candidate by weight
 * or by header or cookie, stable because it is not at 0. A sample belongs to the value in which it ends; time without samples gives
 * missing values.
 *
 * @param look - A second that is not newer than the last is ignored, as is everything after a judgement that failed.
 * @param seconds - What the sample covers, with the time since the one before; anything but a positive number counts as 1.
 */
export function addToKayenta(state: KayentaState, { sample, step, matched }: Look, seconds: number): KayentaState {
  if (!Number.isFinite(sample.second) || sample.second <= (state.second ?? -Infinity)) return state;
  if (state.last?.outcome === 'failed') return state;
  const alone = sample.weight >= 100;
  const stepFromS = step === state.step ? state.stepFromS : state.countedS;
  const now: KayentaState = { ...state, second: sample.second, step, alone, stepFromS };
  if (alone || !(sample.weight > 0 || matched === true)) return now;

  const { valueS } = state.policy;
  const countedS = state.countedS + (seconds >= 1 && Number.isFinite(seconds) ? Math.round(seconds) : 1);
  const index = Math.ceil(countedS / valueS) - 1;
  const skipped = index - Math.floor(state.countedS / valueS);
  let { series, open } = now;
  if (skipped > 0) {
    series = closed(series, open, skipped - 1);
    open = { candidate: noValue, stable: noValue };
  }
  const metrics = series.map(({ metric }) => metric);
  open = {
    candidate: addCounts(open.candidate, metrics, sample.candidate),
    stable: addCounts(open.stable, metrics, sample.stable),
  };
  if (countedS % valueS === 0) {
    series = closed(series, open, 0);
    open = { candidate: noValue, stable: noValue };
  }
  const after = { ...now, countedS, series, open };
  const number = Math.floor((Math.floor(countedS / valueS) * valueS) / state.policy.everyS);
  return number > (state.last?.number ?? 0) ? { ...after, last: judged(after, number) } : after;
}

/**
 * What follows from the newest judgement. `fail` for a score up to `marginalMin`; `pass` for one from `passMin` that was made of this
 * step, or before the candidate had all of the traffic; else `undecided`. Missing data hold a release and never take it back, though
 * Kayenta's score is 0 then.
 */
export function judgeKayenta(state: KayentaState): KayentaJudgement {
  const standing = standingOf(state);
  const kind = standing === 'passed' ? 'pass' : standing === 'failed' ? 'fail' : 'undecided';
  const judged = state.last?.metrics ?? [];
  const notable = judged.filter(({ label }) => label !== 'Pass');
  const against = judged.filter(({ label }) => speaksAgainst(label, standing));
  return {
    kind,
    said: saidOf(state, standing, notable.length > 0 ? notable : judged),
    metrics: state.series.map((series, index) => {
      const one = judged[index];
      // Where no single metric is the reason, all of them carry what holds for the whole.
      const own = against.length === 0 || one === undefined || against.includes(one) ? kind : 'pass';
      return {
        name: metricName(series.metric),
        metric: series.metric,
        kind: own,
        said: saidOf(state, standing, one ? [one] : []),
        sinceMs: own === 'fail' ? sinceMs(state, series, one) : null,
      };
    }),
  };
}

function speaksAgainst(label: Label, standing: Standing): boolean {
  if (standing === 'failed' || standing === 'marginal') return label === 'High';
  return standing === 'nodata' && label !== 'Pass';
}

type Standing = Outcome | 'waiting' | 'stale' | 'alone';

function standingOf({ last, alone, stepFromS }: KayentaState): Standing {
  if (last === null) return alone ? 'alone' : 'waiting';
  if (last.outcome === 'failed') return 'failed';
  // At 100 % no more judgements come, so the last one stands.
  if (alone) return last.outcome === 'passed' ? 'passed' : 'alone';
  return last.newestFromS < stepFromS ? 'stale' : last.outcome;
}

function saidOf(state: KayentaState, standing: Standing, metrics: readonly JudgedSeries[]): KayentaSaid {
  const { candidate, last, policy, alone } = state;
  const leftS = policy.everyS - (state.countedS % policy.everyS);
  if (last === null) return alone ? { kind: 'alone', candidate, last } : { kind: 'waiting', candidate, leftS };
  const { score, number, outcome } = last;
  if (standing === 'stale') return { kind: 'stale', candidate, score, number, leftS };
  if (alone && outcome !== 'failed') return { kind: 'alone', candidate, last: { score, number, passMin: policy.passMin } };
  return { kind: 'judged', candidate, outcome, score, number, passMin: policy.passMin, metrics };
}

function judged(state: KayentaState, number: number): LastJudgement {
  const { series, policy, countedS } = state;
  const thresholds = { passMin: policy.passMin, marginalMin: policy.marginalMin };
  // No weights: the groups that there are share the score evenly.
  const { score, override, metrics } = kayentaJudge(series.map(pairOf), { weights: {}, thresholds });
  return {
    number,
    newestFromS: (Math.floor(countedS / policy.valueS) - 1) * policy.valueS,
    score,
    outcome: override === 'nodata' ? 'nodata' : outcomeOf(score, thresholds),
    metrics: metrics.map(({ label, candidate, stable }, index) => ({
      metric: series[index]?.metric ?? { kind: 'errors' },
      label,
      candidate: candidate.count > 0 ? candidate.mean : null,
      stable: stable.count > 0 ? stable.mean : null,
    })),
  };
}

/** Any judgement may be the last before a step goes on, so each is asked both questions of a run. */
function outcomeOf(score: number, thresholds: Parameters<typeof afterJudgement>[2]): Outcome {
  if (afterJudgement(score, false, thresholds) === 'failed') return 'failed';
  return afterJudgement(score, true, thresholds) === 'passed' ? 'passed' : 'marginal';
}

function pairOf(series: KayentaSeries): MetricPair {
  const [candidate, stable] = [series.candidate, series.stable].map((values) => values.map((value) => value ?? Number.NaN));
  const allowedIncrease = allowedIncreaseOf(series);
  return {
    name: metricName(series.metric),
    // One failing group of three is two thirds of the score: at Kayenta's usual thresholds that fails, however many metrics there are.
    groups: [groups[series.metric.kind]],
    candidate: candidate ?? [],
    stable: stable ?? [],
    rule: {
      direction: 'increase',
      effect: { measure: 'meanRatio', allowedIncrease, allowedDecrease: 1, criticalIncrease: 1, criticalDecrease: 1 },
    },
  };
}

const groups = { errors: 'errors', latency: 'latency', ratio: 'metrics', gauge: 'metrics' } as const;

/**
 * The policy's margin as Kayenta's effect size. A margin in percentage points is a ratio of what stable does; where that is 0,
 * Kayenta knows no ratio and takes any significant rise for `High`.
 */
function allowedIncreaseOf({ metric, worseByPpm, stable }: KayentaSeries): number {
  if (metric.kind === 'latency' || metric.kind === 'gauge') return 1 + worseByPpm / 1e6;
  const share = mean(stable.filter((value) => value !== null));
  return share > 0 ? 1 + worseByPpm / 1e4 / share : 1;
}

/** Adds the open value and so many missing ones to each series, and lets go of the oldest. */
function closed(series: readonly KayentaSeries[], open: KayentaState['open'], missing: number): readonly KayentaSeries[] {
  const gap = new Array<null>(Math.min(missing, valuesMax)).fill(null);
  return series.map((one, index) => ({
    ...one,
    candidate: [...one.candidate, closedValue(open.candidate, one.metric, index), ...gap].slice(-valuesMax),
    stable: [...one.stable, closedValue(open.stable, one.metric, index), ...gap].slice(-valuesMax),
  }));
}

/**
 * The judge knows no beginning of a fault. The best guess at it is the value from which on the candidate's exceed stable's mean by
 * most in sum: a good value in between does not end a fault that fails now and then (the maximum of a CUSUM; Page 1954).
 */
function sinceMs({ second, policy }: KayentaState, { candidate }: KayentaSeries, one: JudgedSeries | undefined): number {
  const stable = one?.stable ?? 0;
  let sum = 0;
  let most = Number.NEGATIVE_INFINITY;
  let values = 1;
  for (let i = candidate.length - 1; i >= 0; i--) {
    const value = candidate[i];
    if (value === null || value === undefined) continue;
    sum += value - stable;
    if (sum <= most) continue;
    most = sum;
    values = candidate.length - i;
  }
  return ((second ?? 0) + 1 - values * policy.valueS) * 1000;
}
