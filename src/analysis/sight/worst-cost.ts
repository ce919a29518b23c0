import type { Objective } from '../../spec/types.ts';
import { positionOf, shareAbove } from '../exceedance.ts';
import { errorSeconds } from './errors.ts';
import { isLatencyKnown, slowRequestsSeconds } from './latency.ts';
import { type SightInput, stepOf } from './step.ts';

/** The most that a step can cost an error budget before the guard takes traffic back, or the step ends. */
export type WorstCost = {
  /** Bad events beyond those of stable. */
  readonly events: number;
  /** The rise of the share of bad requests that costs so much, and how long it lasts: until it is noticed, or to the step's end. */
  readonly risePpm: number;
  readonly seconds: number;
};

/** Until a decision has become a route: the look after it, and the router's answer. */
const reactionS = 3;
/** Rises that are tried, each a quarter larger than the one before: between two of them the cost is not much larger. */
const risesFromPpm = 100;
const ratio = 1.25;

/**
 * Exposure × time until it is noticed × traffic, at the rise for which that is most: a total failure is noticed within seconds, and a small
 * rise may last as long as the step. null: another judge compares, or stable's latency is not known, so nothing can be said.
 */
export function worstCost(input: SightInput, { belowMs }: Pick<Objective, 'belowMs'>): WorstCost | null {
  const { traffic, weight, stepS } = input;
  if (traffic.requestsPerSecond === 0 || weight === 0) return { events: 0, risePpm: 0, seconds: 0 };
  const step = stepOf(input);
  if (step.basis === 'kayenta' || (belowMs !== null && !isLatencyKnown(step))) return null;
  const bad = belowMs === null ? step.stableErrors : shareAbove(step.latency, positionOf(belowMs));
  const most = Math.floor(1e6 * (1 - bad));
  let worst: WorstCost = { events: 0, risePpm: 0, seconds: 0 };
  for (let rise = risesFromPpm; ; rise = Math.min(most, rise * ratio)) {
    const noticed = belowMs === null ? errorSeconds(step, rise) : slowRequestsSeconds(step, belowMs, rise);
    const seconds = Math.min(noticed + reactionS, stepS);
    const events = (rise / 1e6) * seconds * traffic.requestsPerSecond * (weight / 100);
    if (events > worst.events) worst = { events, risePpm: Math.round(rise), seconds };
    if (rise >= most) return worst;
  }
}
