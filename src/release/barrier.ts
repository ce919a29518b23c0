import type { Barrier, GroupTag, Plan, ReleaseState, Step } from './types.ts';

/** Why a release whose group did not answer goes back. */
export const barrierMissed = 'its group did not let it go on in time';

/**
 * The plan of a release that belongs to a group: it waits for the others before it gets all traffic, and again before it becomes stable,
 * so that until then each of them goes back at once to a version that still runs. A version that is brought back waits for nobody.
 */
export function withBarriers(plan: Plan, group: GroupTag | undefined): Plan {
  if (!group || plan.strategy === 'restore') return plan;
  const barrier = (before: Barrier['before']): Barrier => ({
    kind: 'barrier',
    before,
    group: group.name,
    maxMs: group.barrierMs,
  });
  const steps = plan.steps.flatMap((step): readonly Step[] =>
    step.kind === 'promote' || step.kind === 'retire' ? [barrier(step.kind), step] : [step],
  );
  return { ...plan, steps };
}

/** The first barrier from the present step up to, not including, step `end`; null where there is none. */
export function barrierAhead({ phase, plan }: ReleaseState, end: number): Barrier | null {
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return null;
  return plan.steps.slice(phase.step, end).find((step) => step.kind === 'barrier') ?? null;
}

/** The barrier that a release waits at, and the index of its step; null while it does not. */
export function barrierAt({ phase, plan }: ReleaseState): { readonly step: number; readonly barrier: Barrier } | null {
  if (phase.kind !== 'stepping' || phase.part.kind !== 'asking') return null;
  const barrier = plan.steps[phase.step];
  return barrier?.kind === 'barrier' ? { step: phase.step, barrier } : null;
}
