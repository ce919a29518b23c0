import { type Comparison, pooledLog, type TierState } from './comparison.ts';
import { concurrentLog, isDoubtful } from './doubt.ts';
import { meanLog } from './evidence.ts';
import { errorsOfStep, type Found, ofRunUp, ofStep, type Sides, weightOf } from './found.ts';
import type { LatencyPolicy } from './guard.ts';
import type { Edge } from './latency.ts';
import { aloneTier, classMembers, fineTier, grossTier, latencyTier, sharedThreshold, type Tier } from './rules.ts';
import { likeliest, type RunUp } from './run-up.ts';
import type { ErrorClass } from './sample.ts';
import { bucketEdgeMs } from './sample.ts';
import type { GuardState, LatencyState } from './state.ts';
import { quantileText } from './wording.ts';

/** What a comparison of two shares comes to: the evidence that decides, or the one that is shown while none does. */
export type Judged = {
  readonly threshold: number;
  readonly log: number;
  readonly runUp: Readonly<RunUp>;
  /** With stable's history alone. */
  readonly alone: boolean;
};

/** Whether the candidate fails more than stable, in all, and by class where there is more than one. */
export function judgeErrors(state: GuardState): Found[] {
  return [
    judgeFailures(state, null, state.errors, 1),
    ...state.classes.map(({ errorClass, comparison }) => judgeFailures(state, errorClass, comparison, classMembers)),
  ];
}

function judgeFailures(state: GuardState, errorClass: ErrorClass | null, comparison: Comparison, members: number): Found {
  const judged = judgeShares(state, comparison, members);
  const { log, threshold, runUp, alone } = judged;
  const concurrent = comparison.tiers[0]?.concurrent.log ?? 0;
  const hit = log >= threshold;
  const doubt = isDoubtful(state, concurrent);
  const speaks = (hit || doubt) && runUp.sinceMs !== null;
  // Failures of one class on this step are not kept: what is shown of it is the run-up.
  const counts = speaks || errorClass !== null ? ofRunUp(runUp) : errorsOfStep(state);
  const { candidate, stable } = alone ? withHistory(counts, comparison) : counts;
  const weight = speaks ? weightOf(log, state, runUp.sinceMs) : null;
  const enough = state.traffic.nC >= state.policy.minRequests;
  return {
    metric: errorClass === null ? 'errors' : `errors-${errorClass}`,
    test: 'comparison',
    kind: hit ? 'fail' : doubt || !enough ? 'undecided' : 'pass',
    said: { kind: 'errors', errorClass, candidate, stable, weight },
    candidate,
    stable,
    logEvidence: log,
    logThreshold: threshold,
    sinceMs: runUp.sinceMs,
  };
}

/**
 * The gross tier, the fine one, or stable's history alone: the first that is beyond its threshold, else the one that is to be shown.
 *
 * @param members - How many comparisons share what one alone is allowed.
 */
export function judgeShares(state: GuardState, comparison: Comparison, members: number): Judged {
  const judged = (tier: Tier, known: TierState | undefined): Judged => ({
    threshold: sharedThreshold(tier.threshold, members),
    log: known ? tierLog(tier, known.concurrent.log, pooledLog(known, comparison.history)) : 0,
    runUp: likeliest(known?.runUps ?? []),
    alone: false,
  });
  const gross = judged(grossTier, comparison.tiers[1]);
  if (gross.log >= gross.threshold) return gross;
  const fine = judged(fineTier, comparison.tiers[0]);
  if (fine.log >= fine.threshold) return fine;
  const alone: Judged = {
    threshold: sharedThreshold(aloneTier.threshold, members),
    log: comparison.alone.evidence.log,
    runUp: comparison.alone.runUp,
    alone: true,
  };
  return alone.log >= alone.threshold || isAlone(state) ? alone : fine;
}

/** Whether the candidate is slower than stable; nothing where the policy does not compare. */
export function judgeLatency(state: GuardState, l: LatencyState, policy: LatencyPolicy): Found[] {
  // Without a stable version there is nothing to compare with, now or later.
  if (policy.worseByPpm === null || state.compared.stable === null) return [];
  const metric = `latency-${quantileText(policy.quantilePpm)}`;
  const { nC } = state.traffic;
  const enough = nC >= state.policy.minRequests;
  if (l.edges === null)
    return [
      {
        metric,
        test: 'comparison',
        kind: enough ? 'pass' : 'undecided',
        said: { kind: 'latency-unknown', why: state.warmingUp ? 'warm-up' : 'few-requests' },
        candidate: { bad: 0, n: nC },
        stable: null,
        logEvidence: null,
        logThreshold: null,
        sinceMs: null,
      },
    ];
  const concurrent = concurrentLog(l.edges);
  const { log, threshold, edge, runUp, alone } = judgeEdges(state, l.edges, concurrent);
  const hit = log >= threshold;
  const doubt = isDoubtful(state, concurrent);
  const speaks = (hit || doubt) && runUp.sinceMs !== null;
  const counts = speaks ? ofRunUp(runUp) : ofStep(0, 0, 0, 0);
  const { candidate, stable } = alone ? withHistory(counts, edge.comparison) : counts;
  return [
    {
      metric,
      test: 'comparison',
      kind: hit ? 'fail' : doubt || !enough ? 'undecided' : 'pass',
      said: speaks
        ? { kind: 'slower', edgeMs: bucketEdgeMs(edge.bucket), candidate, stable, weight: weightOf(log, state, runUp.sinceMs) }
        : { kind: 'not-slower', worseByPpm: policy.worseByPpm, n: nC },
      candidate,
      stable,
      logEvidence: log,
      logThreshold: threshold,
      sinceMs: runUp.sinceMs,
    },
  ];
}

/** The evidence of all edges together, and the edge that says most. */
function judgeEdges(state: GuardState, edges: readonly Edge[], concurrent: number): Judged & { readonly edge: Edge } {
  const members = state.policy.latency.filter(({ worseByPpm }) => worseByPpm !== null).length;
  const pooled = meanLog(
    edges.map((edge) => {
      const tier = tierOf(edge);
      return tier ? pooledLog(tier, edge.comparison.history) : 0;
    }),
  );
  const aloneLog = meanLog(edges.map((edge) => edge.comparison.alone.evidence.log));
  const threshold = sharedThreshold(latencyTier.threshold, members);
  const aloneThreshold = sharedThreshold(aloneTier.threshold, members);
  const log = tierLog(latencyTier, concurrent, pooled);
  const alone = log < threshold && (aloneLog >= aloneThreshold || isAlone(state));
  const logOf = (edge: Edge) => (alone ? edge.comparison.alone.evidence.log : (tierOf(edge)?.concurrent.log ?? 0));
  const edge = edges.reduce((best, other) => (logOf(other) > logOf(best) ? other : best));
  if (alone) return { log: aloneLog, threshold: aloneThreshold, edge, runUp: edge.comparison.alone.runUp, alone };
  return { log, threshold, edge, runUp: likeliest(tierOf(edge)?.runUps ?? []), alone };
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

/** Without a concurrent stable the comparison is with what stable did before. */
export function withHistory(counts: Sides, { history }: Comparison): Sides {
  return { candidate: counts.candidate, stable: history.n > 0 ? { bad: history.bad, n: history.n } : null };
}
