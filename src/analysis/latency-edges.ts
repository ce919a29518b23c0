import { type Exceedance, positionShift, shareAbove } from './exceedance.ts';
import type { Margin } from './likelihood.ts';
import { latencyFactor } from './rules.ts';
import { bucketCount } from './sample.ts';

/** A latency at which candidate and stable are compared, and what is accepted there of the candidate's share of slower requests. */
export type LatencyEdge = {
  /** Requests in buckets above this one are slower than the edge. */
  readonly bucket: number;
  readonly margin: Margin;
};

/** Fewer of stable's requests show no distribution. */
export const latencyKnownFrom = 100;

/** The points that are compared: those that so many times the quantile's share of the requests may exceed. */
const timesAllowed = [5, 2, 1, 0.2];
const shareMax = 0.5;
/** Farther than a factor e^1.2 it would be another point of the distribution. */
const farthestLog = 1.2;
/** What is accepted beyond that ratio is told as a difference: a ratio to next to nothing says little. */
const factorMax = 10;
/** Width of Prometheus' usual buckets, which lie by a factor of 2.5 apart at most. */
const coarseBuckets = 8;

/**
 * Chooses the edges for a quantile: those that 5, 2, 1 and 1/5 times as many requests as the quantile allows exceed in a candidate
 * that is slower by just what is accepted; for p95 its 25, 10, 5 and 1 % points. A version that is slower as a whole shows first where
 * many requests are, a slow path where few are. Empty when stable has shown too little; else there is one edge at least.
 *
 * What is accepted at an edge x follows from stable's own distribution: as many requests as exceed x/(1 + rise) in stable may exceed x
 * in the candidate. Where nearly all requests take the same time that is much more than stable's own share there, so part of it is a
 * difference and not a ratio.
 *
 * @param worseByPpm - Accepted relative rise of the latency.
 */
export function latencyEdges(known: Exceedance, quantilePpm: number, worseByPpm: number): readonly LatencyEdge[] {
  if (known.n < latencyKnownFrom || known.highest === null) return [];
  const shift = positionShift(worseByPpm / 1e6);
  const possible = [...known.points, { bucket: known.highest, share: 0 }].map(({ bucket, share }) => ({
    bucket,
    share,
    accepted: Math.max(share, shareAbove(known, bucket - shift)),
  }));
  const chosen = new Map<number, LatencyEdge>();
  for (const times of timesAllowed) {
    const wanted = Math.min(shareMax, times * (1 - quantilePpm / 1e6));
    let distance = farthestLog;
    let nearest: (typeof possible)[number] | null = null;
    for (const each of possible) {
      const away = Math.abs(Math.log(each.accepted / wanted));
      if (!(away < distance) || each.accepted > shareMax) continue;
      distance = away;
      nearest = each;
    }
    if (nearest) chosen.set(nearest.bucket, { bucket: nearest.bucket, margin: marginOf(nearest, known.n) });
  }
  return chosen.size > 0 ? [...chosen.values()] : concentrated(known, known.highest, quantilePpm, shift);
}

/**
 * Where nearly all requests lie in one bucket no edge divides them. Then one is set beyond it, at what is accepted as slower or, where
 * the histogram may be a coarse one, far enough not to take the next bucket for a slower version.
 */
function concentrated(known: Exceedance, highest: number, quantilePpm: number, shift: number): readonly LatencyEdge[] {
  const allowed = 1 - quantilePpm / 1e6;
  const quantile = known.points.find(({ share }) => share <= allowed)?.bucket ?? highest;
  const occupied = [...known.points.map(({ bucket }) => bucket), highest];
  const isFine = occupied.some((bucket, i) => bucket - (occupied[i - 1] ?? Number.NEGATIVE_INFINITY) === 1);
  const beyond = Math.max(Math.ceil(shift), isFine ? 0 : coarseBuckets);
  const bucket = quantile + beyond;
  // Beyond the last bucket nothing can be counted.
  return bucket < bucketCount - 1 ? [{ bucket, margin: { factor: factorMax, delta: allowed } }] : [];
}

function marginOf({ share, accepted }: { readonly share: number; readonly accepted: number }, n: number): Margin {
  // Nobody exceeds the highest bucket; half a request is what so many requests cannot tell from none.
  const ratio = accepted / Math.max(share, 0.5 / n);
  if (ratio <= factorMax) return { factor: Math.max(latencyFactor, ratio), delta: 0 };
  return { factor: factorMax, delta: Math.max(0, accepted - factorMax * share) };
}
