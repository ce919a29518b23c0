import { compare, type Moment, type Outcome, observeStable } from './comparison.ts';
import { meanLog } from './evidence.ts';
import type { LatencyPolicy, Look, Verdict } from './guard.ts';
import { judge } from './judge.ts';
import { addShape, chooseEdges, type Edge, latencyRules, type Shape, slowerThan } from './latency.ts';
import { addStableToLimit, addToLimit } from './limit.ts';
import { addProof, noProof, type ProofEdge } from './proof.ts';
import { amber, blindAfterS, priorBetween, priorStart, priorStepShare, warmUpS } from './rules.ts';
import { bucketOf, type Counts, noCounts, type Sample } from './sample.ts';
import { errorRules, type GuardState, type LatencyState } from './state.ts';
import { addTraffic, oddsOf } from './traffic.ts';

export { absence } from './judge.ts';
export { type GuardState, openGuard } from './state.ts';

/**
 * Adds one second to what the guard knows, and says what follows. Pure: the same looks always give the same verdicts, and the
 * given state stays as it is. A second that is not newer than the last is ignored (the source repeated itself); seconds that
 * never come are time without counts.
 *
 * @returns The new state and the verdict on it. With a repeated or late sample: the same state and its verdict.
 */
export function watch(state: GuardState, look: Look): { state: GuardState; verdict: Verdict } {
  const next = state.second !== null && look.sample.second <= state.second ? state : advance(state, look);
  return { state: next, verdict: judge(next) };
}

function advance(state: GuardState, look: Look): GuardState {
  const { sample, step } = look;
  const stable = sample.stable ?? noCounts;
  const candidate = sample.candidate ?? noCounts;
  // A gap longer than what makes the guard blind is not waiting time that the plan may count.
  const dtS = state.second === null ? 1 : Math.min(blindAfterS, sample.second - state.second);
  const newStep = step !== state.step;
  const seen = { nC: candidate.n, errorsC: candidate.errors, nS: stable.n, errorsS: stable.errors };
  const traffic = addTraffic(state.traffic, seen, sample.weight, dtS, newStep);
  const served = sample.weight > 0 || candidate.n > 0 ? dtS : 0;
  const servedS = newStep ? served : state.servedS + served;
  const now: GuardState = {
    ...state,
    second: sample.second,
    step,
    candidateAt: sample.candidate ? sample.second : state.candidateAt,
    stableAt: sample.stable ? sample.second : state.stableAt,
    stableBusyAt: stable.n > 0 ? sample.second : state.stableBusyAt,
    matched: look.matched === true,
    servedS,
    traffic,
    proof: newStep ? noProof : state.proof,
  };
  const begins = state.begunAt === null;
  if (begins && candidate.n === 0 && !(sample.weight > 0)) return beforeCandidate(now, sample, stable, dtS);

  const begunAt = state.begunAt ?? sample.second - dtS;
  const since = sample.second - begunAt;
  const stepMass = begins ? priorStart : newStep ? state.priorForSteps * priorStepShare : 0;
  const odds = now.stableBusyAt !== null && sample.second - now.stableBusyAt < blindAfterS ? oddsOf(traffic) : null;
  const missing = sample.candidate === null || (odds !== null && sample.stable === null);
  const moment: Moment = {
    dtS,
    mass: stepMass + priorBetween(Math.max(0, since - dtS), since),
    fresh: newStep || begins,
    newStep,
    skip: missing,
    odds,
  };
  const warmingUp = servedS <= warmUpS;
  const priorSpent = state.priorSpent + moment.mass;
  const warm: Moment = { ...moment, skip: missing || warmingUp, fresh: moment.fresh || (state.warmingUp && !warmingUp) };
  const errorsSinceMs = candidate.firstErrorAtMs ?? sample.second * 1000;
  const errors = outcome(candidate.errors, candidate.n, stable.errors, stable.n, errorsSinceMs);
  const shape = state.shape && sample.stable ? addShape(state.shape, stable.histogram, dtS) : state.shape;
  const latency = state.latency.map((l, i) => addLatency(l, state.policy.latency[i], sample, shape, warm, priorSpent));
  const chosen = latency.every((l, i) => l.edges !== null || state.policy.latency[i]?.worseByPpm === null);
  const after: GuardState = {
    ...now,
    begunAt,
    priorSpent,
    priorForSteps: begins ? state.priorForSteps : state.priorForSteps - stepMass,
    warmingUp,
    errors: compare(state.errors, errorRules(state.policy), errors, moment),
    errorLimit: addToLimit(state.errorLimit, state.policy.errors.maxPpm / 1e6, errors, dtS, moment.mass),
    shape: chosen ? null : shape,
    latency,
  };
  const doubtful = highestLog(after) > amber;
  return {
    ...after,
    amberS: (newStep ? 0 : state.amberS) + (doubtful ? dtS : 0),
    proof:
      missing || odds === null
        ? after.proof
        : addProof(after.proof, errors, proofEdges(after, sample, warmingUp), state.policy.errors.worseByPpm, odds, dtS),
  };
}

