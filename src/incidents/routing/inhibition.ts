import type { InhibitRule } from '../../spec/alert-routing-types.ts';
import { areLike, type Labels, labelOf } from './matching.ts';

/** An alert that fires, as far as inhibition asks. */
export type FiringAlert = { readonly id: string; readonly labels: Labels };

/** What keeps an alert still: a rule, and the alert that speaks for it. */
export type Inhibited<Source extends FiringAlert = FiringAlert> = { readonly rule: InhibitRule; readonly by: Source };

/**
 * Answers which firing alert speaks for labels, and by which rule; null: none does. An alert never speaks for itself: what is like both
 * sides of a rule is inhibited only by what is not.
 *
 * @param firing - All alerts that fire at the moment.
 * @see prometheus/alertmanager, inhibit/inhibit.go: Inhibitor.Mutes.
 */
export function inhibitionBy<Source extends FiringAlert>(
  rules: readonly InhibitRule[],
  firing: readonly Source[],
): (labels: Labels) => Inhibited<Source> | null {
  const indexes = rules.map((rule) => sourcesOf(rule, firing));
  return (labels) => {
    for (const [at, rule] of rules.entries()) {
      if (!areLike(rule.targetMatchers, labels)) continue;
      const sources = indexes[at]?.get(equalKey(rule.equal, labels));
      const by = areLike(rule.sourceMatchers, labels) ? sources?.oneSided : (sources?.oneSided ?? sources?.any);
      if (by) return { rule, by };
    }
    return null;
  };
}

/** The first alert with the same values: `oneSided` is not like the target. */
type Sources<Source> = { any: Source; oneSided: Source | undefined };

function sourcesOf<Source extends FiringAlert>(
  rule: InhibitRule,
  firing: readonly Source[],
): ReadonlyMap<string, Sources<Source>> {
  const sources = new Map<string, Sources<Source>>();
  for (const alert of firing) {
    if (!areLike(rule.sourceMatchers, alert.labels)) continue;
    const oneSided = areLike(rule.targetMatchers, alert.labels) ? undefined : alert;
    const key = equalKey(rule.equal, alert.labels);
    const found = sources.get(key);
    if (!found) sources.set(key, { any: alert, oneSided });
    else found.oneSided ??= oneSided;
  }
  return sources;
}

/** A label that is not there is the same as an empty one. */
function equalKey(equal: readonly string[], labels: Labels): string {
  return JSON.stringify(equal.map((name) => labelOf(labels, name)));
}
