import { aloneTier, errorMargins, fineTier, grossTier } from '../rules.ts';
import { aloneSeconds, besideStableSeconds, readAfter } from './compared.ts';
import { limitSeconds } from './limited.ts';
import type { Step } from './step.ts';

/**
 * Seconds, whole and ≥ 1, after which a rise of the error rate is noticed with 95 % probability; Infinity when that takes more than
 * a day or never happens.
 *
 * @param risePpm - Absolute rise of the candidate's error rate over stable's.
 */
export function errorSeconds(step: Step, risePpm: number): number {
  return readAfter(shownAfter(step, risePpm), step.traffic);
}

function shownAfter({ basis, policy, traffic, stableErrors: badS }: Step, risePpm: number): number {
  const margins = errorMargins(policy.errors.worseByPpm);
  const badC = Math.min(1, badS + risePpm / 1e6);
  const limit = limitSeconds(policy.errors.maxPpm / 1e6, badC, badS, traffic);
  switch (basis) {
    case 'first':
    case 'kayenta':
      return limit;
    case 'history':
      return Math.min(limit, aloneSeconds(aloneTier.errors, [{ badC, badS, margin: margins.alone }], traffic, 1));
    case 'stable':
      return Math.min(
        limit,
        besideStableSeconds(fineTier, [{ badC, badS, margin: margins.fine }], traffic, 1),
        besideStableSeconds(grossTier, [{ badC, badS, margin: margins.gross }], traffic, 1),
      );
  }
}
