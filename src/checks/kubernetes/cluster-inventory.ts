import { UserError } from '../../errors.ts';
import type { ApiRequest, KubernetesApi, KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';
import { servedVersion } from '../../kubernetes/discovery.ts';
import type { Inventory } from './inventory.ts';
import { type Kind, kinds, type ObjectOf } from './objects.ts';

/** Where the objects of a kind are: versions by preference where clusters differ. */
type Place = { readonly group: string; readonly versions: readonly string[]; readonly plural: string; readonly isGlobal?: true };

const places: Readonly<Record<Kind, Place>> = {
  Deployment: { group: 'apps', versions: ['v1'], plural: 'deployments' },
  StatefulSet: { group: 'apps', versions: ['v1'], plural: 'statefulsets' },
  DaemonSet: { group: 'apps', versions: ['v1'], plural: 'daemonsets' },
  Node: { group: '', versions: ['v1'], plural: 'nodes', isGlobal: true },
  Pod: { group: '', versions: ['v1'], plural: 'pods' },
  HorizontalPodAutoscaler: { group: 'autoscaling', versions: ['v2', 'v2beta2', 'v1'], plural: 'horizontalpodautoscalers' },
  PodDisruptionBudget: { group: 'policy', versions: ['v1', 'v1beta1'], plural: 'poddisruptionbudgets' },
  NetworkPolicy: { group: 'networking.k8s.io', versions: ['v1'], plural: 'networkpolicies' },
  LimitRange: { group: '', versions: ['v1'], plural: 'limitranges' },
  Role: { group: 'rbac.authorization.k8s.io', versions: ['v1'], plural: 'roles' },
  ClusterRole: { group: 'rbac.authorization.k8s.io', versions: ['v1'], plural: 'clusterroles', isGlobal: true },
  RoleBinding: { group: 'rbac.authorization.k8s.io', versions: ['v1'], plural: 'rolebindings' },
  ClusterRoleBinding: { group: 'rbac.authorization.k8s.io', versions: ['v1'], plural: 'clusterrolebindings', isGlobal: true },
};

/** Objects at a time; more are asked for page by page. */
const pageSize = '500';
/** More than a cluster may have of a kind in practice; else a server that always has one more page would never end. */
const pagesMax = 100;

/** The objects of one namespace of a cluster. Each kind is listed once. */
export function clusterInventory(api: KubernetesApi, namespace: string, signal: AbortSignal): Inventory {
  const lists = new Map<Kind, Promise<readonly unknown[]>>();
  const list = async (kind: Kind): Promise<readonly unknown[]> => {
    const { group, versions, plural, isGlobal } = places[kind];
    const version = versions.length === 1 ? versions[0] : await servedVersion(api, group, versions, signal);
    const base = group === '' ? '/api/v1' : `/apis/${group}/${version}`;
    const path = `${base}${isGlobal ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}`;
    const items: unknown[] = [];
    let next = '';
    for (let page = 0; page === 0 || next !== ''; page += 1) {
      if (page === pagesMax)
        throw new UserError('E_KUBERNETES_REFUSED', `the cluster has more than ${pagesMax} pages of ${plural}`, {
          where: path,
          fix: 'check a smaller namespace',
        });
      const query = { limit: pageSize, ...(next === '' ? {} : { continue: next }) };
      const answer = await api.request<KubernetesList<KubernetesObject> & { metadata: { continue?: string } }>(
        { method: 'GET', path, query },
        signal,
      );
      // Of a list the kind and version of its items stand outside of them.
      items.push(...answer.items.map((item) => ({ apiVersion: `${group}/${version}`, ...item })));
      next = answer.metadata.continue ?? '';
    }
    return items.map((item) => kinds[kind].parse(item));
  };
  return {
    where: `namespace ${namespace}`,
    problems: [],
    async all<One extends Kind>(kind: One) {
      const asked = lists.get(kind) ?? list(kind);
      lists.set(kind, asked);
      return (await asked) as readonly ObjectOf<One>[];
    },
    async hasSecret(name) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
      const request: ApiRequest = { method: 'GET', path, isMetadataOnly: true };
      try {
        await api.request(request, signal);
        return true;
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_KUBERNETES_NOT_FOUND') return false;
        throw error;
      }
    },
  };
}
