import { meanLog } from './evidence.ts';
import { type Margin, pairGrowth } from './likelihood.ts';

/**
 * Evidence that the candidate is good, on this step: the comparison turned round, with "clearly worse" as the hypothesis and
 * effects below 1 as the alternatives. It may be looked at all the time as well (the growth of `pairGrowth` is that of a
 * supermartingale for p_c ≥ factor · p_s + delta when the effect is below 1). It begins anew on each step, because a larger
 * share of traffic is a new question.
 *
 * @see Wald, "Sequential Analysis", 1947 (the second boundary of a sequential test); FDA, "Non-Inferiority Clinical Trials", 2016.
 */
export type Proof = {
  /** Compared seconds and candidate requests. */
  readonly seconds: number;
  readonly requests: number;
  /** ln of the evidence, per error effect. */
  readonly errors: readonly number[];
  /** ln of the evidence, per edge of all latency metrics in their order. */
  readonly latency: readonly number[];
};

/** What one edge's share of slower requests showed in a sample. */
export type ProofEdge = { readonly badC: number; readonly badS: number; readonly factor: number };

export const noProof: Proof = { seconds: 0, requests: 0, errors: [0, 0], latency: [] };

/** ln of the evidence that proves, and the least of time and requests: some faults need both to show at all. */
const proofThreshold = 2.3;
const secondsMin = 120;
const requestsMin = 200;

/** Twice stable's error rate and half a percent more (or the accepted rise, where that is larger). */
const errorFactor = 2;
const errorDeltaMin = 0.005;
const errorEffects = [0.15, 0.5];
/** So much beyond the accepted ratio of shares. */
const latencyBeyond = 1.4;

/** Adds one sample in which both versions were seen. `edges` is empty while latency is not compared. */
export function addProof(
  p: Proof,
  o: { readonly badC: number; readonly nC: number; readonly badS: number; readonly nS: number },
  edges: readonly ProofEdge[],
  worseByPpm: number,
  odds: number,
  dtS: number,
): Proof {
  const margin: Margin = { factor: errorFactor, delta: Math.max(errorDeltaMin, worseByPpm / 1e6) };
  const grown = pairGrowth(errorEffects, o.badC, o.badS, o.nS, odds, margin, 1);
  return {
    seconds: p.seconds + dtS,
    requests: p.requests + o.nC,
    errors: p.errors.map((log, k) => log + (grown[k] ?? 0)),
    latency: edges.length === 0 ? p.latency : edges.map((edge, i) => (p.latency[i] ?? 0) + edgeGrowth(edge, o.nS, odds)),
  };
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

function edgeGrowth(edge: ProofEdge, nS: number, odds: number): number {
  const factor = edge.factor * latencyBeyond;
  const [growth = 0] = pairGrowth([1 / factor], edge.badC, edge.badS, nS, odds, { factor, delta: 0 }, 1);
  return growth;
}
