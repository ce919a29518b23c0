import type { KubernetesApi, KubernetesObject } from '../../kubernetes/api.ts';
import { servedVersion } from '../../kubernetes/discovery.ts';

/** A HorizontalPodAutoscaler, with the fields that are the same in all its versions. */
export type Autoscaler = KubernetesObject & {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
  };
};

/** Every cluster serves this one; what it lacks is only needed to copy one. */
export function autoscalersPath(namespace: string, version = 'v1'): string {
  return `/apis/autoscaling/${version}/namespaces/${namespace}/horizontalpodautoscalers`;
}

/** The version in which an autoscaler keeps all its metrics and its behaviour. */
export function richestVersion(api: KubernetesApi, signal: AbortSignal): Promise<string> {
  return servedVersion(api, 'autoscaling', ['v2', 'v2beta2', 'v1'], signal);
}

/** Who decides how many pods the Deployment has. */
export function autoscalerOf(all: Iterable<Autoscaler>, deployment: string): Autoscaler | null {
  for (const one of all)
    if (one.spec.scaleTargetRef.kind === 'Deployment' && one.spec.scaleTargetRef.name === deployment) return one;
  return null;
}

/**
 * The autoscaler of a version, after the pattern of the user's own. While a step wants another number of instances than the document, the
 * bounds say so: the autoscaler then brings it about, and nobody writes against it.
 *
 * @param replicas - How many are wanted now, at least 1.
 * @param all - How many the document says.
 */
export function versionAutoscaler(
  pattern: Autoscaler,
  apiVersion: string,
  metadata: object & { readonly name: string },
  replicas: number,
  all: number,
): object {
  const bounds = replicas === all ? {} : { minReplicas: replicas, maxReplicas: replicas };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name };
  return {
    apiVersion: `autoscaling/${apiVersion}`,
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: { ...pattern.spec, scaleTargetRef, ...bounds },
  };
}
