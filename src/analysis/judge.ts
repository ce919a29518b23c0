import { judgeErrors, judgeLatency } from './comparison-verdict.ts';
import { dataFound, judgeData } from './data-verdict.ts';
import { english } from './english.ts';
import { errorsOfStep, type Found } from './found.ts';
import type { MetricVerdict, Verdict, VerdictKind } from './guard.ts';
import { judgeKayenta, type KayentaState } from './kayenta/live.ts';
import { judgeErrorLimit, judgeLatencyLimit } from './limit-verdict.ts';
import { judgeMetrics } from './metric-verdict.ts';
import { isProven, proofThreshold } from './proof.ts';
import { amber, blindAfter } from './rules.ts';
import type { GuardState, MetricState } from './state.ts';

export type { Found } from './found.ts';

/** What the guard finds in what it knows, metric by metric; nothing before the candidate has had a request. */
export function find(state: GuardState): readonly Found[] {
  if (state.begunAt === null) return [];
  const { kayenta } = state;
  const found = [...(kayenta ? judgedByKayenta(state, kayenta) : judgeErrors(state)), ...judgeErrorLimit(state)];
  for (let i = 0; i < state.latency.length; i++) {
    const l = state.latency[i];
    const policy = state.policy.latency[i];
    if (!l || !policy) continue;
    if (!kayenta) found.push(...judgeLatency(state, l, policy));
    found.push(...judgeLatencyLimit(state, l, policy));
  }
  if (state.metrics.length > 0) found.push(...judgeMetrics(state));
  found.push(...judgeData(state));
  return found;
}

/** The worst of all metrics. */
export function kindOf(found: readonly Found[]): VerdictKind {
  return severity.find((one) => found.some(({ kind }) => kind === one)) ?? 'undecided';
}

/** Whether everything that the policy compares is compared, and proven to be good. */
export function isProvenGood(state: GuardState, kind: VerdictKind): boolean {
  if (kind !== 'pass' || state.kayenta) return false;
  const isFast = state.latency.every(
    ({ edges }, i) => state.policy.latency[i]?.worseByPpm === null || edges?.every(({ good }) => good >= proofThreshold),
  );
  return isFast && isProven(state.proof) && state.metrics.every(isMetricProven);
}

function isMetricProven(metric: MetricState): boolean {
  if (metric.policy.worseByPpm === null) return true;
  return metric.kind === 'ratio' ? isProven(metric.ratio.proof) : metric.gauge.good >= proofThreshold;
}

/** A verdict without its words. */
export type Judgement = Omit<Verdict, 'sentence' | 'metrics'> & { readonly metrics: readonly Omit<MetricVerdict, 'sentence'>[] };

/** What was found, with the metric that stands for all of it in words. */
export function verdictOf(state: GuardState, found: readonly Found[]): Verdict {
  const { kind, said, metrics, ...rest } = judgementOf(state, found);
  return {
    kind,
    sentence: english(said, state.compared),
    said,
    metrics: metrics.map((one) => ({ ...one, sentence: english(one.said, state.compared) })),
    ...rest,
  };
}

/** The same for those who see many thousand looks and put few of them into words: the words are most of its work. */
export function judgementOf(state: GuardState, found: readonly Found[]): Judgement {
  const kind = kindOf(found);
  const said = telling(found.filter((one) => one.kind === kind))?.said ?? { kind: 'no-request' };
  // A fault whose beginning left no trace in the run-ups hurts now at the latest.
  const nowMs = (state.second ?? 0) * 1000;
  const faultsMs = found.flatMap((one) => (one.kind === 'fail' ? [one.sinceMs ?? nowMs] : []));
  return {
    kind,
    said,
    metrics: found.map(({ sinceMs: _, ...one }) => one),
    faultAtMs: faultsMs.length > 0 ? Math.min(...faultsMs) : null,
    proven: isProvenGood(state, kind),
  };
}

/**
 * The verdict when nothing came: `blind` once the newest sample is 60 s old, or three readings of a source that is read seldom; null while it is fresh (the last verdict stands).
 *
 * @param nowSecond - Unix time in whole seconds.
 * @param sinceSecond - When the guard began to wait, for the case that no sample ever came.
 */
export function absence(state: GuardState, nowSecond: number, sinceSecond: number = nowSecond): Verdict | null {
  const seconds = nowSecond - (state.second ?? sinceSecond);
  if (seconds < blindAfter(state.everyS)) return null;
  return verdictOf(state, [dataFound(state, 'samples', 'blind', { kind: 'silent', seconds })]);
}

/** Kayenta's judgement of what the guard would have compared itself. */
function judgedByKayenta(state: GuardState, kayenta: KayentaState): Found[] {
  return judgeKayenta(kayenta).metrics.map(({ name, metric, kind, said, sinceMs }) => ({
    metric: name,
    test: 'comparison',
    kind,
    said: { kind: 'kayenta', said },
    ...(metric.kind === 'errors' ? errorsOfStep(state) : { candidate: { bad: 0, n: 0 }, stable: null }),
    logEvidence: null,
    logThreshold: null,
    sinceMs,
  }));
}

const severity: readonly VerdictKind[] = ['fail', 'blind', 'undecided', 'pass'];

/** The metric whose sentence stands for all of a kind: what speaks against the candidate, else why the data do not do. */
function telling(found: readonly Found[]): Found | undefined {
  return found.find(({ logEvidence }) => logEvidence !== null && logEvidence > amber) ?? found.find(isUnfit) ?? found[0];
}

/** Data that do not do, and limits above which people decide. */
function isUnfit({ test, kind, said }: Found): boolean {
  return kind !== 'pass' && (test === 'data' || ('level' in said && said.level === 'warn'));
}
