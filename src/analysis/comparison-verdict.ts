import { type Comparison, pooledLog, type TierState } from './comparison.ts';
import { meanLog } from './evidence.ts';
import { errorsOfStep, evidenceText, type Found, ofRunUp, ofStep, ofText, type Sides } from './found.ts';
import type { LatencyPolicy } from './guard.ts';
import type { Edge } from './latency.ts';
import { aloneTier, amber, amberMaxS, fineTier, grossTier, latencyTier, type Tier } from './rules.ts';
import { likeliest, type RunUp } from './run-up.ts';
import { bucketEdgeMs } from './sample.ts';
import type { GuardState, LatencyState } from './state.ts';
import { durationText, percentText, quantileText, thousands } from './wording.ts';

/** One way to compare, with its evidence so far. */
type Judged = { readonly threshold: number; readonly log: number; readonly runUp: RunUp; readonly alone: boolean };

/** Whether the candidate fails more than stable. */
export function judgeErrors(state: GuardState): Found {
  const { errors, traffic, compared } = state;
  const judged = (tier: Tier, known: TierState | undefined): Judged[] => {
    if (!known) return [];
    const log = tierLog(tier, known.concurrent.log, pooledLog(known, errors.history));
    return [{ threshold: tier.threshold, log, runUp: likeliest(known.runUps), alone: false }];
  };
  const fine = judged(fineTier, errors.tiers[0]);
  const alone: Judged = {
    threshold: aloneTier.threshold,
    log: errors.alone.evidence.log,
    runUp: errors.alone.runUp,
    alone: true,
  };
  const hit = [...judged(grossTier, errors.tiers[1]), ...fine, alone].find(({ log, threshold }) => log >= threshold);
  const shown = hit ?? (isAlone(state) ? alone : (fine[0] ?? alone));
  const doubt = isDoubtful(state, errors.tiers[0]?.concurrent.log ?? 0);
  const speaks = (hit !== undefined || doubt) && shown.runUp.sinceMs !== null;
  const counts = speaks ? ofRunUp(shown.runUp) : errorsOfStep(state);
  const { candidate, stable } = shown.alone ? withHistory(counts, errors) : counts;
  const others = stable !== null && compared.stable !== null ? ` where ${compared.stable} fails ${ofText(stable)}` : '';
  const evidence = speaks ? evidenceText(shown.log, state, shown.runUp.sinceMs) : '';
  return {
    verdict: {
      metric: 'errors',
      test: 'comparison',
      kind: hit ? 'fail' : doubt || traffic.nC < state.policy.minRequests ? 'undecided' : 'pass',
      sentence: `${compared.candidate} fails ${ofText(candidate)} requests${others}${evidence}`,
      candidate,
      stable,
      logEvidence: shown.log,
      logThreshold: shown.threshold,
    },
    sinceMs: shown.runUp.sinceMs,
  };
}

/** Whether the candidate is slower than stable; nothing where the policy does not compare. */
export function judgeLatency(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  if (policy.worseByPpm === null) return [];
  const metric = `latency-${quantileText(policy.quantilePpm)}`;
  const enough = state.traffic.nC >= state.policy.minRequests;
  if (l.edges === null) {
    const why = state.warmingUp ? 'it is warming up' : 'too few stable requests to compare with';
    const sentence = `the latency of ${state.compared.candidate} is not compared yet: ${why}`;
    const counts = { candidate: { bad: 0, n: state.traffic.nC }, stable: null, logEvidence: null, logThreshold: null };
    return [{ verdict: { metric, test: 'comparison', kind: enough ? 'pass' : 'undecided', sentence, ...counts }, sinceMs: null }];
  }
  const concurrent = meanLog(l.edges.map((edge) => tierOf(edge)?.concurrent.log ?? 0));
  const { log, threshold, edge, runUp, alone } = judgeEdges(state, l.edges, concurrent);
  const hit = log >= threshold;
  const doubt = isDoubtful(state, concurrent);
  const speaks = (hit || doubt) && runUp.sinceMs !== null;
  const counts = speaks ? ofRunUp(runUp) : ofStep(0, 0, 0, 0);
  const { candidate, stable } = alone ? withHistory(counts, edge.comparison) : counts;
  const { candidate: name, stable: other } = state.compared;
  const others = stable !== null && other !== null ? ` where ${other} answers ${ofText(stable)}` : '';
  const slower = `slower than ${durationText(bucketEdgeMs(edge.bucket))}`;
  const fine = `${name} is not slower than ${other ?? 'before'} by more than ${percentText(policy.worseByPpm)}`;
  const sentence = speaks
    ? `${name} answers ${ofText(candidate)} requests ${slower}${others}${evidenceText(log, state, runUp.sinceMs)}`
    : `${fine}, as far as ${thousands(state.traffic.nC)} requests show`;
  const kind = hit ? 'fail' : doubt || !enough ? 'undecided' : 'pass';
  return [
    {
      verdict: { metric, test: 'comparison', kind, sentence, candidate, stable, logEvidence: log, logThreshold: threshold },
      sinceMs: runUp.sinceMs,
    },
  ];
}

/** The evidence of all edges together, and the edge that says most. */
function judgeEdges(state: GuardState, edges: readonly Edge[], concurrent: number): Judged & { readonly edge: Edge } {
  const pooled = meanLog(
    edges.map((edge) => {
      const tier = tierOf(edge);
      return tier ? pooledLog(tier, edge.comparison.history) : 0;
    }),
  );
  const aloneLog = meanLog(edges.map((edge) => edge.comparison.alone.evidence.log));
  const log = tierLog(latencyTier, concurrent, pooled);
  const alone = log < latencyTier.threshold && (aloneLog >= aloneTier.threshold || isAlone(state));
  const logOf = (edge: Edge) => (alone ? edge.comparison.alone.evidence.log : (tierOf(edge)?.concurrent.log ?? 0));
  const edge = edges.reduce((best, other) => (logOf(other) > logOf(best) ? other : best));
  if (alone) return { log: aloneLog, threshold: aloneTier.threshold, edge, runUp: edge.comparison.alone.runUp, alone };
  return { log, threshold: latencyTier.threshold, edge, runUp: likeliest(tierOf(edge)?.runUps ?? []), alone };
}

function tierOf(edge: Edge): TierState | undefined {
  return edge.comparison.tiers[0];
}

/** Pooled history counts only as far as the concurrent stable agrees, so that a change of the times accuses nobody. */
function tierLog(tier: Tier, concurrent: number, pooled: number): number {
  return concurrent >= tier.agree ? Math.max(concurrent, pooled) : concurrent;
}

function isAlone(state: GuardState): boolean {
  return state.traffic.weight >= 99.9 || state.stableBusyAt === null;
}

function isDoubtful(state: GuardState, log: number): boolean {
  return log > amber && state.amberS < amberMaxS;
}

/** Without a concurrent stable the comparison is with what stable did before. */
function withHistory(counts: Sides, { history }: Comparison): Sides {
  return { candidate: counts.candidate, stable: history.n > 0 ? { bad: history.bad, n: history.n } : null };
}
