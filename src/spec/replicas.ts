import type { Amount, Rolling, ServiceSpec } from './types.ts';

/** How many instances of a version run. Every plugin's definition of a target may say so; one where it does not. */
export function replicasOf({ target: { config } }: Pick<ServiceSpec, 'target'>): number {
  return typeof config === 'object' && config !== null && 'replicas' in config && typeof config.replicas === 'number'
    ? config.replicas
    : 1;
}

/** An amount as instances of `replicas` (≥ 0). A share is rounded up, as Argo Rollouts and Kubernetes do, or down where too many would do harm. */
export function instancesOf(amount: Amount, replicas: number, rounded: 'up' | 'down' = 'up'): number {
  if ('count' in amount) return amount.count;
  // On integers: 0.07 · 100 is more than 7 in floating point.
  const exact = (replicas * amount.sharePpm) / 1_000_000;
  return rounded === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** Why a rolling update of so many instances could never replace one; null where it can. */
export function rollingProblem({ maxSurge, maxUnavailable }: Rolling, replicas: number): string | null {
  const surge = instancesOf(maxSurge, replicas);
  const unavailable = instancesOf(maxUnavailable, replicas, 'down');
  if (surge > 0 || (unavailable > 0 && replicas > 1)) return null;
  // A release must always have somewhere to go back to, so the last instance of stable stays until the candidate has taken its name.
  return unavailable > 0
    ? 'with one replica there is nothing to go back to unless another may run beside it: expected maxSurge 1 or more'
    : `with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} neither maxSurge nor maxUnavailable lets an instance be replaced: raise one of them to 1`;
}
