import { instancesOf } from '../spec/replicas.ts';
import type { CanaryStep } from '../spec/types.ts';
import { gateStep } from './gates.ts';
import { observe } from './observe.ts';
import type { Plan, Step } from './types.ts';

/**
 * A canary as steps. Where it says how many instances of the candidate a step needs, the candidate begins with the first such number
 * and grows before the step that needs more; all of its instances are ready before all of the traffic, or a switch, comes.
 *
 * @param all - Instances of the candidate by its document.
 */
export function canarySteps(
  given: readonly CanaryStep[],
  all: number,
): { readonly steps: readonly Step[]; readonly more: Pick<Plan, 'starts'> } {
  const sizes = given.map((step) =>
    'replicas' in step && step.replicas ? Math.min(all, instancesOf(step.replicas, all)) : null,
  );
  const starts = sizes.find((size) => size !== null) ?? all;
  let running = starts;
  const steps = given.flatMap((step, index): readonly Step[] => {
    const size = Math.max(running, sizes[index] ?? 0);
    const grown: readonly Step[] = size > running ? [{ kind: 'scale', of: 'candidate', replicas: size }] : [];
    running = size;
    switch (step.kind) {
      case 'weight':
        return [...grown, { kind: 'weight', percent: step.weightPpm / 10_000 }, observe(step)];
      case 'match':
        return [...grown, { kind: 'match', match: step.match }, observe(step)];
      case 'pause':
      case 'approve':
        return [step];
      case 'hook':
        return [{ kind: 'hook', hook: step.hook }];
      case 'gate':
        return [gateStep(step.gate)];
    }
  });
  const last: readonly Step[] = running < all ? [{ kind: 'scale', of: 'candidate', replicas: null }] : [];
  return { steps: [...steps, ...last], more: starts < all ? { starts } : {} };
}
