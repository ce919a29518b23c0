import type { Route } from './router.ts';

/** How the rules of a kind of route are read and written. Pure: `Rule` is what the list has in it, as on the wire. */
export type RuleShape<Rule> = {
  /** Whether Rampart has put this rule in, for the matches of the route. */
  isCopy(rule: Rule): boolean;
  /** Whether the rule sends its requests to what is split: all of them, none, or some beside others. */
  belongs(rule: Rule): 'all' | 'none' | 'some';
  /** The rule with its requests split between the versions. */
  split(rule: Rule): Rule;
  /**
   * The rule once more, for the requests that match, all of which go to the candidate.
   *
   * @throws RangeError when the rule and the matches ask the same header for two things.
   */
  copy(rule: Rule): Rule;
};

/**
 * The rules with those that belong to the service split as `route` says, and the others as they are. Its own result comes out as it
 * is, so that what was changed by hand is seen by the difference.
 *
 * @throws RangeError, in words, where no rule belongs to the service or one has other backends beside it.
 */
export function splitRules<Rule>(rules: readonly Rule[], { match, candidate }: Route, shape: RuleShape<Rule>): readonly Rule[] {
  const split: Rule[] = [];
  let belonging = 0;
  for (const rule of rules) {
    if (shape.isCopy(rule)) continue;
    const part = shape.belongs(rule);
    if (part === 'some') throw new RangeError('a rule has other backends beside it: give them a rule of their own');
    if (part === 'none') split.push(rule);
    else {
      belonging += 1;
      if (match.length > 0 && candidate) split.push(shape.copy(rule));
      split.push(shape.split(rule));
    }
  }
  if (belonging === 0) throw new RangeError('no rule sends requests there');
  return split;
}

/** Whether everything that was written is in what is there. Servers add defaults, which are nobody's. */
export function covers(there: unknown, written: unknown): boolean {
  if (Array.isArray(written))
    return Array.isArray(there) && there.length === written.length && written.every((item, i) => covers(there[i], item));
  if (typeof written === 'object' && written !== null) {
    if (typeof there !== 'object' || there === null) return false;
    return Object.entries(written).every(
      ([key, value]) => value === undefined || covers((there as Record<string, unknown>)[key], value),
    );
  }
  return there === written;
}

/** A weight in percent as whole numbers for stable and candidate. */
export function partsOf(weight: number): readonly [stable: number, candidate: number] {
  const whole = Number.isInteger(weight) ? 1 : 10;
  const candidate = Math.round(weight * whole);
  return [100 * whole - candidate, candidate];
}

/** Percent, to two digits. */
export function percentOf(part: number, all: number): number {
  return all === 0 ? 0 : Math.round((part / all) * 10_000) / 100;
}
