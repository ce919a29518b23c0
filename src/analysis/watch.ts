import { compare, type Moment, observeStable, openComparison } from './comparison.ts';
import { highestLog } from './doubt.ts';
import { addToGauge } from './gauge.ts';
import type { Look, Verdict } from './guard.ts';
import type { History } from './history.ts';
import { type Found, find, verdictOf } from './judge.ts';
import { addToKayenta } from './kayenta/live.ts';
import { addShape, chooseEdges, latencyRules, slowerThan } from './latency.ts';
import { addStableToLimit, addToLimit } from './limit.ts';
import { addProof, edgeProof, restartProof } from './proof.ts';
import { addToRatio, observeRatio, type RatioCounts } from './ratio.ts';
import { amber, blindAfter, blindAfterS, priorBetween, priorStart, priorStepShare, warmUpS } from './rules.ts';
import type { Outcome } from './run-up.ts';
import { bucketOf, type Counts, type ErrorClass, isSound, noCounts, type Sample } from './sample.ts';
import { type ClassState, copyGuard, errorRules, type GuardState, type LatencyState } from './state.ts';
import { addTraffic, oddsOf } from './traffic.ts';
import { addToWarning } from './warning.ts';

export { absence } from './judge.ts';
export { copyGuard, type GuardState, openGuard } from './state.ts';

/**
 * Adds one second to what the guard knows, and says what follows. Pure: the same looks always give the same verdicts, and the
 * given state stays as it is. A second that is not newer than the last is ignored (the source repeated itself); seconds that
 * never come are time without counts.
 *
 * @returns The new state and the verdict on it. With a repeated or late sample: the same state and its verdict.
 */
export function watch(state: GuardState, look: Look): { state: GuardState; verdict: Verdict } {
  const isNews = state.second === null || look.sample.second > state.second;
  const next = isNews ? copyGuard(state) : state;
  return { state: next, verdict: verdictOf(next, take(next, look)) };
}

/**
 * As `watch`, but changes `state` in place and leaves the words to `verdictOf`, for those who own the only copy and see many
 * thousand looks a second: replays, the stream protocol.
 */
export function take(state: GuardState, look: Look): readonly Found[] {
  if (state.second === null || look.sample.second > state.second) advance(state, look);
  return find(state);
}

function advance(state: GuardState, { sample: given, step, matched = false }: Look): void {
  const sample = soundSample(given);
  const stable = sample.stable ?? noCounts;
  const candidate = sample.candidate ?? noCounts;
  // A gap longer than what makes the guard blind is not waiting time that the plan may count.
  const passedS = sample.seconds ?? (state.second === null ? 1 : sample.second - state.second);
  const dtS = Math.max(1, Math.min(blindAfterS, passedS));
  const begins = state.begunAt === null && (candidate.n > 0 || sample.weight > 0);
  // What stable did before the candidate had any traffic belongs to no step.
  const newStep = begins || step !== state.step;
  addTraffic(
    state.traffic,
    { nC: candidate.n, errorsC: candidate.errors, nS: stable.n, errorsS: stable.errors },
    sample.weight,
    dtS,
    newStep,
  );
  const served = sample.weight > 0 || candidate.n > 0 ? dtS : 0;
  state.servedS = newStep ? served : state.servedS + served;
  state.second = sample.second;
  state.everyS = Math.max(1, sample.seconds ?? 1);
  state.step = step;
  state.matched = matched;
  if (sample.candidate) state.candidateAt = sample.second;
  if (sample.stable) state.stableAt = sample.second;
  if (stable.n > 0) state.stableBusyAt = sample.second;
  if (newStep) {
    restartProof(state.proof);
    for (const { edges } of state.latency) for (const edge of edges ?? []) edge.good = 0;
  }
  if (state.kayenta) state.kayenta = addToKayenta(state.kayenta, { sample, step, matched }, dtS);
  if (state.begunAt === null && !begins) {
    if (sample.stable) beforeCandidate(state, sample, sample.stable, dtS);
    return;
  }

  state.begunAt ??= sample.second - dtS;
  const since = sample.second - state.begunAt;
  const stepMass = begins ? priorStart : newStep ? state.priorForSteps * priorStepShare : 0;
  if (!begins) state.priorForSteps -= stepMass;
  const isAccompanied = state.stableBusyAt !== null && sample.second - state.stableBusyAt < blindAfter(state.everyS);
  const odds = isAccompanied ? oddsOf(state.traffic) : null;
  const missing = sample.candidate === null || (odds !== null && sample.stable === null);
  const mass = stepMass + priorBetween(Math.max(0, since - dtS), since);
  state.priorSpent += mass;
  const moment: Moment = { dtS, mass, fresh: newStep || begins, newStep, skip: missing, odds };
  addErrors(state, sample, candidate, stable, moment);
  const warmingUp = state.servedS <= warmUpS;
  addLatencies(state, sample, candidate, stable, {
    ...moment,
    skip: missing || warmingUp,
    fresh: moment.fresh || (state.warmingUp && !warmingUp),
  });
  state.warmingUp = warmingUp;
  addMetrics(state, sample, moment);
  if (newStep) state.amberS = 0;
  if (highestLog(state) > amber) state.amberS += dtS;
}

