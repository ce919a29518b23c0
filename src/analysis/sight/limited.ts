import { limitCap, limitGrid, limitThreshold, unclearMaxS } from '../limit.ts';
import { priorMass, type StepTraffic, shareAlone } from './compared.ts';
import { type Growth, passageSeconds, z95 } from './passage.ts';

/** Bad requests that stable would have to show if it failed alike, before the guard believes that it does not. */
const expectedOfStable = 3.5;
/** What stable breaks too is no reason to go back: nearer than this to the limit its own bad seconds may excuse the candidate. */
const stableNear = 0.25;
const stableNearAlone = 0.1;

/**
 * Seconds until a candidate is shown to break an absolute limit; Infinity when it does not, when that takes more than a day, or when
 * stable comes so near the limit itself that the guard may take the fault for one of both.
 *
 * @param limit - Highest accepted share of bad requests, 0–1. @param badC, badS - Shares of bad requests; `badS` 0 without a stable.
 */
export function limitSeconds(limit: number, badC: number, badS: number, traffic: StepTraffic): number {
  const near = traffic.share >= shareAlone ? stableNearAlone : stableNear;
  if (badC <= limit || limit >= 1 || badS > near * limit) return Number.POSITIVE_INFINITY;
  const n = traffic.requestsPerSecond * traffic.share;
  const mass = priorMass(traffic.stepsBefore);
  const growths = limitGrid.effects.map((r, k): Growth => {
    const good = -Math.log1p(limit * (r - 1));
    const bad = Math.log(r) + good;
    return {
      lead: Math.log(mass * (limitGrid.shares[k] ?? 0)),
      drift: n * (badC * bad + (1 - badC) * good),
      variance: n * (badC * bad * bad + (1 - badC) * good * good),
      unsure: 0,
    };
  });
  const { everyS } = traffic;
  const over = passageSeconds(growths, limitThreshold, { seconds: everyS, cap: limitCap(everyS) });
  if (traffic.share >= shareAlone || traffic.historyRequests === 0) return over;
  return Math.min(over + unclearMaxS, Math.max(over, clearAfterS(badC - badS, traffic.requestsPerSecond - n)));
}

/**
 * Seconds until stable has had so many requests, with 95 % probability, that its few bad ones tell it from a candidate with that many
 * more.
 */
function clearAfterS(rise: number, stablePerSecond: number): number {
  if (!(rise > 0)) return Number.POSITIVE_INFINITY;
  const needed = expectedOfStable / rise;
  // A Poisson count whose lower 5 % point is what is needed.
  return ((z95 + Math.sqrt(z95 * z95 + 4 * needed)) / 2) ** 2 / stablePerSecond;
}
