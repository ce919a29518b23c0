import { fieldManager } from '../../kubernetes/api.ts';
import { managersOf } from '../../kubernetes/managed-fields.ts';
import type { Autoscaler } from './autoscaler.ts';
import type { Deployment } from './objects.ts';

/** So many changes by somebody else within this time are no slip of a hand. */
const changesMin = 3;
const withinMs = 60_000;

type Dispute = { readonly atMs: readonly number[]; readonly lastGeneration: number; readonly problem: string | null };

/** Notices who else decides how many pods a version has. What scales it by the rules of the cluster is left to it, and named. */
export class ReplicaDisputes {
  readonly #disputes = new Map<string, Dispute>();

  /**
   * @param wanted - `isApplied`: the Deployment had this number from Rampart already, so another one is somebody else's.
   * @param scaler - `own` for the autoscaler that Rampart has made for this version.
   */
  look(
    key: string,
    deployment: Deployment | undefined,
    { replicas: wanted, isApplied }: { readonly replicas: number; readonly isApplied: boolean },
    scaler: Autoscaler | 'own' | null,
  ): void {
    const known = this.#disputes.get(key) ?? { atMs: [], lastGeneration: -1, problem: null };
    const replicas = deployment?.spec.replicas ?? wanted;
    if (!deployment || scaler === 'own' || replicas === wanted) {
      this.#disputes.set(key, { ...known, problem: scaler === null ? stillOf(known) : null });
      return;
    }
    if (scaler !== null) {
      const { namespace, name } = scaler.metadata;
      const problem = `HorizontalPodAutoscaler ${namespace}/${name} keeps ${replicas} pods where the release wants ${wanted}; Rampart leaves them to it. Delete it, or name it in target.kubernetes.from.autoscaler so that it follows the steps`;
      this.#disputes.set(key, { ...known, problem });
      return;
    }
    const { generation = 0 } = deployment.metadata;
    if (!isApplied || generation === known.lastGeneration) return;
    const now = performance.now();
    const atMs = [...known.atMs, now].filter((at) => now - at < withinMs).slice(-changesMin);
    const others = managersOf(deployment, 'replicas').filter((manager) => !manager.startsWith(fieldManager));
    const problem =
      atMs.length < changesMin
        ? null
        : `${others.join(' and ') || 'something'} sets spec.replicas of Deployment ${key} to ${replicas} again and again where Rampart wants ${wanted}: leave the Deployments of versions to Rampart`;
    this.#disputes.set(key, { atMs, lastGeneration: generation, problem });
  }

  /** What somebody should know about the number of pods; null when nobody else decides it. */
  problem(key: string): string | null {
    return this.#disputes.get(key)?.problem ?? null;
  }

  forget(key: string): void {
    this.#disputes.delete(key);
  }
}

/** Between two changes all is as wanted for a moment. */
function stillOf({ atMs, problem }: Dispute): string | null {
  const last = atMs.at(-1);
  return last !== undefined && performance.now() - last < withinMs ? problem : null;
}
