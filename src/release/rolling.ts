import { instancesOf } from '../spec/replicas.ts';
import type { Rolling } from '../spec/types.ts';
import { observe } from './observe.ts';
import type { RollingLimits, Step } from './types.ts';

/** How many instances each version has by its own document. */
export type Replicas = { readonly candidate: number; readonly stable: number };

/**
 * A rolling update as steps: room is made where it is needed, a batch of the candidate is started and made ready, gets its share of the
 * requests and is watched; then as many of stable end. So a candidate whose first batch fails meets a stable version that still has
 * all that it needs. The last batch is watched by the bake. One instance of stable stays until the candidate has taken its name,
 * because a release must always have somewhere to go back to; where nothing may run beyond the usual number, the candidate's
 * last instance therefore comes after that.
 */
export function rollingSteps(
  rolling: Rolling,
  replicas: Replicas,
): { readonly steps: readonly Step[]; readonly limits: RollingLimits } {
  const all = replicas.candidate;
  const unavailable = instancesOf(rolling.maxUnavailable, all, 'down');
  const surge = instancesOf(rolling.maxSurge, all);
  // The document is checked for it; stable's own number may be another one, and a plan there must be.
  const limits: RollingLimits = {
    floor: Math.max(0, Math.min(all, replicas.stable) - unavailable),
    ceiling: Math.max(all, replicas.stable) + Math.max(surge, unavailable > 0 && all > 1 ? 0 : 1),
  };
  const batch = Math.max(1, instancesOf(rolling.batch, all));
  const steps: Step[] = [];
  let weight = 0;
  let updated = 0;
  let stable = replicas.stable;
  while (updated < all) {
    const isFirst = updated === 0;
    // What the batches before have replaced may go now.
    let left = Math.max(1, Math.min(stable, Math.ceil((replicas.stable * (all - updated)) / all)));
    const room = limits.ceiling - left - updated;
    const isMissing = Math.max(0, Math.min(batch, all - updated) - room);
    const early = Math.max(0, Math.min(isMissing, left - 1, updated + left - limits.floor));
    left -= early;
    const next = Math.min(all, updated + batch, updated + room + early);
    if (next <= updated) break;
    if (left < stable) {
      const percent = isFirst ? 0 : shareOf(updated, updated + left);
      steps.push({ kind: 'scale', of: 'stable', replicas: left, percent: percent > weight ? percent : null });
      weight = Math.max(weight, percent);
      stable = left;
    }
    updated = next;
    steps.push({ kind: 'scale', of: 'candidate', replicas: updated });
    if (updated < all) {
      weight = Math.max(weight, shareOf(updated, all));
      steps.push({ kind: 'weight', percent: weight }, observe(rolling.watch));
    }
    if (isFirst && rolling.approve) steps.push({ kind: 'approve', ...rolling.approve });
  }
  return { steps, limits };
}

/** In whole percents, which every router can set; never all or nothing as long as both versions have instances. */
function shareOf(part: number, whole: number): number {
  return Math.max(1, Math.min(99, Math.round((100 * part) / whole)));
}
