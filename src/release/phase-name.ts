import type { Cause, Outcome, ReleaseState } from './types.ts';

/** States of a release that has not ended, in the words of the product (DESIGN §4). */
export const livePhases = [
  'queued',
  'validating',
  'awaiting-approval',
  'preparing',
  'progressing',
  'promoting',
  'baking',
  'retiring',
  'held',
  'rolling-back',
  'rollback-failed',
] as const;

/** The state of a release: one of those, or how it ended. */
export type PhaseName = (typeof livePhases)[number] | Outcome;

/**
 * Names the state of a release: a step of kind `promote` is `promoting`, one of the database `preparing`; a rollback that the router or
 * the database refuses is `rollback-failed`, one that waits for people `held`.
 */
export function phaseName(release: ReleaseState): PhaseName {
  const { phase } = release;
  switch (phase.kind) {
    case 'ended':
      return phase.outcome;
    case 'rolling-back':
      if (phase.part === 'decide') return 'held';
      return phase.failing ? 'rollback-failed' : 'rolling-back';
    case 'stepping': {
      const step = release.plan.steps[phase.step];
      if (step?.kind === 'backup' || step?.kind === 'migrate' || (step?.kind === 'gate' && step.first)) return 'preparing';
      if (step?.kind === 'promote') return 'promoting';
      // At its second barrier it has all traffic, and the version before is still warm.
      const hasAll = phase.step > release.plan.steps.findIndex(({ kind }) => kind === 'promote');
      if (step?.kind === 'bake' || (step?.kind === 'gate' && hasAll) || (step?.kind === 'barrier' && step.before === 'retire'))
        return 'baking';
      if (step?.kind === 'retire') return 'retiring';
      return 'progressing';
    }
    case 'queued':
    case 'validating':
    case 'awaiting-approval':
    case 'preparing':
    case 'held':
      return phase.kind;
  }
}

/** Whether the candidate has become the stable version: from here on there is nothing to go back from, only clearing up. */
export function isCommitted(release: ReleaseState): boolean {
  const { phase } = release;
  if (phase.kind === 'ended') return phase.outcome === 'succeeded';
  return phase.kind === 'stepping' && (phase.part.kind === 'committing' || phase.part.kind === 'retiring');
}

/**
 * Whether nothing of a release has begun that a restart of the stable version could disturb. A version that is brought back is waited
 * for: nothing delays it.
 */
export function waitsForRestart({ phase, plan }: ReleaseState): boolean {
  return plan.strategy !== 'restore' && (phase.kind === 'validating' || phase.kind === 'awaiting-approval');
}

/** Why a release goes back, or will as soon as its migration has ended; null when it does not. */
export function causeOfReturn({ phase }: ReleaseState): Cause | null {
  if (phase.kind === 'rolling-back') return phase.cause;
  return phase.kind === 'stepping' && phase.part.kind === 'running' ? (phase.part.thenBack ?? null) : null;
}

/** Percent of the requests that the candidate has by its steps and by a drill; the route follows from it. */
export function weightOf({ exposure, drill }: ReleaseState): number {
  return Math.max(exposure.weight, drill?.percent ?? 0);
}

/** Whether the plan, or a drill, lets any request reach the candidate now. */
export function isExposed(release: ReleaseState): boolean {
  return release.exposure.weight > 0 || release.exposure.match.length > 0 || release.drill !== undefined;
}
