import type { Instance } from '../targets/target.ts';
import { isExposed } from './phase-name.ts';
import { candidateReplicas, readyCount, scaleOf, stableReplicas } from './scaling.ts';
import type { Move, ReleaseState, ServiceState } from './types.ts';

/**
 * The way back of a rolling update. Stable may have given up instances, and all of the traffic on the few that are left would hurt
 * everybody. So they come back first, as many at a time as there is room for, and the candidate keeps no more than the share that
 * the ready ones of stable have no capacity for. As soon as they are enough (the plan's floor), all traffic is taken back at once.
 */
export function mustRestore(state: ServiceState, release: ReleaseState): boolean {
  return release.plan.rolling !== undefined && isExposed(release) && !isRestored(state, release);
}

/** What the candidate still serves meanwhile; null: nothing. */
export function restoredRoute(
  state: ServiceState,
  release: ReleaseState,
): { readonly instances: readonly Instance[]; readonly weight: number } | null {
  if (isRestored(state, release)) return null;
  const { keep, ready, floor } = needs(state, release);
  const instances = state.instances[release.version] ?? [];
  const kept = instances.slice(0, keep);
  const share = Math.max(1, Math.round((100 * (floor - ready)) / floor));
  return {
    // Those beyond end first. Where none of the others is ready, they still have to serve.
    instances: readyCount(kept) > 0 ? kept : instances,
    weight: Math.min(release.exposure.weight, share),
  };
}

/** One transition of it, or the same state when it waits. */
export function advanceRestoring(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan, version } = release;
  if (phase.kind !== 'rolling-back' || !plan.rolling) return { state, said: null };
  const { keep, ready, all } = needs(state, release);
  const before = scaleOf(release).stable ?? all;
  const become = (more: Partial<typeof phase>, said: string | null): Move => ({
    state: { ...state, live: { ...release, phase: { ...phase, ...more } } },
    said,
  });
  const route = { part: 'route', untilMs: atMs + plan.routeMs, failing: false } as const;
  if (isRestored(state, release)) return become(route, `${ready} of ${all} instances of ${plan.stable} are ready`);
  if (atMs >= phase.untilMs)
    return ready > 0
      ? become(route, `only ${ready} of ${all} instances of ${plan.stable} became ready in time; they take all traffic`)
      : become(
          { failing: true, untilMs: atMs + plan.readyMs },
          `no instance of ${plan.stable} becomes ready; ${version} has to serve on, keeps trying`,
        );
  const instances = state.instances[version] ?? [];
  const candidate = candidateReplicas(release);
  const isLetGo = keep < candidate && state.route.status === 'confirmed' && readyCount(instances.slice(0, keep)) > 0;
  const left = isLetGo ? keep : candidate;
  const room = plan.rolling.ceiling - Math.max(left, instances.length);
  // One that is just ending has to be gone before it is started again, or requests would be sent to what it was.
  const isEnding = (state.instances[plan.stable ?? ''] ?? []).length > before;
  const stable = isEnding ? before : Math.max(before, Math.min(all, room));
  if (left === candidate && stable === before) return { state, said: null };
  const next = { candidate: left, stable, routed: stable };
  return { state: { ...state, live: { ...release, scale: next } }, said: null };
}

function isRestored(state: ServiceState, release: ReleaseState): boolean {
  const { ready, floor } = needs(state, release);
  return ready >= floor || readyCount(state.instances[release.version] ?? []) === 0;
}

type Needs = {
  /** Instances of stable that are ready, of all that it has by its document. */
  readonly ready: number;
  readonly all: number;
  /** So many can carry all of the traffic. */
  readonly floor: number;
  /** Instances of the candidate that are needed until then. */
  readonly keep: number;
};

function needs(state: ServiceState, release: ReleaseState): Needs {
  const all = stableReplicas(state);
  const ready = readyCount((state.instances[release.plan.stable ?? ''] ?? []).slice(0, scaleOf(release).stable ?? all));
  const floor = Math.max(1, release.plan.rolling?.floor ?? 0);
  return { ready, all, floor, keep: Math.min(candidateReplicas(release), Math.max(0, floor - ready)) };
}
