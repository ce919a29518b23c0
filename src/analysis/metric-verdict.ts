import { judgeShares, withHistory } from './comparison-verdict.ts';
import { isDoubtful } from './doubt.ts';
import { type Found, ofRunUp, ofStep, weightOf } from './found.ts';
import { type Gauge, heldS } from './gauge.ts';
import type { MetricPolicy, VerdictKind } from './guard.ts';
import { judgeLimit, judgeWarning } from './limit-verdict.ts';
import type { Ratio } from './ratio.ts';
import { blindAfter, gaugeTier, sharedThreshold } from './rules.ts';
import type { LimitLevel, Said } from './said.ts';
import type { GuardState } from './state.ts';

/** Whether the candidate is worse in one of the user's own metrics. */
export function judgeMetrics(state: GuardState): Found[] {
  const members = state.metrics.filter(({ policy }) => policy.worseByPpm !== null).length;
  return state.metrics.flatMap((metric) =>
    metric.kind === 'ratio'
      ? judgeRatio(state, metric.ratio, metric.policy, members)
      : judgeGauge(state, metric.gauge, metric.policy, members),
  );
}

function judgeRatio(state: GuardState, r: Ratio, policy: Extract<MetricPolicy, { kind: 'ratio' }>, members: number): Found[] {
  const { name, maxPpm, warnPpm } = policy;
  const unread = judgeReading(state, name, r.at);
  const say =
    (limitPpm: number) =>
    (
      level: LimitLevel,
      candidate: { bad: number; n: number },
      shared: { stable: { bad: number; n: number } | null } | null,
    ): Said => ({
      kind: 'ratio-limit',
      name,
      level,
      limitPpm,
      candidate,
      shared,
    });
  const step = ofStep(r.badC, r.nC, r.badS, r.nS);
  const limits = [
    ...(r.limit && maxPpm !== null ? [judgeLimit(state, name, r.limit, maxPpm / 1e6, step, say(maxPpm))] : []),
    ...judgeWarning(name, r.warning, say(warnPpm ?? 0)),
  ];
  if (!r.comparison || state.kayenta) return [...unread, ...limits];
  const { log, threshold, runUp, alone } = judgeShares(state, r.comparison, members);
  const hit = log >= threshold;
  const doubt = isDoubtful(state, r.comparison.tiers[0]?.concurrent.log ?? 0);
  const speaks = (hit || doubt) && runUp.sinceMs !== null;
  const counts = speaks ? ofRunUp(runUp) : step;
  const { candidate, stable } = alone ? withHistory(counts, r.comparison) : counts;
  const weight = speaks ? weightOf(log, state, runUp.sinceMs) : null;
  const comparison: Found = {
    metric: name,
    test: 'comparison',
    kind: hit ? 'fail' : doubt ? 'undecided' : 'pass',
    said: { kind: 'ratio', name, candidate, stable, weight },
    candidate,
    stable,
    logEvidence: log,
    logThreshold: threshold,
    sinceMs: runUp.sinceMs,
  };
  return [...unread, comparison, ...limits];
}

function judgeGauge(state: GuardState, g: Gauge, policy: Extract<MetricPolicy, { kind: 'gauge' }>, members: number): Found[] {
  const { name, worseByPpm, forS } = policy;
  const unread = judgeReading(state, name, g.at);
  if (g.candidate === null) return unread;
  const found: Found[] = [...unread];
  const nothing = { candidate: { bad: 0, n: 0 }, stable: null };
  if (worseByPpm !== null && !state.kayenta) {
    const { log } = g.evidence;
    const threshold = sharedThreshold(gaugeTier.threshold, members);
    const hit = log >= threshold;
    const doubt = isDoubtful(state, log);
    const weight = (hit || doubt) && g.sinceMs !== null ? weightOf(log, state, g.sinceMs) : null;
    found.push({
      metric: name,
      test: 'comparison',
      kind: hit ? 'fail' : doubt ? 'undecided' : 'pass',
      said: { kind: 'gauge', name, candidate: g.candidate, stable: g.stable, beyond: g.beyond, of: g.trials, weight },
      candidate: { bad: g.beyond, n: g.trials },
      stable: null,
      logEvidence: log,
      logThreshold: threshold,
      sinceMs: g.sinceMs,
    });
  }
  for (const level of ['max', 'warn'] as const) {
    const limit = policy[level];
    if (limit === null) continue;
    const candidateS = heldS(g[level].candidate);
    const stableS = heldS(g[level].stable);
    const over = candidateS !== null && candidateS >= forS;
    const shared = over && stableS !== null && stableS >= forS;
    if (level === 'warn' && !over) continue;
    const value = g.candidate;
    found.push({
      metric: name,
      test: 'limit',
      kind: gaugeKind(level, over, shared),
      said: { kind: 'gauge-limit', name, level, limit, value, seconds: candidateS ?? 0, shared },
      ...nothing,
      logEvidence: null,
      logThreshold: null,
      sinceMs: over ? (g[level].candidate?.from ?? 0) * 1000 : null,
    });
  }
  return found;
}

function gaugeKind(level: LimitLevel, over: boolean, shared: boolean): VerdictKind {
  if (!over) return 'pass';
  if (level === 'max') return shared ? 'undecided' : 'fail';
  return shared ? 'pass' : 'undecided';
}

/** A metric that is asked for and cannot be read holds the release: nobody asked for a guess. */
function judgeReading(state: GuardState, name: string, at: number | null): Found[] {
  const now = state.second ?? 0;
  const silentS = now - (at ?? state.begunAt ?? now);
  // Sources of the user's own metrics are read less often than the router counts.
  const blindS = 3 * blindAfter(state.everyS);
  if (at !== null && silentS < blindS) return [];
  const isBlind = silentS >= blindS;
  return [
    {
      metric: name,
      test: 'data',
      kind: isBlind ? 'blind' : 'undecided',
      said: { kind: 'metric-unknown', name, silentS: at === null ? null : silentS },
      candidate: { bad: 0, n: 0 },
      stable: null,
      logEvidence: null,
      logThreshold: null,
      sinceMs: null,
    },
  ];
}
