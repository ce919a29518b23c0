import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { never } from '../conformance.ts';
import { kubernetes } from './index.ts';
import { KubernetesDefinition } from './schema.ts';

export const serving = "require('http').createServer((q, r) => r.end('ok')).listen(8080, process.env.POD_IP)";

let namespaces = 0;

/** A namespace of its own, whose pods go with the test, and a folder for a target. */
export async function emptyPlace(cluster: Kubernetes, t: TestContext) {
  const namespace = `test-${++namespaces}`;
  await cluster.admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }, never());
  const folder = mkdtempSync(join(tmpdir(), 'rampart-kubernetes-target-'));
  t.after(async () => {
    // Its pods end; the rest goes with the cluster.
    await cluster.admin.request({ method: 'DELETE', path: `/apis/apps/v1/namespaces/${namespace}/deployments` }, never());
    rmSync(folder, { recursive: true, force: true });
  });
  const open = () => kubernetes.create({ folder, environment: {} });
  const definition = (deployment = 'checkout', user = 'admin', more: object = {}) =>
    KubernetesDefinition.parse({
      namespace,
      from: { deployment },
      image: 'registry.example/shop:{version}',
      kubeconfig: cluster.kubeconfigOf(user),
      ...more,
    });
  return { namespace, open, definition };
}

/** A Deployment as a user has it, without pods of its own. */
export async function createPattern(cluster: Kubernetes, namespace: string, name = 'checkout', script = serving): Promise<void> {
  const labels = { app: name };
  const container = {
    name: 'app',
    image: 'registry.example/shop:0',
    command: ['node', '-e', script],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' } },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
    },
  };
  await cluster.admin.apply(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, deployment, false, never());
}

/** A target in a place of its own, with the Deployment `checkout` as its pattern. */
export async function placeOfTarget(cluster: Kubernetes, t: TestContext, script = serving, user = 'admin') {
  const { namespace, open, definition } = await emptyPlace(cluster, t);
  await createPattern(cluster, namespace, 'checkout', script);
  const target = open();
  t.after(() => target.close());
  const work = (version: string, replicas = 1) => ({
    service: 'shop',
    version,
    replicas,
    definition: definition('checkout', user),
  });
  return { target, open, work, namespace, definition };
}
