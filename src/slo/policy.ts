import { compare, minus, one, over, type Rational, rational, times, toNumber } from './rational.ts';
import type { BurnPolicy, Events, Target, Tier } from './types.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** 2 % of the budget in an hour, 5 % in six, 10 % in three days. Ten bad events at least: a healthy quiet service wakes nobody. */
export const defaultPolicy: BurnPolicy = [
  { name: 'P0', sharePpm: 20_000, longMs: hourMs, shortMs: 5 * minuteMs, minBad: 10, tells: 'page' },
  { name: 'P1', sharePpm: 50_000, longMs: 6 * hourMs, shortMs: 30 * minuteMs, minBad: 10, tells: 'chat' },
  { name: 'P2', sharePpm: 100_000, longMs: 72 * hourMs, shortMs: 6 * hourMs, minBad: 10, tells: 'email' },
];

/** Part of events that may be bad: 1/1000 for 99.9 %. */
export function allowedRatio({ targetPpm }: Pick<Target, 'targetPpm'>): Rational {
  return minus(one, rational(targetPpm, 1_000_000));
}

/** How many times faster than evenly over the window the budget is spent at the tier's threshold: P·W/L. */
export function factorOf(
  { sharePpm, longMs }: Pick<Tier, 'sharePpm' | 'longMs'>,
  { windowMs }: Pick<Target, 'windowMs'>,
): Rational {
  return times(rational(sharePpm, 1_000_000), rational(windowMs, longMs));
}

/** The ratio of bad events above which the tier fires: P·W/L·(1−T). From 1 on it never can. */
export function thresholdOf(tier: Pick<Tier, 'sharePpm' | 'longMs'>, target: Target): Rational {
  return times(factorOf(tier, target), allowedRatio(target));
}

/**
 * Whether a tier fires on what its two windows hold: both are above the threshold, strictly, and there are enough bad events. Exact: in
 * integers, without a division.
 *
 * @param threshold - See `thresholdOf`: worked out once for all evaluations.
 */
export function fires({ minBad }: Pick<Tier, 'minBad'>, threshold: Rational, long: Events, short: Events): boolean {
  return long.bad >= minBad && isAbove(long, threshold) && isAbove(short, threshold);
}

/** Whether more of the events were bad than the ratio allows: strictly, in integers. No events are no bad ones. */
export function isAbove({ bad, total }: Events, { n, d }: Rational): boolean {
  // Most windows of most objectives have none.
  return bad > 0 && BigInt(bad) * d > BigInt(total) * n;
}

/** What people have to know of a tier for one target. Times are for even traffic and a clean past, in milliseconds. */
export type Detection = {
  readonly tier: Tier;
  /** P·W/L. */
  readonly factor: number;
  /** Ratio of bad events above which it fires. */
  readonly threshold: number;
  /** Until it fires, and how soon it resolves after they stop; null: it never fires on that. */
  readonly at: readonly { readonly ratio: number; readonly detectMs: number | null; readonly resetMs: number | null }[];
};

/**
 * How soon a tier fires on these ratios of bad events, and resolves.
 *
 * @param ratios - As exact fractions: 1/10 for ten percent.
 */
export function detectionOf(tier: Tier, target: Target, ratios: readonly Rational[]): Detection {
  const threshold = thresholdOf(tier, target);
  return {
    tier,
    factor: toNumber(factorOf(tier, target)),
    threshold: toNumber(threshold),
    at: ratios.map((ratio) => ({
      ratio: toNumber(ratio),
      detectMs: numberOrNull(detectMsOf(tier, target, ratio)),
      resetMs: numberOrNull(resetMsOf(tier, target, ratio)),
    })),
  };
}

/** F·(1−T)·L/e; null where `e` is not above the threshold. Then so much of the budget is spent as the tier says, whatever `e` is. */
export function detectMsOf(tier: Tier, target: Target, ratio: Rational): Rational | null {
  const threshold = thresholdOf(tier, target);
  return compare(ratio, threshold) > 0 ? over(times(threshold, rational(tier.longMs)), ratio) : null;
}

/** S·(1−F·(1−T)/e): once the errors have stopped the short window is the first to fall below. null: it had never fired. */
export function resetMsOf(tier: Tier, target: Target, ratio: Rational): Rational | null {
  const threshold = thresholdOf(tier, target);
  return compare(ratio, threshold) > 0 ? times(rational(tier.shortMs), minus(one, over(threshold, ratio))) : null;
}

/** Requests in the long window below which a single bad one makes the tier fire, were there no `minBad`. */
export function aloneBelow(tier: Tier, target: Target): number {
  const { n, d } = thresholdOf(tier, target);
  // 1/N > threshold for N < d/n.
  return Number((d + n - 1n) / n);
}

function numberOrNull(value: Rational | null): number | null {
  return value && toNumber(value);
}
