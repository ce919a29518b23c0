import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Kubelet } from '../../../test/programs/kubelet.ts';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import type { KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';
import { labelValueOf, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import { routerConformance } from '../conformance.ts';
import { refused } from '../kubernetes-suite.fixture.ts';
import type { Backend, Route, RouterContext } from '../router.ts';
import { get, rejects, soon, until } from '../users.fixture.ts';
import { replicaRatio } from './index.ts';
import { ReplicaRatioConfig } from './schema.ts';
import { trafficLabel } from './service-members.ts';

type Pod = KubernetesObject & {
  readonly status?: { readonly podIP?: string; readonly conditions?: readonly { type: string; status: string }[] };
};
type Endpoints = KubernetesObject & {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string }[];
    readonly ports: readonly { readonly port: number }[];
  }[];
};

const namespace = 'replica-ratio';
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const servicePath = `/api/v1/namespaces/${namespace}/services/live`;
const perVersion = 4;
const serving = (version: string) =>
  `require('http').createServer((q, r) => r.setHeader('x-version', '${version}').end('ok')).listen(8080, process.env.POD_IP)`;

/** What it does with real pods: four of each of two versions, started once. Its tests are one after the other. */
export function replicaRatioTests(cluster: () => Kubernetes): void {
  let kubelet: Kubelet;
  let versions: { readonly stable: Backend; readonly candidate: Backend };

  before(async () => {
    const { admin } = cluster();
    kubelet = await Kubelet.start(admin);
    await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }, soon());
    const one = async (version: string): Promise<Backend> => {
      const labels = { [serviceLabel]: 'shop', [versionLabel]: labelValueOf(version) };
      const container = {
        name: 'app',
        image: `registry.example/shop:${version}`,
        command: ['node', '-e', serving(version)],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
      };
      const spec = {
        replicas: perVersion,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      };
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${labelValueOf(`shop-${version}`)}`;
      await admin.apply(
        path,
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `shop-${version}` }, spec },
        false,
        soon(),
      );
      let ready: readonly Pod[] = [];
      await until(async () => {
        ready = (await pods()).filter((pod) => pod.metadata.labels?.[versionLabel] === labelValueOf(version) && isReady(pod));
        return ready.length === perVersion;
      }, 30_000);
      return { version, endpoints: ready.map(({ status }) => ({ host: status?.podIP ?? '', port: 8080 })) };
    };
    const [stable, candidate] = await Promise.all([one('1.0.0'), one('1.1.0')]);
    versions = { stable, candidate };
  });
  after(() => kubelet?.close());

  const make = async (t: TestContext, config: object = { within: '100%' }) => {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-replica-ratio-'));
    const client = (more: Partial<RouterContext> = {}) => {
      const context: RouterContext = { service: 'shop', folder, edgesMs: [], leaseMs: 10_000, ...more };
      const router = replicaRatio.create(
        ReplicaRatioConfig.parse({ namespace, service: 'live', kubeconfig: cluster().kubeconfigOf('admin'), ...config }),
        context,
      );
      t.after(() => router.close(soon()).catch(() => {}));
      return router;
    };
    t.after(async () => {
      // It has nothing below it to wait for.
      await cluster()
        .admin.request({ method: 'DELETE', path: servicePath }, soon())
        .catch(() => {});
      const labelled = (await pods()).filter(({ metadata }) => metadata.labels?.[trafficLabel] !== undefined);
      await Promise.all(labelled.map((pod) => label(pod, null)));
      rmSync(folder, { recursive: true, force: true });
    });
    const router = client();
    await router.open(soon());
    return { router, client, folder };
  };

  routerConformance('replica-ratio', async (t) => {
    const { router, client } = await make(t);
    return {
      router,
      versions,
      again: () => client(),
      async tamper() {
        for (const pod of await pods()) await label(pod, pod.metadata.labels?.[versionLabel] === '1.1.0' ? 'yes' : null);
        await until(async () => (await router.readRoute(soon()))?.fence.seq === 0);
      },
    };
  });

  test('replica-ratio: behind the Service are as many pods of each version as its weight says, and they answer', async (t) => {
    const { router } = await make(t, {});
    const { stable, candidate } = versions;
    for (const [i, [weight, of, all]] of (
      [
        [0, 0, 4],
        [20, 1, 5],
        [50, 2, 4],
        [100, 4, 4],
        [25, 1, 4],
        [0, 0, 4],
      ] as const
    ).entries()) {
      await router.setRoute({ stable, candidate, weight, match: [] }, { token: 1, seq: i }, soon());
      let behind: readonly string[] = [];
      await until(async () => {
        const answers = (await addresses()).map((host) => get(t, { host, port: 8080 }));
        behind = (await Promise.all(answers)).map(({ version }) => version);
        return behind.length === all && behind.filter((version) => version === '1.1.0').length === of;
      });
    }
  });

  test('replica-ratio: while the weight moves the Service always has pods', async (t) => {
    const { router } = await make(t);
    const { stable, candidate } = versions;
    await router.setRoute({ stable, candidate, weight: 0, match: [] }, { token: 1, seq: 0 }, soon());
    await until(async () => (await addresses()).length === perVersion);
    let fewest = Number.POSITIVE_INFINITY;
    const watching = new AbortController();
    const { admin } = cluster();
    const watched = admin
      .watch<Endpoints>(
        `/api/v1/namespaces/${namespace}/endpoints`,
        { fieldSelector: 'metadata.name=live' },
        ({ type, object }) => {
          if (type === 'ADDED' || type === 'MODIFIED') fewest = Math.min(fewest, ipsOf(object as Endpoints).length);
        },
        watching.signal,
      )
      .catch(() => {});
    for (let seq = 1; seq <= 12; seq++)
      await router.setRoute({ stable, candidate, weight: seq % 2 ? 100 : 0, match: [] }, { token: 1, seq }, soon());
    await until(async () => (await addresses()).length === perVersion);
    watching.abort();
    await watched;
    assert.ok(fewest > 0 && fewest <= 2 * perVersion, `${fewest} pods`);
  });

  test('replica-ratio: a weight that the pods cannot give is refused, with the one that they can', async (t) => {
    const { router } = await make(t, {});
    const { stable, candidate } = versions;
    const few: Route = { stable: { ...stable, endpoints: stable.endpoints.slice(0, 2) }, candidate, weight: 10, match: [] };
    await refused(router.setRoute(few, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /make the step 33%/);
    const gone: Route = {
      stable,
      candidate: { version: '1.1.0', endpoints: [{ host: '10.9.9.9', port: 8080 }] },
      weight: 50,
      match: [],
    };
    await refused(router.setRoute(gone, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /have to run there/);
    const header: Route = { stable, candidate, weight: 0, match: [{ header: 'a', equals: 'b' }] };
    await refused(router.setRoute(header, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /still in force/);
    assert.equal(await router.readRoute(soon()), null);
  });

  test('replica-ratio: a Service of somebody else, and another installation, are refused; at the end it is gone', async (t) => {
    const { router, client, folder } = await make(t);
    const { stable, candidate } = versions;
    const theirs = { metadata: { name: 'live' }, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } };
    await cluster().admin.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/services`, body: theirs }, soon());
    await rejects(client().open(soon()), 'E_ROUTE_REFUSED');
    await rejects(router.setRoute({ stable, candidate, weight: 50, match: [] }, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED');
    await cluster().admin.request({ method: 'DELETE', path: servicePath }, soon());
    await router.setRoute({ stable: null, candidate, weight: 100, match: [] }, { token: 1, seq: 2 }, soon());
    await rejects(client({ folder: join(folder, 'other') }).open(soon()), 'E_ROUTE_REFUSED');
    await router.close(soon());
    assert.equal(await cluster().admin.find(servicePath, soon()), null);
  });

  async function pods(): Promise<readonly Pod[]> {
    const query = { labelSelector: serviceLabel };
    return (await cluster().admin.request<KubernetesList<Pod>>({ method: 'GET', path: podsPath, query }, soon())).items;
  }

  async function label({ metadata }: Pod, value: string | null): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const body = { metadata: { labels: { [trafficLabel]: value } } };
    await cluster().admin.request({ method: 'PATCH', path: `${podsPath}/${metadata.name}`, body, contentType }, soon());
  }

  async function addresses(): Promise<readonly string[]> {
    const found = await cluster().admin.find<Endpoints>(`/api/v1/namespaces/${namespace}/endpoints/live`, soon());
    return found ? ipsOf(found) : [];
  }
}

function ipsOf({ subsets = [] }: Endpoints): readonly string[] {
  return subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
