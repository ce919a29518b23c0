import { errorsOfStep, type Found, ofRunUp, ofStep, type Sides } from './found.ts';
import type { LatencyPolicy } from './guard.ts';
import { isCommon, isShared, isUnclear, type Limit, limitThreshold } from './limit.ts';
import { amber, blindAfter } from './rules.ts';
import type { Bad, LimitLevel, Said, Shared } from './said.ts';
import type { GuardState, LatencyState } from './state.ts';
import { isWarningShared, type Warning } from './warning.ts';
import { quantileText } from './wording.ts';

/** How a limit puts its counts into words. */
type Say = (level: LimitLevel, candidate: Bad, shared: Shared | null) => Said;

/** Whether the candidate's error rate breaks its absolute limits. */
export function judgeErrorLimit(state: GuardState): Found[] {
  const { maxPpm, warnPpm } = state.policy.errors;
  const say =
    (limitPpm: number): Say =>
    (level, candidate, shared) => ({ kind: 'error-limit', level, limitPpm, candidate, shared });
  const counts = errorsOfStep(state);
  return [
    judgeLimit(state, 'errors', state.errorLimit, maxPpm / 1e6, counts, say(maxPpm)),
    ...judgeWarning('errors', state.errorWarning, say(warnPpm ?? 0)),
  ];
}

/** Whether a quantile of the candidate's latency breaks its absolute limits; nothing without any. */
export function judgeLatencyLimit(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  const { maxMs, warnMs, quantilePpm } = policy;
  const metric = `latency-${quantileText(quantilePpm)}`;
  const say =
    (limitMs: number): Say =>
    (level, candidate, shared) => ({
      kind: 'latency-limit',
      level,
      quantilePpm,
      limitMs,
      candidate,
      shared,
    });
  const counts = ofStep(l.slowC, state.traffic.nC, l.slowS, state.traffic.nS);
  return [
    ...(l.limit && maxMs !== null ? [judgeLimit(state, metric, l.limit, 1 - quantilePpm / 1e6, counts, say(maxMs))] : []),
    ...judgeWarning(metric, l.warning, say(warnMs ?? 0)),
  ];
}

/**
 * @param share - Highest accepted share of bad requests (0–1).
 * @param step - Counts of the step, shown while the limit is kept.
 */
export function judgeLimit(state: GuardState, metric: string, limit: Limit, share: number, step: Sides, say: Say): Found {
  const log = limit.candidate.log;
  const common = isCommon(limit);
  const over = common || log >= limitThreshold;
  const isAccompanied = hasConcurrent(state);
  const isBoth = common || (over && isShared(limit, share, isAccompanied, (state.second ?? 0) * 1000));
  const isClear = !isAccompanied || !isUnclear(limit);
  const doubt = log > amber || state.traffic.nC < state.policy.minRequests;
  const counts = over && limit.runUp.sinceMs !== null ? ofRunUp(limit.runUp) : step;
  return {
    metric,
    test: 'limit',
    kind: over && !isBoth && isClear ? 'fail' : over || doubt ? 'undecided' : 'pass',
    said: say('max', counts.candidate, isBoth ? { stable: counts.stable } : null),
    ...counts,
    logEvidence: log,
    logThreshold: limitThreshold,
    sinceMs: limit.runUp.sinceMs,
  };
}

/**
 * Above this limit people decide: the release stays where it is meanwhile. Nothing while it is kept. Where stable is above it as well
 * there is nothing to decide about this release.
 */
export function judgeWarning(metric: string, warning: Warning | null, say: Say): Found[] {
  if (!warning?.on) return [];
  const counts = ofRunUp(warning.runUp);
  const shared = isWarningShared(warning) ? { stable: counts.stable } : null;
  return [
    {
      metric,
      test: 'limit',
      kind: shared ? 'pass' : 'undecided',
      said: say('warn', counts.candidate, shared),
      ...counts,
      logEvidence: null,
      logThreshold: null,
      sinceMs: warning.runUp.sinceMs,
    },
  ];
}

/** Stable has traffic beside the candidate, so that it would show a fault that both share. */
function hasConcurrent({ traffic, stableBusyAt, second, everyS }: GuardState): boolean {
  return traffic.weight < 99.9 && stableBusyAt !== null && (second ?? 0) - stableBusyAt < blindAfter(everyS);
}
