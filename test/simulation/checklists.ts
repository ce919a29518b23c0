import type { ReleaseState } from '../../src/release/types.ts';
import type { ReleasePolicy } from '../../src/spec/types.ts';
import type { Random } from './random.ts';

/**
 * Checklists that a release asks in a simulated history: before it begins, before all of the traffic, or in its bake.
 *
 * @param random - One of its own: what else happens in the history of a seed does not depend on it.
 */
export function drawChecklists({ chance, pick, between }: Random): Partial<ReleasePolicy> {
  if (!chance(0.3)) return {};
  const asked = () => ({
    checklist: 'ours',
    phases: null,
    signOffs: [],
    mode: pick<'enforce' | 'dry-run'>(['enforce', 'enforce', 'dry-run']),
    waitMs: between(0, 30_000),
    everyMs: between(1_000, 10_000),
    timeoutMs: 10_000,
  });
  return {
    ...(chance(0.5) ? { preflight: { ...asked(), then: pick<'hold' | 'refuse'>(['hold', 'refuse']), drill: false } } : {}),
    ...(chance(0.5) ? { cutover: { ...asked(), then: pick<'hold' | 'rollback'>(['hold', 'rollback']) } } : {}),
    ...(chance(0.5)
      ? {
          verify: {
            ...asked(),
            at: [0, 2_000, 5_000].map((afterMs) => ({ afterMs, phases: null })),
            then: pick<'rollback' | 'hold' | 'report'>(['rollback', 'hold', 'report']),
            watch: null,
          },
        }
      : {}),
  };
}

/** Why something of the candidate may not run yet: what has to be ready before it has not been; null: nothing is in its way. */
export function unaskedPreflight({ plan, findings }: ReleaseState): string | null {
  const gate = plan.steps.find((step) => step.kind === 'gate' && step.first && step.then !== 'report');
  if (gate?.kind !== 'gate') return null;
  return findings.some(({ what, ok }) => ok && what === gate.hook.name) ? null : `${gate.hook.name} is ready`;
}
