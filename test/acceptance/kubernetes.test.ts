import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { KubernetesList, KubernetesObject } from '../../src/kubernetes/api.ts';
import { Kubelet } from '../programs/kubelet.ts';
import { Kubernetes } from '../programs/kubernetes.ts';
import { kubernetesPrograms } from '../programs/kubernetes-build.ts';
import { gatewayApiRelease } from './gateway-api.ts';
import { freePort, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const programs = await kubernetesPrograms();
const never = new AbortController().signal;

describe('a service in a Kubernetes cluster', { skip: 'missing' in programs ? programs.missing : false }, () => {
  const stage = new Stage();
  let cluster: Kubernetes;
  let kubelet: Kubelet;

  before(async () => {
    if ('missing' in programs) return;
    cluster = await Kubernetes.start(programs);
    kubelet = await Kubelet.start(cluster.admin);
    await cluster.admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'shop' } } }, never);
    await stage.up();
  });
  after(async () => {
    await stage.close();
    await kubelet?.close();
    await cluster?.close();
  });

  test('is released from the first version on, goes back from a bad one, and loses no request', async () => {
    const { file, port } = await place('checkout');
    const pattern = await cluster.admin.find(deployments('checkout'), never);
    await stage.json(0, 'release', file, '--version', '1.0.0', '--wait');
    assert.deepEqual(await versions('checkout'), ['1.0.0', '1.0.0']);
    const users = new Users(port, 60);
    try {
      await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 100);
      const { release } = await stage.json<{ release: string }>(0, 'release', file, '--version', '2.0.0');
      await stage.reaches(release, 'all traffic', ({ weight }) => weight === 100);
      const proven = await pods('checkout', '2.0.0');
      assert.deepEqual([proven.length, (await pods('checkout', '1.0.0')).length], [2, 2], 'the old version is kept for a while');
      assert.equal((await stage.end(release)).outcome, 'succeeded');
      await until('only the new version runs', async () => (await versions('checkout')).join() === '2.0.0,2.0.0');
      assert.deepEqual(await pods('checkout', '2.0.0'), proven, 'a promotion starts no pod again');
      assert.equal(users.failed, 0, users.examples.join('; '));

      stage.behaves('3.0.0', { failEvery: 2 });
      const bad = await stage.json<{ reason: string; outcome: string }>(1, 'release', file, '--version', '3.0.0', '--wait');
      assert.equal(bad.outcome, 'rolled-back');
      assert.match(bad.reason, /3\.0\.0 fails/);
      await until('only stable runs', async () => (await versions('checkout')).join() === '2.0.0,2.0.0');

      const unknown = await stage.json<{ reason: string; candidateRequests: number }>(
        1,
        'release',
        file,
        '--version',
        'missing',
        '--wait',
      );
      assert.match(unknown.reason, /cannot be started: container app: ImagePullBackOff/);
      assert.equal(unknown.candidateRequests, 0);
      await until('nothing is left of it', async () => (await names('deployments', 'apps/v1')).length === 2);
      assert.equal((await names('services', 'v1')).length, 1);
      assert.equal(users.seen.none, undefined, users.examples.join('; '));
      assert.equal(users.seen['2.0.0']?.failed, 0);
    } finally {
      await users.stop();
    }
    const after = await cluster.admin.find(deployments('checkout'), never);
    assert.equal(after?.metadata.generation, pattern?.metadata.generation, 'the Deployment of the user is as it was');
  });

  test('goes on where it was when its controller is killed', async () => {
    const { file, port } = await place('cart', '{ canary: { steps: [ { weight: 20%, for: 3s } ] } }');
    await stage.json(0, 'release', file, '--version', '1.0.0', '--wait');
    const users = new Users(port, 60);
    try {
      const { release } = await stage.json<{ release: string }>(0, 'release', file, '--version', '2.0.0');
      await stage.reaches(release, 'traffic', ({ state, weight }) => state === 'progressing' && weight === 20);
      await stage.down('SIGKILL');
      await stage.up();
      const summary = await stage.end(release);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      await until('only the new version runs', async () => (await versions('cart')).join() === '2.0.0,2.0.0');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  gatewayApiRelease(stage, () => cluster, place);

  /** A Deployment as its user has it, and a document about it. */
  async function place(name: string, strategy = '{ canary: { steps: [ { weight: 20%, for: 1s }, { weight: 50%, for: 1s } ] } }') {
    const server = pathToFileURL(`${stage.folder}/server.mjs`);
    const script = `const { env } = process;
      Object.assign(env, { RAMPART_VERSION: env.CONTAINER_IMAGE.split(':').at(-1), PORT: '8080', HOST: env.POD_IP });
      import('${server}');`;
    const container = {
      name: 'app',
      image: `registry.example/${name}:0`,
      command: ['node', '-e', script],
      env: [{ name: 'HOME', value: stage.folder }],
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { httpGet: { path: '/health', port: 'http' } },
    };
    const labels = { app: name };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 3, containers: [container] } },
      },
    };
    await cluster.admin.apply(deployments(name), deployment, false, never);
    const port = await freePort();
    const file = stage.write(
      `${name}.yaml`,
      `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name}, owner: tests }
spec:
  target:
    kubernetes:
      namespace: shop
      from: { deployment: ${name} }
      image: registry.example/${name}:{version}
      replicas: 2
      kubeconfig: ${cluster.kubeconfigOf('admin')}
  router: { builtin: { listen: 127.0.0.1:${port} } }
  release:
    strategy: ${strategy}
    guard: { errors: { worseBy: 10%, max: 12% }, latency: { p95: { worseBy: off, max: 5s } }, minRequests: 5 }
    bake: 1s
    retire: { after: 1s }
    deadlines: { ready: 20s, route: 15s, drain: 3s, hook: 5s }
    lease: 5s
`,
    );
    return { file, port };
  }

  async function versions(service: string): Promise<readonly string[]> {
    const query = { labelSelector: `rampart.dev/service=${service}` };
    const path = '/api/v1/namespaces/shop/pods';
    const { items } = await cluster.admin.request<KubernetesList<KubernetesObject>>({ method: 'GET', path, query }, never);
    return items.map(({ metadata }) => metadata.annotations?.['rampart.dev/version'] ?? '');
  }

  /** Their ids, which no other pod ever has. */
  async function pods(service: string, version: string): Promise<readonly string[]> {
    const query = { labelSelector: `rampart.dev/service=${service},rampart.dev/version=${version}` };
    const path = '/api/v1/namespaces/shop/pods';
    const { items } = await cluster.admin.request<KubernetesList<KubernetesObject>>({ method: 'GET', path, query }, never);
    return items.map(({ metadata }) => metadata.uid ?? '').sort();
  }

  async function names(resource: string, group: string): Promise<readonly string[]> {
    const path = `${group === 'v1' ? '/api' : '/apis'}/${group}/namespaces/shop/${resource}`;
    const { items } = await cluster.admin.request<KubernetesList<KubernetesObject>>({ method: 'GET', path }, never);
    return items.map(({ metadata }) => metadata.name);
  }
});

function deployments(name: string): string {
  return `/apis/apps/v1/namespaces/shop/deployments/${name}`;
}
