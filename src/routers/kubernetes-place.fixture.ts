import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Kubernetes } from '../../test/programs/kubernetes.ts';
import type { KubernetesObject } from '../kubernetes/api.ts';
import { labelValueOf, objectName, serviceLabel, versionLabel } from '../kubernetes/names.ts';
import type { RouterUnderTest } from './conformance.ts';
import type { RouterContext, RouterPlugin, TrafficRouter } from './router.ts';
import { soon } from './users.fixture.ts';

/** A kind of router in a cluster, with what a user has for it. */
export type ClusterSubject = {
  readonly name: string;
  readonly plugin: RouterPlugin;
  /** The user's own objects: path below the namespace's, and what is there. */
  readonly objects: readonly (readonly [collection: string, object: Readonly<Record<string, unknown>>])[];
  readonly config: Readonly<Record<string, unknown>>;
  /** The object with the claim, as a collection and a name. */
  readonly holder: readonly [collection: string, name: string];
  /** What an account has to have rights on, as a pattern. */
  readonly resource: string;
  readonly matches?: RouterUnderTest['matches'];
  /** Gives the candidate a weight by hand. */
  tamper(place: ClusterPlaceForTest, weight: number): Promise<void>;
};

export type ClusterPlaceForTest = {
  readonly cluster: Kubernetes;
  readonly namespace: string;
  readonly folder: string;
  /** Another client; closed with the test. `folder`: that of another installation. */
  client(more?: { folder?: string; service?: string; config?: object; kubeconfig?: string }): TrafficRouter;
  read<Item = KubernetesObject>(collection: string, name: string): Promise<Item>;
  /** As somebody with `kubectl edit` does it. */
  edit(collection: string, name: string, patch: object, manager?: string): Promise<void>;
};

let namespaces = 0;

/** A namespace with the user's objects and the Services of two versions, as the target makes them; all of it goes with the test. */
export async function clusterPlace(cluster: Kubernetes, subject: ClusterSubject, t: TestContext): Promise<ClusterPlaceForTest> {
  const namespace = `router-${++namespaces}`;
  const path = (collection: string) => collection.replace('/NS/', `/namespaces/${namespace}/`);
  const create = async (collection: string, body: object) =>
    await cluster.admin.request(
      { method: 'POST', path: path(collection), body, query: { fieldManager: 'kubectl-client-side-apply' } },
      soon(),
    );
  await create('/api/v1/namespaces', { metadata: { name: namespace } });
  const folderOf = () => {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-kubernetes-router-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  const folder = folderOf();
  t.after(() => cluster.admin.remove(`/api/v1/namespaces/${namespace}`, soon()));
  await Promise.all([
    ...['1.0.0', '1.1.0'].map((version) => create('/api/v1/NS/services', versionService('shop', version))),
    ...subject.objects.map(([collection, object]) => create(collection, object)),
  ]);
  return {
    cluster,
    namespace,
    folder,
    client({ folder: other, service = 'shop', config = {}, kubeconfig = cluster.kubeconfigOf('admin') } = {}) {
      const context: RouterContext = { service, folder: other ?? folder, edgesMs: [500], leaseMs: 10_000 };
      const router = subject.plugin.create(
        subject.plugin.schema.parse({ namespace, kubeconfig, ...subject.config, ...config }),
        context,
      );
      t.after(() => router.close(soon()).catch(() => {}));
      return router;
    },
    async read<Item>(collection: string, name: string) {
      return await cluster.admin.request<Item>({ method: 'GET', path: `${path(collection)}/${name}` }, soon());
    },
    async edit(collection, name, patch, manager = 'kubectl-edit') {
      const contentType = 'application/merge-patch+json';
      const query = { fieldManager: manager };
      await cluster.admin.request(
        { method: 'PATCH', path: `${path(collection)}/${name}`, body: patch, contentType, query },
        soon(),
      );
    },
  };
}

/** Name of the Service of a version in a place. */
export function serviceName(version: string): string {
  return objectName('checkout', version);
}

/** The Service of a version, as the target of kind kubernetes makes it. */
export function versionService(service: string, version: string) {
  const labels = { [serviceLabel]: labelValueOf(service), [versionLabel]: labelValueOf(version) };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName(version), labels },
    spec: { selector: labels, ports: [{ name: 'http', port: 8080, targetPort: 8080 }] },
  };
}

/** A Service as the user has it. */
export function ownService(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

export const servicesOf = '/api/v1/NS/services';
