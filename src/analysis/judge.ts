import { judgeErrors, judgeLatency } from './comparison-verdict.ts';
import { dataVerdict, judgeData } from './data-verdict.ts';
import type { MetricVerdict, Verdict, VerdictKind } from './guard.ts';
import { judgeErrorLimit, judgeLatencyLimit } from './limit-verdict.ts';
import { isProven } from './proof.ts';
import { amber, blindAfterS } from './rules.ts';
import type { GuardState } from './state.ts';
import { spanText } from './wording.ts';

/** What the guard says of what it knows: the worst of all metrics. Pure; a restored state gives the same verdict. */
export function judge(state: GuardState): Verdict {
  if (state.begunAt === null) {
    const sentence = `${state.compared.candidate} has had no request yet`;
    return { kind: 'undecided', sentence, metrics: [], faultAtMs: null, proven: false };
  }
  const found = [
    judgeErrors(state),
    judgeErrorLimit(state),
    ...state.latency.flatMap((l, i) => {
      const policy = state.policy.latency[i];
      return policy ? [...judgeLatency(state, l, policy), ...judgeLatencyLimit(state, l, policy)] : [];
    }),
    ...judgeData(state),
  ];
  const metrics = found.map(({ verdict }) => verdict);
  const kind = severity.find((one) => metrics.some((metric) => metric.kind === one)) ?? 'undecided';
  // A fault whose beginning left no trace in the run-ups hurts now at the latest.
  const nowMs = (state.second ?? 0) * 1000;
  const faultsMs = found.flatMap(({ verdict, sinceMs }) => (verdict.kind === 'fail' ? [sinceMs ?? nowMs] : []));
  return {
    kind,
    sentence: telling(metrics.filter((metric) => metric.kind === kind))?.sentence ?? '',
    metrics,
    faultAtMs: faultsMs.length > 0 ? Math.min(...faultsMs) : null,
    proven: kind === 'pass' && isProvenGood(state),
  };
}

/**
 * The verdict when nothing came: `blind` once the newest sample is 60 s old; null while it is fresh (the last verdict stands).
 *
 * @param nowSecond - Unix time in whole seconds.
 * @param sinceSecond - When the guard began to wait, for the case that no sample ever came.
 */
export function absence(state: GuardState, nowSecond: number, sinceSecond: number = nowSecond): Verdict | null {
  const silentS = nowSecond - (state.second ?? sinceSecond);
  if (silentS < blindAfterS) return null;
  const sentence = `no sample for ${spanText(silentS)}; nothing is known about ${state.compared.candidate}`;
  const metrics = [dataVerdict(state, 'samples', 'blind', sentence)];
  return { kind: 'blind', sentence, metrics, faultAtMs: null, proven: false };
}

const severity: readonly VerdictKind[] = ['fail', 'blind', 'undecided', 'pass'];

/** The metric whose sentence stands for all of a kind: what speaks against the candidate, else why the data do not do. */
function telling(metrics: readonly MetricVerdict[]): MetricVerdict | undefined {
  return metrics.find(({ logEvidence }) => logEvidence !== null && logEvidence > amber) ?? metrics.find(isUnfit) ?? metrics[0];
}

function isUnfit({ test, kind }: MetricVerdict): boolean {
  return test === 'data' && kind !== 'pass';
}

/** All that the policy compares must be compared, and proven. */
function isProvenGood(state: GuardState): boolean {
  const compared = state.latency.filter((_, i) => state.policy.latency[i]?.worseByPpm !== null);
  if (compared.some(({ edges }) => edges === null)) return false;
  return isProven(
    state.proof,
    compared.reduce((sum, { edges }) => sum + (edges?.length ?? 0), 0),
  );
}
