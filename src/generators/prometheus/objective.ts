import { slotMs } from '../../slo/lint.ts';
import { allowedRatio, defaultPolicy } from '../../slo/policy.ts';
import type { Rational } from '../../slo/rational.ts';
import type { BurnPolicy, Target } from '../../slo/types.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import { type Events, eventsOf } from './events.ts';
import { labelled } from './promql-text.ts';

/** An objective that Prometheus can watch. */
export type Watched = {
  readonly spec: ServiceSpec;
  readonly objective: Objective;
  readonly target: Target;
  readonly policy: BurnPolicy;
  readonly events: Events;
  /** Its labels on everything that is recorded of it, as in a selector. */
  readonly labels: string;
  /** Time between two evaluations of its rules, in milliseconds. */
  readonly intervalMs: number;
  /** What whoever reads the rules should know. */
  readonly says: readonly string[];
};

/** Or why it cannot. */
export type NotWatched = { readonly spec: ServiceSpec; readonly objective: Objective; readonly problem: string };

const intervalsMs = [60_000, 30_000, 15_000, 10_000, 5_000, 2_000];

/** @returns For each objective of a service, in the order of the document. */
export function watchedOf(spec: ServiceSpec): readonly (Watched | NotWatched)[] {
  return spec.objectives.map((objective) => {
    const counted = eventsOf(spec, objective);
    if ('problem' in counted) return { spec, objective, problem: counted.problem };
    const policy = objective.alerts ?? defaultPolicy;
    const shortestMs = Math.min(...policy.map(({ shortMs }) => shortMs), Number.MAX_SAFE_INTEGER);
    const { slices } = objective;
    return {
      spec,
      objective,
      target: objective,
      policy,
      events: counted.events,
      labels: labelled({ service: spec.name, objective: objective.name }),
      // A slice is what one evaluation sees, and of a window enough evaluations must see something.
      intervalMs: slices ? Math.max(slotMs, slices.everyMs) : (intervalsMs.find((ms) => ms * 5 <= shortestMs) ?? 1_000),
      says: counted.says,
    };
  });
}

/** The budget as a share of all events. */
export function allowedOf({ target }: Watched): Rational {
  return allowedRatio(target);
}
