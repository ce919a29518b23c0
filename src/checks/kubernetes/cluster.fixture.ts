import { parseAllDocuments } from 'yaml';
import type { KubernetesApi, KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';

const patienceMs = 60_000;
const statusPatch = 'application/strategic-merge-patch+json';

/** Plurals and, for a cluster of 1.20, older versions. */
const places: Readonly<Record<string, readonly [apiVersion: string, plural: string]>> = {
  Deployment: ['apps/v1', 'deployments'],
  HorizontalPodAutoscaler: ['autoscaling/v2beta2', 'horizontalpodautoscalers'],
  PodDisruptionBudget: ['policy/v1beta1', 'poddisruptionbudgets'],
  NetworkPolicy: ['networking.k8s.io/v1', 'networkpolicies'],
  Role: ['rbac.authorization.k8s.io/v1', 'roles'],
  RoleBinding: ['rbac.authorization.k8s.io/v1', 'rolebindings'],
  ServiceAccount: ['v1', 'serviceaccounts'],
  Secret: ['v1', 'secrets'],
};

/** A cluster as it is set up for these tests, over its own API. */
export class Stage {
  readonly #api: KubernetesApi;

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  async post(path: string, body: unknown): Promise<void> {
    await this.#api.request({ method: 'POST', path, body }, AbortSignal.timeout(patienceMs));
  }

  /** Creates whatever stands in the manifests. */
  async apply(namespace: string, manifests: string): Promise<void> {
    await this.post('/api/v1/namespaces', { metadata: { name: namespace } });
    for (const document of parseAllDocuments(manifests.replaceAll('NAMESPACE', namespace))) {
      const object = document.toJS() as KubernetesObject;
      const [apiVersion, plural] = places[object.kind ?? ''] ?? [];
      if (apiVersion === undefined) throw new Error(`${object.kind} is not known here`);
      const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      await this.post(`${root}/namespaces/${namespace}/${plural}`, { ...object, apiVersion });
    }
  }

  /** A node of this name, with its conditions. */
  async node(name: string, conditions: Readonly<Record<string, string>>, spec: object = {}): Promise<void> {
    await this.post('/api/v1/nodes', { metadata: { name }, spec });
    const size = { cpu: '64', memory: '256Gi', pods: '500' };
    const status = {
      capacity: size,
      allocatable: size,
      conditions: Object.entries(conditions).map(([type, is]) => ({ type, status: is })),
    };
    await this.#patchStatus(`/api/v1/nodes/${name}`, status);
  }

  /** Waits for the pods of a namespace, and says how they are: there is no kubelet. */
  async pods(namespace: string, count: number, statusOf: (index: number) => object): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const signal = AbortSignal.timeout(patienceMs);
    for (;;) {
      const { items } = await this.#api.request<KubernetesList<KubernetesObject>>({ method: 'GET', path }, signal);
      if (items.length >= count) {
        for (const [index, { metadata }] of items.entries()) await this.#patchStatus(`${path}/${metadata.name}`, statusOf(index));
        return;
      }
    }
  }

  async #patchStatus(path: string, status: object): Promise<void> {
    const request = { method: 'PATCH', path: `${path}/status`, body: { status }, contentType: statusPatch } as const;
    await this.#api.request(request, AbortSignal.timeout(patienceMs));
  }
}

/** How a kubelet says that a pod runs, or does not. */
export function podStatus(is: { readonly ready: boolean; readonly restarts?: number; readonly waiting?: string }): object {
  const { ready, restarts = 0, waiting } = is;
  const state = waiting === undefined ? { running: { startedAt: new Date().toISOString() } } : { waiting: { reason: waiting } };
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ name: 'app', ready, restartCount: restarts, image: 'shop:1', imageID: '', state }],
  };
}