/** Nothing reaches the candidate yet: stable's counts are kept to compare with. */
function beforeCandidate(now: GuardState, sample: Sample, stable: Counts, dtS: number): GuardState {
  if (stable.n === 0) return now;
  const { errors, latency } = now.policy;
  return {
    ...now,
    errors: observeStable(now.errors, stable.errors, stable.n, dtS),
    errorLimit: addStableToLimit(now.errorLimit, errors.maxPpm / 1e6, stable.errors, stable.n, dtS),
    shape: now.shape && addShape(now.shape, stable.histogram, dtS),
    latency: now.latency.map((l, i) => {
      const policy = latency[i];
      if (!policy || policy.maxMs === null) return l;
      const slow = slowerThanMs(sample, stable, policy.maxMs);
      return { ...l, limit: addStableToLimit(l.limit, 1 - policy.quantilePpm / 1e6, slow, stable.n, dtS) };
    }),
  };
}

function addLatency(
  l: LatencyState,
  policy: LatencyPolicy | undefined,
  sample: Sample,
  shape: Shape | null,
  moment: Moment,
  priorSpent: number,
): LatencyState {
  if (!policy) return l;
  const stable = sample.stable ?? noCounts;
  const candidate = sample.candidate ?? noCounts;
  const sinceMs = sample.second * 1000;
  let next = moment.newStep ? { ...l, slowC: 0, slowS: 0 } : l;
  if (policy.maxMs !== null) {
    const slowC = slowerThanMs(sample, candidate, policy.maxMs);
    const slowS = slowerThanMs(sample, stable, policy.maxMs);
    const limit = addToLimit(
      l.limit,
      1 - policy.quantilePpm / 1e6,
      outcome(slowC, candidate.n, slowS, stable.n, sinceMs),
      moment.dtS,
      moment.mass,
    );
    next = { ...next, slowC: next.slowC + slowC, slowS: next.slowS + slowS, limit };
  }
  if (policy.worseByPpm === null) return next;
  if (next.edges) return { ...next, edges: next.edges.map((edge) => addEdge(edge, candidate, stable, sinceMs, moment)) };
  if (moment.skip || shape === null) return next;
  const edges = chooseEdges(shape, policy.quantilePpm, policy.worseByPpm);
  const first = { ...moment, mass: priorSpent, fresh: true };
  return { ...next, edges: edges?.map((edge) => addEdge(edge, candidate, stable, sinceMs, first)) ?? null };
}

function addEdge(edge: Edge, candidate: Counts, stable: Counts, sinceMs: number, moment: Moment): Edge {
  const slowC = slowerThan(candidate.histogram, edge.bucket);
  const slowS = slowerThan(stable.histogram, edge.bucket);
  const comparison = compare(
    edge.comparison,
    latencyRules(edge.factor),
    outcome(slowC, candidate.n, slowS, stable.n, sinceMs),
    moment,
  );
  return { ...edge, comparison };
}

/** Exact where the source counts at this edge; else only buckets that lie above it as a whole, so that nobody is accused falsely. */
function slowerThanMs(sample: Sample, counts: Counts, ms: number): number {
  const edge = sample.edgesMs.indexOf(ms);
  const exact = edge < 0 ? undefined : counts.slower[edge];
  return exact ?? slowerThan(counts.histogram, bucketOf(ms));
}

function proofEdges(state: GuardState, sample: Sample, warmingUp: boolean): ProofEdge[] {
  const { candidate, stable } = sample;
  if (warmingUp || !candidate || !stable) return [];
  return state.latency.flatMap((l) =>
    (l.edges ?? []).map(({ bucket, factor }) => ({
      badC: slowerThan(candidate.histogram, bucket),
      badS: slowerThan(stable.histogram, bucket),
      factor,
    })),
  );
}

function outcome(badC: number, nC: number, badS: number, nS: number, sinceMs: number): Outcome {
  return { badC, nC, badS, nS, sinceMs };
}

/** The strongest evidence of any concurrent comparison. */
function highestLog(state: GuardState): number {
  let highest = state.errors.tiers[0]?.concurrent.log ?? 0;
  for (const l of state.latency) {
    if (l.edges) highest = Math.max(highest, meanLog(l.edges.map(({ comparison }) => comparison.tiers[0]?.concurrent.log ?? 0)));
  }
  return highest;
}
