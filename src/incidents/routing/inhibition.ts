import type { InhibitRule } from '../../spec/alert-routing-types.ts';
import { areLike, type Labels, labelOf } from './matching.ts';

/** An alert that fires, as far as inhibition asks. */
export type FiringAlert = { readonly id: string; readonly labels: Labels };

/** What keeps an alert still: a rule, and the alert that speaks for it. */
export type Inhibited<Source extends FiringAlert = FiringAlert> = { readonly rule: InhibitRule; readonly by: Source };

type Sources<Source> = {
  /** By id, in the order in which they began. */
  readonly any: Map<string, Source>;
  /** Those that are not like the target too. */
  readonly oneSided: Map<string, Source>;
};

/**
 * Which firing alert speaks for others. An alert never speaks for itself: what is like both sides of a rule is inhibited only by what is
 * not.
 *
 * @see prometheus/alertmanager, inhibit/inhibit.go: Inhibitor.Mutes.
 */
export class Inhibitor<Source extends FiringAlert> {
  readonly #rules: readonly { readonly rule: InhibitRule; readonly sources: Map<string, Sources<Source>> }[];

  /** @param firing - Alerts that fire already. */
  constructor(rules: readonly InhibitRule[], firing: readonly Source[] = []) {
    this.#rules = rules.map((rule) => ({ rule, sources: new Map() }));
    for (const alert of firing) this.add(alert);
  }

  /** An alert fires from now on. */
  add(alert: Source): void {
    for (const { rule, sources } of this.#rules) {
      if (!areLike(rule.sourceMatchers, alert.labels)) continue;
      const key = equalKey(rule.equal, alert.labels);
      const found = sources.get(key) ?? { any: new Map(), oneSided: new Map() };
      found.any.set(alert.id, alert);
      if (!areLike(rule.targetMatchers, alert.labels)) found.oneSided.set(alert.id, alert);
      sources.set(key, found);
    }
  }

  /** An alert is over. */
  remove({ id, labels }: FiringAlert): void {
    for (const { rule, sources } of this.#rules) {
      const key = equalKey(rule.equal, labels);
      const found = sources.get(key);
      found?.any.delete(id);
      found?.oneSided.delete(id);
      if (found?.any.size === 0) sources.delete(key);
    }
  }

  /** The first alert that speaks for labels, and the rule; null: none does. */
  by(labels: Labels): Inhibited<Source> | null {
    for (const { rule, sources } of this.#rules) {
      if (sources.size === 0 || !areLike(rule.targetMatchers, labels)) continue;
      const found = sources.get(equalKey(rule.equal, labels));
      const [oneSided] = found?.oneSided.values() ?? [];
      const [any] = found?.any.values() ?? [];
      const by = oneSided ?? (areLike(rule.sourceMatchers, labels) ? undefined : any);
      if (by) return { rule, by };
    }
    return null;
  }
}

/** A label that is not there is the same as an empty one. */
function equalKey(equal: readonly string[], labels: Labels): string {
  return JSON.stringify(equal.map((name) => labelOf(labels, name)));
}