/** A side whose counts cannot be (NaN, negative, more failures than requests) is taken as not answered. */
function soundSample(sample: Sample): Sample {
  const stable = sample.stable && isSound(sample.stable) ? sample.stable : null;
  const candidate = sample.candidate && isSound(sample.candidate) ? sample.candidate : null;
  return stable === sample.stable && candidate === sample.candidate ? sample : { ...sample, stable, candidate };
}

/** Nothing reaches the candidate yet: stable's counts are kept to compare with. */
function beforeCandidate(state: GuardState, sample: Sample, stable: Counts, dtS: number): void {
  for (const metric of state.metrics) {
    const reading = metric.kind === 'ratio' ? ratioCounts(stable, metric.policy.name) : null;
    if (metric.kind === 'ratio' && reading) observeRatio(metric.ratio, metric.policy, reading, dtS);
  }
  if (stable.n === 0) return;
  observeStable(state.errors, stable.errors, stable.n, dtS);
  observeClasses(state, stable, dtS);
  addStableToLimit(state.errorLimit, state.policy.errors.maxPpm / 1e6, stable.errors, stable.n, dtS);
  if (state.shape) addShape(state.shape, stable.histogram, dtS);
  for (let i = 0; i < state.latency.length; i++) {
    const l = state.latency[i];
    const policy = state.policy.latency[i];
    if (!l?.limit || !policy || policy.maxMs === null) continue;
    addStableToLimit(l.limit, 1 - policy.quantilePpm / 1e6, slowerThanMs(sample, stable, policy.maxMs), stable.n, dtS);
  }
}

function addErrors(state: GuardState, sample: Sample, candidate: Counts, stable: Counts, moment: Moment): void {
  const { worseByPpm, maxPpm, warnPpm } = state.policy.errors;
  const sinceMs = candidate.firstErrorAtMs ?? beginMs(sample);
  const rules = errorRules(worseByPpm);
  const errors = outcome(candidate.errors, candidate.n, stable.errors, stable.n, sinceMs);
  openClasses(state, candidate, stable);
  for (const { errorClass, comparison } of state.classes) {
    const badC = candidate.classes[errorClass] ?? 0;
    const badS = stable.classes[errorClass] ?? 0;
    compare(comparison, rules, outcome(badC, candidate.n, badS, stable.n, sinceMs), moment);
  }
  compare(state.errors, rules, errors, moment);
  addToLimit(state.errorLimit, maxPpm / 1e6, errors, moment.dtS, moment.mass);
  if (state.errorWarning && typeof warnPpm === 'number') addToWarning(state.errorWarning, warnPpm / 1e6, errors, moment.dtS);
  if (!moment.skip && moment.odds !== null) addProof(state.proof, errors, worseByPpm, moment.odds, moment.dtS);
}

const errorClasses: readonly ErrorClass[] = ['status', 'connect', 'timeout', 'broken'];

/** The classes are told apart once there is more than one: until then the one class is all errors. */
function openClasses(state: GuardState, candidate: Counts, stable: Counts): void {
  for (const errorClass of errorClasses) {
    if (!((candidate.classes[errorClass] ?? 0) > 0 || (stable.classes[errorClass] ?? 0) > 0)) continue;
    if (state.firstClass === null) state.firstClass = errorClass;
    if (errorClass === state.firstClass || state.classes.some((known) => known.errorClass === errorClass)) continue;
    const { history } = state.errors;
    const opened = [classOf(state, errorClass, withoutBad(history))];
    if (state.classes.length === 0) opened.unshift(classOf(state, state.firstClass, history));
    state.classes = [...state.classes, ...opened];
  }
}

function classOf(state: GuardState, errorClass: ErrorClass, history: History): ClassState {
  const comparison = { ...openComparison(errorRules(state.policy.errors.worseByPpm)), history: { ...history } };
  // The mass of all starts so far falls to the next block: the sample that made us look must not count for itself.
  for (const { concurrent, pooled } of comparison.tiers) concurrent.owed = pooled.owed = state.priorSpent;
  return { errorClass, comparison };
}

/** What a class did before it was seen first: nothing, in as many requests as there were. */
function withoutBad(history: History): History {
  return { ...history, blocks: history.blocks.map((n, i) => (i % 2 === 0 ? 0 : n)), bad: 0, openBad: 0, worst: 0 };
}

function observeClasses(state: GuardState, stable: Counts, dtS: number): void {
  openClasses(state, noCounts, stable);
  for (const { errorClass, comparison } of state.classes)
    observeStable(comparison, stable.classes[errorClass] ?? 0, stable.n, dtS);
}

