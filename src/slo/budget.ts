import { allowedRatio } from './policy.ts';
import { minus, one, over, type Rational, rational, times, toNumber } from './rational.ts';
import type { Events, Target } from './types.ts';

/**
 * What is left of an error budget, in the two ways that are in use. They agree only over a full window of even traffic.
 *
 * `ofAllowance` is for gates: bad events against those that the traffic of a whole window allows, so it never grows by traffic that
 * has not come yet. `ofObserved` is what most tools show: on the first day of a month it says that everything is lost where a
 * tenth is.
 */
export type Budget = {
  /** Bad events that a whole window allows. */
  readonly allowance: Rational;
  /** 1 − bad/allowance. Negative: overspent. null: no events are expected, so none is allowed. */
  readonly ofAllowance: Rational | null;
  /** 1 − (bad/total)/(1−T). null: there were no events. */
  readonly ofObserved: Rational | null;
};

/**
 * The budget of a window.
 *
 * @param seen - What has happened in the window so far.
 * @param expected - Events of a whole window; for a rolling one that is full they are those that were seen.
 */
export function budgetOf(target: Pick<Target, 'targetPpm'>, seen: Events, expected: number): Budget {
  const allowed = allowedRatio(target);
  const allowance = times(allowed, rational(expected));
  const isNothing = allowed.n === 0n;
  return {
    allowance,
    ofAllowance: allowance.n === 0n ? null : minus(one, over(rational(seen.bad), allowance)),
    ofObserved: seen.total === 0 || isNothing ? null : minus(one, over(rational(seen.bad, seen.total), allowed)),
  };
}

/** How fast the budget is spent: 1 spends it in exactly one window. null: there were no events, or nothing may fail. */
export function burnOf(target: Pick<Target, 'targetPpm'>, { bad, total }: Events): Rational | null {
  const allowed = allowedRatio(target);
  return total === 0 || allowed.n === 0n ? null : over(rational(bad, total), allowed);
}

/** The same as a number, for people and charts. */
export function burnNumber(target: Pick<Target, 'targetPpm'>, events: Events): number | null {
  const burn = burnOf(target, events);
  return burn && toNumber(burn);
}
