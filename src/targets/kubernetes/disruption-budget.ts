import type { KubernetesApi, KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';
import { servedVersion } from '../../kubernetes/discovery.ts';

type Expression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };
type Selector = { readonly matchLabels?: Readonly<Record<string, string>>; readonly matchExpressions?: readonly Expression[] };

/** A PodDisruptionBudget, with the fields that are read here. */
export type DisruptionBudget = KubernetesObject & { readonly spec: { readonly selector?: Selector } };

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
    items.find(({ metadata, spec }) => metadata.labels?.[managedBy] !== 'rampart' && selects(spec.selector, labels, version)) ??
    null
  );
}

export const managedBy = 'app.kubernetes.io/managed-by';

/** As the API server does it: no selector selects nothing; an empty one everything, but nothing in `policy/v1beta1`. */
export function selects(selector: Selector | undefined, labels: Readonly<Record<string, string>>, version: string): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return selector !== undefined && version === 'v1';
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const has = labels[key];
      switch (operator) {
        case 'In':
          return has !== undefined && values.includes(has);
        case 'NotIn':
          return has === undefined || !values.includes(has);
        case 'Exists':
          return has !== undefined;
        case 'DoesNotExist':
          return has === undefined;
        default:
          return false;
      }
    })
  );
}
