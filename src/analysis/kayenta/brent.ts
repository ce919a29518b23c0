/** A function whose root is looked for; `undefined` where it has no value, which ends the search. */
export type Curve = (x: number) => number | undefined;

/**
 * Root of a function between two ends of opposite sign, by Brent's method in the variant of R's `uniroot`: it starts from the ends,
 * not from the middle. On a step function the answer depends on the path, so another variant would give other digits than
 * Kayenta and R do.
 *
 * @param toleranceX - Width at which the search ends, in the unit of x; the answer is within about half of it of a change of sign.
 * @returns A root, or the best point after `stepsMax`; `undefined` when the function has no value at some point asked for.
 * @see Brent, "Algorithms for Minimization without Derivatives" (1973), chapter 4; R, `R_zeroin2` in zeroin.c.
 */
export function brentRoot(curve: Curve, low: number, high: number, toleranceX: number, stepsMax: number): number | undefined {
  let previous: Point = { x: low, y: curve(low) ?? Number.NaN };
  let best: Point = { x: high, y: curve(high) ?? Number.NaN };
  if (Number.isNaN(previous.y) || Number.isNaN(best.y)) return undefined;
  if (previous.y === 0) return previous.x;
  let opposite = previous;
  for (let step = 0; step <= stepsMax; step++) {
    const moved = best.x - previous.x;
    if (Math.abs(opposite.y) < Math.abs(best.y)) [previous, best, opposite] = [best, opposite, best];
    const tolerance = 2 * Number.EPSILON * Math.abs(best.x) + toleranceX / 2;
    const half = (opposite.x - best.x) / 2;
    if (Math.abs(half) <= tolerance || best.y === 0) return best.x;
    const wanted = isWorthInterpolating(moved, tolerance, previous, best)
      ? interpolated(previous, best, opposite, moved, tolerance)
      : half;
    // A smaller step than the tolerance could be lost in rounding.
    const by = Math.abs(wanted) < tolerance ? (wanted > 0 ? tolerance : -tolerance) : wanted;
    const y = curve(best.x + by);
    if (y === undefined) return undefined;
    previous = best;
    best = { x: best.x + by, y };
    if (best.y > 0 === opposite.y > 0 && best.y !== 0 && opposite.y !== 0) opposite = previous;
  }
  return best.x;
}

type Point = { readonly x: number; readonly y: number };

function isWorthInterpolating(moved: number, tolerance: number, previous: Point, best: Point): boolean {
  return Math.abs(moved) >= tolerance && Math.abs(previous.y) > Math.abs(best.y);
}

/** Secant through two points, inverse parabola through three; half the bracket when either leads outside or converges slowly. */
function interpolated(previous: Point, best: Point, opposite: Point, moved: number, tolerance: number): number {
  const width = opposite.x - best.x;
  const ratio = best.y / previous.y;
  let top = width * ratio;
  let bottom = 1 - ratio;
  if (previous.x !== opposite.x) {
    const q = previous.y / opposite.y;
    const r = best.y / opposite.y;
    top = ratio * (width * q * (q - r) - (best.x - previous.x) * (r - 1));
    bottom = (q - 1) * (r - 1) * (ratio - 1);
  }
  if (top > 0) bottom = -bottom;
  else top = -top;
  const isInside = top < 0.75 * width * bottom - Math.abs(tolerance * bottom) / 2;
  return isInside && top < Math.abs((moved * bottom) / 2) ? top / bottom : width / 2;
}
