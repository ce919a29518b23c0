import { type Bad, errorsOfStep, type Found, ofRunUp, ofStep, ofText, type Sides } from './found.ts';
import type { LatencyPolicy } from './guard.ts';
import { isShared, type Limit, limitThreshold } from './limit.ts';
import { amber, blindAfterS } from './rules.ts';
import type { GuardState, LatencyState } from './state.ts';
import { durationText, percentText, quantileText } from './wording.ts';

/** Whether the candidate's error rate breaks its absolute limit. */
export function judgeErrorLimit(state: GuardState): Found {
  const { maxPpm } = state.policy.errors;
  const text = (counts: Bad) =>
    `${state.compared.candidate} fails ${ofText(counts)} requests; the limit is ${percentText(maxPpm)}`;
  return judgeLimit(state, 'errors', state.errorLimit, maxPpm / 1e6, errorsOfStep(state), text);
}

/** Whether a quantile of the candidate's latency breaks its absolute limit; nothing without a limit. */
export function judgeLatencyLimit(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  const { maxMs, quantilePpm } = policy;
  if (maxMs === null) return [];
  const name = quantileText(quantilePpm);
  const allowed = `slower than ${durationText(maxMs)}; ${name} limit allows ${percentText(1e6 - quantilePpm)}`;
  const text = (counts: Bad) => `${state.compared.candidate} answers ${ofText(counts)} requests ${allowed}`;
  const counts = ofStep(l.slowC, state.traffic.nC, l.slowS, state.traffic.nS);
  return [judgeLimit(state, `latency-${name}`, l.limit, 1 - quantilePpm / 1e6, counts, text)];
}

function judgeLimit(
  state: GuardState,
  metric: string,
  limit: Limit,
  share: number,
  step: Sides,
  text: (counts: Bad) => string,
): Found {
  const log = limit.candidate.log;
  const over = log >= limitThreshold;
  const shared = over && isShared(limit, share, hasConcurrent(state));
  const doubt = log > amber || state.traffic.nC < state.policy.minRequests;
  const kind = over && !shared ? 'fail' : over || doubt ? 'undecided' : 'pass';
  const counts = over && limit.runUp.sinceMs !== null ? ofRunUp(limit.runUp) : step;
  const stable = state.compared.stable ?? 'stable';
  const too = counts.stable ? ` with ${ofText(counts.stable)}` : '';
  const sentence = text(counts.candidate) + (shared ? `; ${stable} breaks it too${too}, so a rollback cannot cure it` : '');
  return {
    verdict: { metric, test: 'limit', kind, sentence, ...counts, logEvidence: log, logThreshold: limitThreshold },
    sinceMs: limit.runUp.sinceMs,
  };
}

/** Stable has traffic beside the candidate, so that it would show a fault that both share. */
function hasConcurrent({ traffic, stableBusyAt, second }: GuardState): boolean {
  return traffic.weight < 99.9 && stableBusyAt !== null && (second ?? 0) - stableBusyAt < blindAfterS;
}
