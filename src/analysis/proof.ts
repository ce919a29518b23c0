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
  /** ln of the evidence, per edge of all latency metrics in their order. */
  readonly latency: number[];
};

export function openProof(): Proof {
  return { seconds: 0, requests: 0, errors: errorEffects.map(() => 0), latency: [] };
}

export function copyProof(p: Proof): Proof {
  return { ...p, errors: p.errors.slice(), latency: p.latency.slice() };
}

/** Begins anew. */
export function restartProof(p: Proof): void {
  p.seconds = p.requests = 0;
  p.errors.fill(0);
  p.latency.length = 0;
}

/** ln of the evidence that proves, and the least of time and requests: some faults need both to show at all. */
export const proofThreshold = 2.3;
const secondsMin = 120;
const requestsMin = 200;

/** Twice stable's error rate and half a percent more (or the accepted rise, where that is larger). */
const errorFactor = 2;
const errorDeltaMin = 0.005;
const errorEffects = [0.15, 0.5];
/** So much beyond the accepted ratio of shares. */
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
 * Adds what one edge's share of slower requests showed in such a sample.
 *
 * @param index - Of the edge, among the edges of all latency metrics in their order.
 * @param accepted - Accepted ratio of the shares at this edge.
 */
export function addProofEdge(
  p: Proof,
  index: number,
  badC: number,
  badS: number,
  nS: number,
  accepted: number,
  odds: number,
): void {
  const factor = accepted * latencyBeyond;
  pairGrowthInto(growth, [1 / factor], badC, badS, nS, odds, { factor, delta: 0 }, 1);
  p.latency[index] = (p.latency[index] ?? 0) + (growth[0] ?? 0);
}

/** Whether every metric is proven; `edges` is the number of edges that must be. */
export function isProven(p: Proof, edges: number): boolean {
  return (
    p.seconds >= secondsMin &&
    p.requests >= requestsMin &&
    meanLog(p.errors) >= proofThreshold &&
    p.latency.length === edges &&
    p.latency.every((log) => log >= proofThreshold)
  );
}