function addLatencies(state: GuardState, sample: Sample, candidate: Counts, stable: Counts, warm: Moment): void {
  const sinceMs = beginMs(sample);
  let isChosen = true;
  for (let i = 0; i < state.latency.length; i++) {
    const l = state.latency[i];
    const policy = state.policy.latency[i];
    if (!l || !policy) continue;
    addLatencyLimits(l, policy, sample, candidate, stable, warm);
    if (policy.worseByPpm === null) continue;
    let moment = warm;
    if (l.edges === null && !warm.skip && state.shape) {
      l.edges = chooseEdges(state.shape, policy.quantilePpm, policy.worseByPpm);
      moment = { ...warm, mass: state.priorSpent, fresh: true };
    }
    if (l.edges === null) {
      isChosen = false;
      continue;
    }
    for (const edge of l.edges) {
      const badC = slowerThan(candidate.histogram, edge.bucket);
      const badS = slowerThan(stable.histogram, edge.bucket);
      compare(edge.comparison, latencyRules(edge.margin), outcome(badC, candidate.n, badS, stable.n, sinceMs), moment);
      if (!warm.skip && warm.odds !== null) edge.good += edgeProof(badC, badS, stable.n, edge.margin, warm.odds);
    }
  }
  // Last, for edges that were chosen above compare this sample already.
  if (isChosen) state.shape = null;
  else if (state.shape && sample.stable) addShape(state.shape, stable.histogram, warm.dtS);
}

function addLatencyLimits(
  l: LatencyState,
  policy: GuardState['policy']['latency'][number],
  sample: Sample,
  candidate: Counts,
  stable: Counts,
  moment: Moment,
): void {
  const { maxMs, warnMs, quantilePpm } = policy;
  const share = 1 - quantilePpm / 1e6;
  const sinceMs = beginMs(sample);
  if (moment.newStep) l.slowC = l.slowS = l.warnC = l.warnS = 0;
  if (l.limit && maxMs !== null) {
    const slowC = slowerThanMs(sample, candidate, maxMs);
    const slowS = slowerThanMs(sample, stable, maxMs);
    l.slowC += slowC;
    l.slowS += slowS;
    addToLimit(l.limit, share, outcome(slowC, candidate.n, slowS, stable.n, sinceMs), moment.dtS, moment.mass);
  }
  if (l.warning && typeof warnMs === 'number') {
    const slowC = slowerThanMs(sample, candidate, warnMs);
    const slowS = slowerThanMs(sample, stable, warnMs);
    l.warnC += slowC;
    l.warnS += slowS;
    addToWarning(l.warning, share, outcome(slowC, candidate.n, slowS, stable.n, sinceMs), moment.dtS);
  }
}

function addMetrics(state: GuardState, sample: Sample, moment: Moment): void {
  const { second } = sample;
  for (const metric of state.metrics) {
    const { name, worseByPpm } = metric.policy;
    if (metric.kind === 'ratio') {
      const given = { candidate: ratioCounts(sample.candidate, name), stable: ratioCounts(sample.stable, name), second };
      // The requests' own gaps do not matter here: a ratio waits until it has both sides.
      addToRatio(metric.ratio, metric.policy, errorRules(worseByPpm ?? 0), given, moment);
      continue;
    }
    addToGauge(metric.gauge, metric.policy, {
      candidate: level(sample.candidate, name),
      stable: level(sample.stable, name),
      second,
      dtS: moment.dtS,
      mass: moment.mass,
      newStep: moment.newStep,
      accompanied: moment.odds !== null,
    });
  }
}

function ratioCounts(counts: Counts | null, name: string): RatioCounts | null {
  const reading = counts?.metrics?.[name];
  if (!reading || !('n' in reading)) return null;
  return reading.bad >= 0 && reading.n >= reading.bad && Number.isFinite(reading.n) ? reading : null;
}

function level(counts: Counts | null, name: string): number | null {
  const reading = counts?.metrics?.[name];
  return reading && 'value' in reading ? reading.value : null;
}

/** Exact where the source counts at this edge; else only buckets that lie above it as a whole, so that nobody is accused falsely. */
function slowerThanMs(sample: Sample, counts: Counts, ms: number): number {
  const edge = sample.edgesMs.indexOf(ms);
  const exact = edge < 0 ? undefined : counts.slower[edge];
  return exact ?? slowerThan(counts.histogram, bucketOf(ms));
}

/** Unix milliseconds at which the first second of a sample began. */
function beginMs({ second, seconds = 1 }: Sample): number {
  return (second - seconds + 1) * 1000;
}

function outcome(badC: number, nC: number, badS: number, nS: number, sinceMs: number): Outcome {
  return { badC, nC, badS, nS, sinceMs };
}
