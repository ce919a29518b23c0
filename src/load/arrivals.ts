/** Times at which requests begin, in milliseconds from the start, one after the other; `Infinity` after the last one. */
export type Arrivals = () => number;

/**
 * The times of an open loop: a rate that grows evenly from nothing over the ramp and then stays. At equal distances (in requests, so that
 * they become closer during the ramp), or by chance with the same expected number.
 *
 * @param endMs - No request begins at or after it.
 */
export function arrivalsOf(
  shape: { readonly perSecond: number; readonly arrivals: 'constant' | 'poisson' },
  rampUpMs: number,
  endMs: number,
  seed: number,
): Arrivals {
  const perMs = shape.perSecond / 1_000;
  const rampCount = (perMs * rampUpMs) / 2;
  // The inverse of how many requests are expected by a moment.
  const when = (count: number): number =>
    count < rampCount ? Math.sqrt((2 * count * rampUpMs) / perMs) : rampUpMs + (count - rampCount) / perMs;
  const chance = shape.arrivals === 'poisson' ? chances(seed) : null;
  let count = chance ? -Math.log(chance()) : 0;
  return () => {
    const ms = when(count);
    // From a number of requests and not from the time before: errors of rounding would add up.
    count += chance ? -Math.log(chance()) : 1;
    return ms < endMs ? ms : Number.POSITIVE_INFINITY;
  };
}

/** Numbers above 0 and up to 1, evenly spread (mulberry32). */
function chances(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 4_294_967_296;
  };
}

/** Takes turns by weight: of any run of requests each has its share, as evenly spread as can be. */
export function turnsOf(weights: readonly number[]): () => number {
  if (weights.length === 1) return () => 0;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credit = weights.map(() => 0);
  return () => {
    let best = 0;
    for (const [index, weight] of weights.entries()) {
      credit[index] = (credit[index] ?? 0) + weight;
      if ((credit[index] ?? 0) > (credit[best] ?? 0)) best = index;
    }
    credit[best] = (credit[best] ?? 0) - total;
    return best;
  };
}
