import type { KubernetesApi, KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';
import { servedVersion } from '../../kubernetes/discovery.ts';
import { type LabelSelector, selects } from '../../kubernetes/label-selector.ts';

/** A PodDisruptionBudget, with the fields that are read here. */
export type DisruptionBudget = KubernetesObject & { readonly spec: { readonly selector?: LabelSelector } };

export function budgetVersion(api: KubernetesApi, signal: AbortSignal): Promise<string> {
  return servedVersion(api, 'policy', ['v1', 'v1beta1'], signal);
}

export function budgetsPath(namespace: string, version: string): string {
  return `/apis/policy/${version}/namespaces/${namespace}/poddisruptionbudgets`;
}

/** How many pods of one version an eviction may take at a time. By version, so that a candidate that never gets ready blocks no drain of stable's. */
export function versionBudget(
  apiVersion: string,
  metadata: object,
  labels: Readonly<Record<string, string>>,
  maxUnavailable: number | string,
): object {
  const spec = { maxUnavailable, selector: { matchLabels: labels } };
  return { apiVersion: `policy/${apiVersion}`, kind: 'PodDisruptionBudget', metadata, spec };
}

/** The user's own budget that already selects such pods. A second one would make every eviction of them fail. */
export async function budgetThatSelects(
  api: KubernetesApi,
  namespace: string,
  version: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<DisruptionBudget | null> {
  const { items } = await api.request<KubernetesList<DisruptionBudget>>(
    { method: 'GET', path: budgetsPath(namespace, version) },
    signal,
  );
  return (
    items.find(
      ({ metadata, spec }) => metadata.labels?.[managedBy] !== 'rampart' && selects(spec.selector, labels, version === 'v1'),
    ) ?? null
  );
}

export const managedBy = 'app.kubernetes.io/managed-by';
