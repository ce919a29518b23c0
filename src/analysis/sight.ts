import type { Grid } from './evidence.ts';
import type { GuardPolicy } from './guard.ts';
import { historyBlockS } from './history.ts';
import { type Margin, pairGrowth } from './likelihood.ts';
import { aloneTier, errorMargins, fineTier, grossTier, priorStart, type Tier } from './rules.ts';
import { percentText, spanText } from './wording.ts';

/** What is known before a release starts. */
export type SightInput = {
  /** Of both versions together, > 0. */
  readonly requestsPerSecond: number;
  /** Candidate's share of them in percent, 0–100. */
  readonly weight: number;
  /** How long the step lasts. */
  readonly stepS: number;
  /** Stable's error rate; null when unknown, which is taken as 0.1 %. */
  readonly stableErrorPpm: number | null;
  readonly policy: GuardPolicy;
};

/** What the guard will notice with 95 % probability. */
export type Sight = {
  /** Smallest rise of the error rate that is noticed within the step; null when not even a total failure is. */
  readonly smallestRisePpm: number | null;
  /** How long rises of 1, 5 and 20 % take; null when they are not noticed within a day. */
  readonly noticedAfter: readonly { readonly risePpm: number; readonly seconds: number | null }[];
  /** `at 10 % of 40 requests/s you will notice 0.6 % more errors within 10 min, 5 % within 26 s and 20 % within 7 s`. */
  readonly sentence: string;
};

const assumedErrorPpm = 1000;
const rises = [10_000, 50_000, 200_000];
const dayS = 86_400;
/** Standard normal quantile of 95 %. */
const z95 = 1.645;

/**
 * What the guard can see at a weight, before anything is risked. Computed from the guard's own test: the expected growth of the
 * evidence per second, its variance (Poisson counts), and the time after which the evidence lies above the threshold with
 * 95 % probability (normal approximation of the first passage; Wald 1947, appendix A). Roughness of the counts is unknown
 * beforehand and taken as none.
 */
export function sight(input: SightInput): Sight {
  const noticedAfter = rises.map((risePpm) => {
    const seconds = secondsToNotice(input, risePpm);
    return { risePpm, seconds: seconds <= dayS ? seconds : null };
  });
  const smallestRisePpm = smallestRise(input);
  return { smallestRisePpm, noticedAfter, sentence: sentenceOf(input, smallestRisePpm, noticedAfter) };
}

/**
 * Seconds, whole and ≥ 1, after which a rise is noticed with 95 % probability; Infinity if never.
 *
 * @param risePpm - Absolute rise of the candidate's error rate over stable's.
 */
export function secondsToNotice(input: SightInput, risePpm: number): number {
  const { fine, gross, alone } = errorMargins(input.policy.errors.worseByPpm);
  const badS = (input.stableErrorPpm ?? assumedErrorPpm) / 1e6;
  const badC = Math.min(1, badS + risePpm / 1e6);
  if (input.weight <= 0) return Number.POSITIVE_INFINITY;
  const rate: Rate = { badC, badS, perSecond: input.requestsPerSecond, weight: input.weight / 100 };
  if (input.weight >= 99.9) {
    const { errors: grid, threshold, cap } = aloneTier;
    const s = passage(grid, alone, { ...rate, weight: 1 }, threshold, cap / historyBlockS);
    return Math.ceil(s / historyBlockS) * historyBlockS;
  }
  return Math.ceil(Math.max(1, Math.min(tierSeconds(fineTier, fine, rate), tierSeconds(grossTier, gross, rate))));
}

type Rate = { readonly badC: number; readonly badS: number; readonly perSecond: number; readonly weight: number };

/** With the concurrent stable alone, or with its history once the concurrent part agrees, whichever is sooner. */
function tierSeconds(tier: Tier, margin: Margin, rate: Rate): number {
  const speed = tier.cap / tier.blockS;
  const concurrent = passage(tier.grid, margin, rate, tier.threshold, speed);
  const agreed = passage(tier.grid, margin, rate, tier.agree, speed);
  const pooled = passage(tier.grid, margin, { ...rate, weight: 1 }, tier.threshold, speed, rate.weight);
  return Math.min(concurrent, Math.max(agreed, pooled));
}

/**
 * First passage of the evidence over a threshold, in seconds, for the effect that gets there first.
 *
 * @param speedMax - The most that caps let the evidence grow per second.
 * @param share - Candidate's share of the traffic when `rate.weight` is 1, which stands for "stable's rate is known".
 */
function passage(
  { effects, shares }: Grid,
  margin: Margin,
  rate: Rate,
  threshold: number,
  speedMax: number,
  share = rate.weight,
): number {
  const nC = rate.perSecond * share;
  // A known rate is a stable with very much traffic.
  const nS = rate.weight < 1 ? rate.perSecond * (1 - rate.weight) : nC * 1e4;
  const odds = nC / nS;
  const start = threshold - Math.log(priorStart);
  const growth = pairGrowth(effects, nC * rate.badC, nS * rate.badS, nS, odds, margin, 1);
  const perBadC = pairGrowth(effects, 1, 0, 0, odds, margin, 1);
  const perBadS = pairGrowth(effects, 0, 1, 0, odds, margin, 1);
  let soonest = Number.POSITIVE_INFINITY;
  effects.forEach((_, k) => {
    const drift = growth[k] ?? 0;
    if (!(drift > 0)) return;
    const spread = z95 * Math.sqrt(nC * rate.badC * (perBadC[k] ?? 0) ** 2 + nS * rate.badS * (perBadS[k] ?? 0) ** 2);
    const needed = start - Math.log(shares[k] ?? 1);
    // drift·t − spread·√t = needed.
    const root = (spread + Math.sqrt(spread * spread + 4 * drift * needed)) / (2 * drift);
    soonest = Math.min(soonest, Math.max(root * root, needed / speedMax));
  });
  return soonest;
}

function smallestRise(input: SightInput): number | null {
  const most = 1e6 - (input.stableErrorPpm ?? assumedErrorPpm);
  if (secondsToNotice(input, most) > input.stepS) return null;
  let low = 0;
  let high = most;
  while (high - low > 50) {
    const middle = (low + high) / 2;
    if (secondsToNotice(input, middle) <= input.stepS) high = middle;
    else low = middle;
  }
  // Rounded up to 0.01 %: more would promise what the formula does not know.
  return Math.min(most, Math.ceil(high / 100) * 100);
}

function sentenceOf(input: SightInput, smallest: number | null, noticed: Sight['noticedAfter']): string {
  const at = `at ${percentText(input.weight * 10_000)} of ${Number(input.requestsPerSecond.toPrecision(3))} requests/s`;
  if (smallest === null) return `${at} you will not notice errors within ${spanText(input.stepS)}: too few requests`;
  const parts = [`${percentText(smallest)} more errors within ${spanText(input.stepS)}`];
  for (const { risePpm, seconds } of noticed) {
    if (seconds !== null && seconds < input.stepS && risePpm > smallest)
      parts.push(`${percentText(risePpm)} within ${spanText(seconds)}`);
  }
  const last = parts.pop() ?? '';
  return `${at} you will notice ${parts.length > 0 ? `${parts.join(', ')} and ${last}` : last}`;
}
