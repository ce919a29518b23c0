import { meanLog } from './evidence.ts';
import { type Margin, pairGrowthInto } from './likelihood.ts';

/**
 * Evidence that the candidate is good, on this step: the comparison turned round, with "clearly worse" as the hypothesis and
 * effects below 1 as the alternatives. It may be looked at all the time as well (the growth of `pairGrowth` is that of a
 * supermartingale for p_c ≥ factor · p_s + delta when the effect is below 1). It begins anew on each step, because a larger
 * share of traffic is a new question.
 *
 * Changed in place.
 *
 * @see Wald, "Sequential Analysis", 1947 (the second boundary of a sequential test); FDA, "Non-Inferiority Clinical Trials", 2016.
 */
export type Proof = {
  /** Compared seconds and candidate requests. */
  seconds: number;
  requests: number;
  /** ln of the evidence, per error effect. */
  readonly errors: number[];
};

export function openProof(): Proof {
  return { seconds: 0, requests: 0, errors: errorEffects.map(() => 0) };
}

export function copyProof(p: Proof): Proof {
  return { ...p, errors: p.errors.slice() };
}

/** Begins anew. */
export function restartProof(p: Proof): void {
  p.seconds = p.requests = 0;
  p.errors.fill(0);
}

/** ln of the evidence that proves, and the least of time and requests: some faults need both to show at all. */
export const proofThreshold = 2.3;
const secondsMin = 120;
const requestsMin = 200;

/** Twice stable's error rate and half a percent more (or the accepted rise, where that is larger). */
const errorFactor = 2;
const errorDeltaMin = 0.005;
const errorEffects = [0.15, 0.5];
/** So much beyond what is accepted. */
const latencyBeyond = 1.4;

const growth: number[] = [];

/** Adds one sample in which both versions were seen. */
export function addProof(
  p: Proof,
  o: { readonly badC: number; readonly nC: number; readonly badS: number; readonly nS: number },
  worseByPpm: number,
  odds: number,
  dtS: number,
): void {
  const margin: Margin = { factor: errorFactor, delta: Math.max(errorDeltaMin, worseByPpm / 1e6) };
  pairGrowthInto(growth, errorEffects, o.badC, o.badS, o.nS, odds, margin, 1);
  for (let k = 0; k < p.errors.length; k++) p.errors[k] = (p.errors[k] ?? 0) + (growth[k] ?? 0);
  p.seconds += dtS;
  p.requests += o.nC;
}

/**
 * What one edge's share of slower requests adds in such a sample to the evidence that the candidate is good there.
 *
 * @param accepted - What is accepted at this edge.
 */
export function edgeProof(badC: number, badS: number, nS: number, accepted: Margin, odds: number): number {
  const beyond = { factor: accepted.factor * latencyBeyond, delta: accepted.delta * latencyBeyond };
  pairGrowthInto(growth, [1 / beyond.factor], badC, badS, nS, odds, beyond, 1);
  return growth[0] ?? 0;
}

/** Whether the errors of this step are proven to be good; latency and the user's own metrics have their own evidence. */
export function isProven(p: Readonly<Proof>): boolean {
  return p.seconds >= secondsMin && p.requests >= requestsMin && meanLog(p.errors) >= proofThreshold;
}
