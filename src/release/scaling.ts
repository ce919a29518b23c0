import { replicasOf } from '../spec/replicas.ts';
import type { Instance } from '../targets/target.ts';
import { isCommitted } from './phase-name.ts';
import type { ReleaseState, Scale, Scaling, ServiceState } from './types.ts';

/** Every version with all of its instances. */
const unscaled: Scale = { candidate: null, stable: null, routed: null };

/** How many instances of each side a release wants. */
export function scaleOf({ scale }: ReleaseState): Scale {
  return scale ?? unscaled;
}

/** How many instances of its candidate a release wants now. */
export function candidateReplicas(release: ReleaseState): number {
  return scaleOf(release).candidate ?? replicasOf(release.spec);
}

/** How many instances of the version that the release is to replace are there by its own document; 0 without one. */
export function stableReplicas({ stable }: ServiceState): number {
  return stable ? replicasOf(stable.spec) : 0;
}

/** The instances that get requests: without those that are about to end. A target ends the last ones first. */
export function routedInstances(state: ServiceState, version: string): readonly Instance[] {
  const instances = state.instances[version] ?? [];
  const release = state.live;
  if (!release || version !== release.plan.stable || isCommitted(release)) return instances;
  const { routed } = scaleOf(release);
  return routed === null ? instances : instances.slice(0, routed);
}

/** What `Wanted.replicas` says for the version that is stable now: limited while a release shares the instances out. */
export function stableWanted(state: ServiceState): { readonly replicas?: number } {
  const release = state.live;
  if (!release) return {};
  // Those that are still missing come when the version before has gone.
  const isBeforeThere = isCommitted(release) && release.plan.stable !== null && release.plan.stable in state.instances;
  return only(isCommitted(release) ? (isBeforeThere ? scaleOf(release).candidate : null) : scaleOf(release).stable);
}

/** The same for a candidate, or for the version before while it goes. */
export function only(replicas: number | null): { readonly replicas?: number } {
  return replicas === null ? {} : { replicas };
}

/** Instances that can take requests. */
export function readyCount(instances: readonly Instance[]): number {
  return instances.filter(({ state }) => state === 'ready').length;
}

/** Whether every instance that a step waits for is ready: the candidate's, and of stable those that stay. */
export function isGrown(state: ServiceState, release: ReleaseState, step: Scaling): boolean {
  if (readyCount(state.instances[release.version] ?? []) < candidateReplicas(release)) return false;
  if (step.of === 'candidate') return true;
  return readyCount((state.instances[release.plan.stable ?? ''] ?? []).slice(0, step.replicas)) >= step.replicas;
}

/** Whether so many of stable are left, those that are just ending included. */
export function isShrunk(state: ServiceState, release: ReleaseState, replicas: number): boolean {
  return (state.instances[release.plan.stable ?? ''] ?? []).length <= replicas;
}
