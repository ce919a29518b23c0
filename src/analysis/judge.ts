import { type Comparison, pooledLog } from './comparison.ts';
import { meanLog } from './evidence.ts';
import type { LatencyPolicy, MetricVerdict, Verdict, VerdictKind } from './guard.ts';
import type { Edge } from './latency.ts';
import { isShared, type Limit, limitThreshold } from './limit.ts';
import { isProven } from './proof.ts';
import {
  aloneTier,
  amber,
  amberMaxS,
  blindAfterS,
  fineTier,
  grossTier,
  latencyTier,
  type Tier,
  trafficAfterS,
  trafficMin,
} from './rules.ts';
import type { RunUp } from './run-up.ts';
import { bucketEdgeMs } from './sample.ts';
import type { GuardState, LatencyState } from './state.ts';
import { shareThreshold } from './traffic.ts';
import { durationText, oddsText, percentText, quantileText, spanText, thousands } from './wording.ts';

/** What the guard says of what it knows. Pure; a restored state gives the same verdict. */
export function judge(state: GuardState): Verdict {
  if (state.begunAt === null) {
    return {
      kind: 'undecided',
      sentence: `${state.compared.candidate} has had no request yet`,
      metrics: [],
      faultAtMs: null,
      proven: false,
    };
  }
  const found = [
    compareErrors(state),
    limitErrors(state),
    ...state.latency.flatMap((l, i) => {
      const policy = state.policy.latency[i];
      return policy ? [...compareLatency(state, l, policy), ...limitLatency(state, l, policy)] : [];
    }),
    ...judgeData(state),
  ];
  const metrics = found.map(({ verdict }) => verdict);
  const kind = worst(metrics.map((metric) => metric.kind));
  const faults = found.flatMap(({ verdict, sinceMs }) => (verdict.kind === 'fail' && sinceMs !== null ? [sinceMs] : []));
  return {
    kind,
    sentence: (metrics.find((metric) => metric.kind === kind) ?? metrics[0])?.sentence ?? '',
    metrics,
    faultAtMs: faults.length > 0 ? Math.min(...faults) : null,
    proven:
      kind === 'pass' &&
      isProven(
        state.proof,
        state.latency.reduce((sum, l) => sum + (l.edges?.length ?? 0), 0),
      ),
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
  const metric = dataVerdict(state, 'samples', 'blind', sentence);
  return { kind: 'blind', sentence, metrics: [metric], faultAtMs: null, proven: false };
}

type Found = { readonly verdict: MetricVerdict; readonly sinceMs: number | null };

const severity: readonly VerdictKind[] = ['fail', 'blind', 'undecided', 'pass'];

function worst(kinds: readonly VerdictKind[]): VerdictKind {
  return severity.find((kind) => kinds.includes(kind)) ?? 'undecided';
}

/** Pooled history counts only as far as the concurrent stable agrees, so that a change of the times accuses nobody. */
function tierLog(tier: Tier, concurrent: number, pooled: number): number {
  return concurrent >= tier.agree ? Math.max(concurrent, pooled) : Math.min(concurrent, tier.threshold);
}

function compareErrors(state: GuardState): Found {
  const { errors, traffic, compared } = state;
  const tiers = [grossTier, fineTier].map((tier) => {
    const known = errors.tiers[tier === grossTier ? 1 : 0];
    return {
      threshold: tier.threshold,
      log: known ? tierLog(tier, known.concurrent.log, pooledLog(known, errors.history)) : 0,
      runUp: known?.runUp,
    };
  });
  const alone = { threshold: aloneTier.threshold, log: errors.alone.evidence.log, runUp: errors.alone.runUp };
  const hit = [...tiers, alone].find(({ log, threshold }) => log >= threshold);
  const fine = tiers[1] ?? alone;
  const isAlone = traffic.weight >= 99.9 || state.stableBusyAt === null;
  const shown = hit ?? (isAlone ? alone : fine);
  const doubt = (errors.tiers[0]?.concurrent.log ?? 0) > amber && state.amberS < amberMaxS;
  const kind = hit ? 'fail' : doubt || traffic.nC < state.policy.minRequests ? 'undecided' : 'pass';
  const counts =
    (hit || doubt) && shown.runUp && shown.runUp.sinceMs !== null
      ? ofRunUp(shown.runUp)
      : ofStep(traffic.errorsC, traffic.nC, traffic.errorsS, traffic.nS);
  const { candidate, stable } = withHistory(counts, errors, hit ? hit === alone : isAlone);
  const comparison =
    stable && stable.n > 0 && compared.stable !== null ? ` where ${compared.stable} fails ${ofText(stable)}` : '';
  const sentence = `${compared.candidate} fails ${ofText(candidate)} requests${comparison}${evidenceText(hit || doubt ? shown.log : null, state, shown.runUp)}`;
  return {
    verdict: {
      metric: 'errors',
      test: 'comparison',
      kind,
      sentence,
      candidate,
      stable,
      logEvidence: shown.log,
      logThreshold: shown.threshold,
    },
    sinceMs: shown.runUp?.sinceMs ?? null,
  };
}

function compareLatency(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  if (policy.worseByPpm === null) return [];
  const metric = `latency-${quantileText(policy.quantilePpm)}`;
  const { candidate: name, stable: other } = state.compared;
  const { traffic } = state;
  const enough = traffic.nC >= state.policy.minRequests;
  if (l.edges === null) {
    const sentence = `the latency of ${name} is not compared yet: ${state.warmingUp ? 'it is warming up' : 'too few stable requests to compare with'}`;
    const counts = { candidate: { bad: 0, n: traffic.nC }, stable: null, logEvidence: null, logThreshold: null };
    return [{ verdict: { metric, test: 'comparison', kind: enough ? 'pass' : 'undecided', sentence, ...counts }, sinceMs: null }];
  }
  const tiersOf = (edge: Edge) => edge.comparison.tiers[0];
  const concurrent = meanLog(l.edges.map((edge) => tiersOf(edge)?.concurrent.log ?? 0));
  const pooled = meanLog(
    l.edges.map((edge) => {
      const tier = tiersOf(edge);
      return tier ? pooledLog(tier, edge.comparison.history) : 0;
    }),
  );
  const aloneLog = meanLog(l.edges.map((edge) => edge.comparison.alone.evidence.log));
  const log = tierLog(latencyTier, concurrent, pooled);
  const isAlone = log < latencyTier.threshold && (aloneLog >= aloneTier.threshold || traffic.weight >= 99.9);
  const shown = isAlone ? { log: aloneLog, threshold: aloneTier.threshold } : { log, threshold: latencyTier.threshold };
  const hit = shown.log >= shown.threshold;
  const doubt = concurrent > amber && state.amberS < amberMaxS;
  const logOf = (edge: Edge) => (isAlone ? edge.comparison.alone.evidence.log : (tiersOf(edge)?.concurrent.log ?? 0));
  const edge = l.edges.reduce((best, other) => (logOf(other) > logOf(best) ? other : best));
  const runUp = isAlone ? edge.comparison.alone.runUp : tiersOf(edge)?.runUp;
  const kind = hit ? 'fail' : doubt || !enough ? 'undecided' : 'pass';
  const speaks = (hit || doubt) && runUp !== undefined && runUp.sinceMs !== null;
  const { candidate, stable } = withHistory(speaks ? ofRunUp(runUp) : ofStep(0, 0, 0, 0), edge.comparison, isAlone);
  const slower = `slower than ${durationText(bucketEdgeMs(edge.bucket))}`;
  const comparison = stable && stable.n > 0 && other !== null ? ` where ${other} answers ${ofText(stable)}` : '';
  const sentence = speaks
    ? `${name} answers ${ofText(candidate)} requests ${slower}${comparison}${evidenceText(shown.log, state, runUp)}`
    : `${name} is not slower than ${other ?? 'before'} by more than ${percentText(policy.worseByPpm)}, as far as ${thousands(traffic.nC)} requests show`;
  return [
    {
      verdict: {
        metric,
        test: 'comparison',
        kind,
        sentence,
        candidate,
        stable,
        logEvidence: shown.log,
        logThreshold: shown.threshold,
      },
      sinceMs: runUp?.sinceMs ?? null,
    },
  ];
}

function limitErrors(state: GuardState): Found {
  const { maxPpm } = state.policy.errors;
  const { candidate, stable } = ofStep(state.traffic.errorsC, state.traffic.nC, state.traffic.errorsS, state.traffic.nS);
  return judgeLimit(state, 'errors', state.errorLimit, maxPpm / 1e6, candidate, stable, (counts) => {
    return `${state.compared.candidate} fails ${ofText(counts)} requests; the limit is ${percentText(maxPpm)}`;
  });
}

function limitLatency(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  const { maxMs, quantilePpm } = policy;
  if (maxMs === null) return [];
  const name = quantileText(quantilePpm);
  const { candidate, stable } = ofStep(l.slowC, state.traffic.nC, l.slowS, state.traffic.nS);
  const found = judgeLimit(state, `latency-${name}`, l.limit, 1 - quantilePpm / 1e6, candidate, stable, (counts) => {
    const allowed = percentText(1e6 - quantilePpm);
    return `${state.compared.candidate} answers ${ofText(counts)} requests slower than ${durationText(maxMs)}; ${name} limit allows ${allowed}`;
  });
  return [found];
}

type Bad = { readonly bad: number; readonly n: number };

function judgeLimit(
  state: GuardState,
  metric: string,
  limit: Limit,
  share: number,
  candidate: Bad,
  stable: Bad | null,
  text: (counts: Bad) => string,
): Found {
  const log = limit.candidate.log;
  const over = log >= limitThreshold;
  const shared = over && isShared(limit, share);
  const enough = state.traffic.nC >= state.policy.minRequests;
  const kind = over ? (shared ? 'undecided' : 'fail') : !enough || log > amber ? 'undecided' : 'pass';
  const counts = over && limit.runUp.sinceMs !== null ? ofRunUp(limit.runUp) : { candidate, stable };
  const other = state.compared.stable;
  const cure = shared
    ? `; ${other ?? 'stable'} breaks it too${counts.stable ? ` with ${ofText(counts.stable)}` : ''}, so a rollback cannot cure it`
    : '';
  return {
    verdict: {
      metric,
      test: 'limit',
      kind,
      sentence: text(counts.candidate) + cure,
      ...counts,
      logEvidence: log,
      logThreshold: limitThreshold,
    },
    sinceMs: limit.runUp.sinceMs,
  };
}

function judgeData(state: GuardState): Found[] {
  const { traffic: t, compared, policy } = state;
  const name = compared.candidate;
  const second = state.second ?? 0;
  const noCandidateS = second - (state.candidateAt ?? state.begunAt ?? second);
  const noStableS = compared.stable === null || t.weight >= 99.9 ? 0 : second - (state.stableAt ?? state.begunAt ?? second);
  const samples: [VerdictKind, string] =
    noCandidateS >= blindAfterS
      ? ['blind', `no measurement of ${name} for ${spanText(noCandidateS)}`]
      : noStableS >= blindAfterS
        ? ['blind', `no measurement of ${compared.stable} for ${spanText(noStableS)}, so nothing to compare ${name} with`]
        : ['pass', 'measurements are fresh'];
  const traffic: [VerdictKind, string] =
    t.weightedS > trafficAfterS && t.nC < trafficMin
      ? ['blind', `${name} had ${thousands(t.nC)} requests in ${spanText(t.weightedS)}, too few to judge`]
      : t.nC < policy.minRequests
        ? ['undecided', `${name} had ${thousands(t.nC)} of the ${thousands(policy.minRequests)} requests that this step asks for`]
        : ['pass', `${name} had ${thousands(t.nC)} requests on this step`];
  const split = `${name} gets ${thousands(t.nC)} of ${thousands(t.nC + t.nS)} requests on this step where its weight is ${Number(t.weight.toFixed(2))} %`;
  const short = t.shortfall >= shareThreshold;
  const excess = t.excess >= shareThreshold && !state.matched;
  return [
    { verdict: dataVerdict(state, 'samples', ...samples), sinceMs: null },
    { verdict: dataVerdict(state, 'traffic', ...traffic), sinceMs: null },
    {
      verdict: dataVerdict(
        state,
        'share',
        short || excess ? 'blind' : 'pass',
        short ? `${split}: too few` : excess ? `${split}: too many` : split,
      ),
      sinceMs: null,
    },
  ];
}

function dataVerdict(state: GuardState, metric: string, kind: VerdictKind, sentence: string): MetricVerdict {
  const { candidate, stable } = ofStep(state.traffic.errorsC, state.traffic.nC, state.traffic.errorsS, state.traffic.nS);
  return { metric, test: 'data', kind, sentence, candidate, stable, logEvidence: null, logThreshold: null };
}

type Sides = { readonly candidate: Bad; readonly stable: Bad | null };

function ofRunUp(r: RunUp): Sides {
  return { candidate: { bad: r.badC, n: r.nC }, stable: r.nS > 0 ? { bad: r.badS, n: r.nS } : null };
}

function ofStep(badC: number, nC: number, badS: number, nS: number): Sides {
  return { candidate: { bad: badC, n: nC }, stable: nS > 0 ? { bad: badS, n: nS } : null };
}

/** Without a concurrent stable the comparison is with what stable did before. */
function withHistory(counts: Sides, comparison: Comparison, alone: boolean): Sides {
  const { bad, n } = comparison.history;
  return alone ? { candidate: counts.candidate, stable: n > 0 ? { bad, n } : null } : counts;
}

function ofText({ bad, n }: Bad): string {
  return `${thousands(bad)} of ${thousands(n)}`;
}

function evidenceText(log: number | null, state: GuardState, runUp: RunUp | undefined): string {
  if (log === null || state.second === null) return '';
  const after =
    runUp && runUp.sinceMs !== null ? ` after ${spanText(Math.max(1, state.second + 1 - Math.floor(runUp.sinceMs / 1000)))}` : '';
  return `; evidence ${oddsText(log)}${after}`;
}
