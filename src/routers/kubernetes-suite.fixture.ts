import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiProxy } from '../../test/programs/api-proxy.ts';
import type { Kubernetes } from '../../test/programs/kubernetes.ts';
import { UserError } from '../errors.ts';
import { KubernetesApi, type KubernetesObject } from '../kubernetes/api.ts';
import { type MakeRouter, routerConformance } from './conformance.ts';
import { type ClusterPlaceForTest, type ClusterSubject, clusterPlace } from './kubernetes-place.fixture.ts';
import type { Backend, Route, TrafficRouter } from './router.ts';
import { rejects, soon, until } from './users.fixture.ts';

type Managed = { readonly metadata: KubernetesObject['metadata'] };
type Field = { readonly manager?: string; readonly operation?: string };

const stable: Backend = { version: '1.0.0', endpoints: [{ host: '10.0.0.1', port: 8080 }] };
const candidate: Backend = { version: '1.1.0', endpoints: [{ host: '10.0.0.2', port: 8080 }] };
export const split = (weight: number, match: Route['match'] = []): Route => ({ stable, candidate, weight, match });
export const allStable: Route = { stable, candidate: null, weight: 0, match: [] };

/** What every router must do, also while the API server is gone. */
export function clusterConformance(cluster: () => Kubernetes, subject: ClusterSubject): void {
  const { name, holder } = subject;
  const make: MakeRouter = async (t) => {
    const place = await clusterPlace(cluster(), subject, t);
    const { proxy, kubeconfig } = await way(t, place);
    const router = place.client({ kubeconfig });
    await router.open(soon());
    return {
      router,
      again: () => place.client({ kubeconfig }),
      stop: () => proxy.down(),
      start: () => proxy.up(),
      ...(subject.matches ? { matches: subject.matches } : {}),
      async tamper(weight: number) {
        const { metadata } = await place.read(...holder);
        await subject.tamper(place, weight);
        // What is read without a request is what the watch has brought, a moment later.
        const before = metadata.annotations;
        await until(async () => (await router.readRoute(soon()))?.fence.seq === 0);
        assert.deepEqual((await place.read(...holder)).metadata.annotations, before);
      },
    };
  };
  routerConformance(name, make);
}

/** What every router in a cluster must do beyond that, against a real API server. */
export function clusterFaults(cluster: () => Kubernetes, subject: ClusterSubject): void {
  const { name, holder, resource } = subject;
  const opened = async (t: TestContext, more: Parameters<ClusterPlaceForTest['client']>[0] = {}) => {
    const place = await clusterPlace(cluster(), subject, t);
    const router = place.client(more);
    await router.open(soon());
    return { place, router };
  };

  test(`${name}: another installation, and another service, are refused on the same route, and change nothing`, async (t) => {
    const { place, router } = await opened(t);
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    const before = await place.read(...holder);
    for (const other of [place.client({ folder: `${place.folder}/other` }), place.client({ service: 'bazaar' })]) {
      await rejects(other.open(soon()), 'E_ROUTE_REFUSED');
      await rejects(other.setRoute(split(90), { token: 9, seq: 9 }, soon()), 'E_ROUTE_REFUSED');
      await rejects(other.readRoute(soon()), 'E_ROUTE_REFUSED');
    }
    assert.deepEqual(await place.read(...holder), before);
    const again = place.client();
    await again.setRoute(split(30), { token: 2, seq: 1 }, soon());
    await rejects(router.setRoute(split(90), { token: 1, seq: 2 }, soon()), 'E_STALE_FENCE');
    await rejects(router.renewLease(1, soon()), 'E_STALE_FENCE');
    assert.equal((await router.readRoute(soon()))?.route.weight, 30);
  });

  test(`${name}: what belongs to others stays theirs, and a route costs them nothing`, async (t) => {
    const { place, router } = await opened(t);
    const before = await place.read<Managed>(...holder);
    await place.edit(
      ...holder,
      { metadata: { labels: { team: 'payments' }, annotations: { note: 'theirs' } } },
      'argocd-controller',
    );
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    await router.setRoute(allStable, { token: 1, seq: 2 }, soon());
    const { metadata } = await place.read<Managed>(...holder);
    assert.equal(metadata.labels?.team, 'payments');
    assert.equal(metadata.annotations?.note, 'theirs');
    const fields: readonly Field[] = metadata.managedFields ?? [];
    const managers = fields.map(({ manager, operation }) => `${manager} ${operation}`);
    assert.ok(managers.includes('rampart-checkout Apply') && managers.includes('argocd-controller Update'), managers.join());
    assert.deepEqual(
      Object.keys(before.metadata).filter((key) => !(key in metadata)),
      [],
    );
  });

  test(`${name}: a share changed by hand is told and left, where the document says so, but never kept from going back`, async (t) => {
    const { place, router } = await opened(t, { config: { handChanges: 'report' } });
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    await subject.tamper(place, 60);
    await assert.rejects(router.setRoute(split(70), { token: 1, seq: 2 }, soon()), (error: unknown) => {
      assert(error instanceof UserError);
      assert.match(error.message, /was changed by kubectl-edit at .*: the candidate has 60 % and was given 20 %/);
      return true;
    });
    await router.setRoute(split(0), { token: 1, seq: 3 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, split(0));
  });

  test(`${name}: an account without the right is told which verb on which resource it lacks`, async (t) => {
    const place = await clusterPlace(cluster(), subject, t);
    const router = place.client({ kubeconfig: cluster().kubeconfigOf('reader') });
    await refused(router.open(soon()), 'E_ROUTE_REFUSED', new RegExp(`let this account (get|list) ${resource}`));
    await grant(place, ['get', 'list', 'watch']);
    await router.open(soon());
    await refused(
      router.setRoute(split(20), { token: 1, seq: 1 }, soon()),
      'E_ROUTE_REFUSED',
      new RegExp(`let this account (patch|create) ${resource}`),
    );
    assert.equal(await router.readRoute(soon()), null);
  });

  test(`${name}: somebody who changes the object before each write is named as the reason, and two writers do not undo each other`, async (t) => {
    const { place, router } = await opened(t);
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    let meddling = 0;
    const behind = await meddled(t, place, async () => {
      meddling += 1;
      await place.edit(...holder, { metadata: { labels: { meddling: String(meddling) } } });
    });
    await refused(behind.setRoute(split(50), { token: 1, seq: 2 }, soon()), 'E_ROUTE_REFUSED', /show-managed-fields/);
    assert.equal(meddling, 5);
    assert.equal((await router.readRoute(soon()))?.route.weight, 20);
    for (let seq = 3; seq < 7; seq += 2) {
      const writes = [router, place.client()].map((each, i) => each.setRoute(split(seq + i), { token: 1, seq: seq + i }, soon()));
      await Promise.allSettled(writes);
      const reading = await place.client().readRoute(soon());
      assert.deepEqual([reading?.fence.seq, reading?.route.weight], [seq + 1, seq + 1]);
    }
  });

  test(`${name}: an object that is taken away just before a write is not made again`, async (t) => {
    const { place } = await opened(t);
    const path = `${holder[0].replace('/NS/', `/namespaces/${place.namespace}/`)}/${holder[1]}`;
    const behind = await meddled(t, place, async () => {
      await cluster()
        .admin.request({ method: 'DELETE', path }, soon())
        .catch(() => {});
    });
    await refused(behind.setRoute(split(50), { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /kubectl get/);
    assert.equal(await cluster().admin.find(path, soon()), null);
  });

  test(`${name}: a version that does not run in the cluster, and an object that is not there, are named`, async (t) => {
    const { place, router } = await opened(t);
    const route = { ...allStable, stable: { ...stable, version: '9.9.9' } };
    await refused(router.setRoute(route, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /target: \{ kubernetes/);
    const path = `${holder[0].replace('/NS/', `/namespaces/${place.namespace}/`)}/${holder[1]}`;
    await cluster().admin.request({ method: 'DELETE', path }, soon());
    await refused(place.client().open(soon()), 'E_ROUTE_REFUSED', /kubectl get/);
  });

  async function grant({ namespace }: ClusterPlaceForTest, verbs: readonly string[]): Promise<void> {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const rules = [
      { apiGroups: ['*'], resources: ['*'], verbs },
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch'] },
    ];
    const { admin } = cluster();
    await admin.request({ method: 'POST', path: `${rbac}/roles`, body: { metadata: { name: 'look' }, rules } }, soon());
    const binding = {
      metadata: { name: 'look' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look' },
      subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
    };
    await admin.request({ method: 'POST', path: `${rbac}/rolebindings`, body: binding }, soon());
    // The API server hears of rights by a watch of its own.
    const reader = new KubernetesApi({ kubeconfig: cluster().kubeconfigOf('reader') });
    const path = `${holder[0].replace('/NS/', `/namespaces/${namespace}/`)}/${holder[1]}`;
    await until(() =>
      reader.request({ method: 'GET', path }, soon()).then(
        () => true,
        () => false,
      ),
    );
  }
}

/** A client on a way to the API server on which somebody acts before each write is let through. */
async function meddled(t: TestContext, place: ClusterPlaceForTest, act: () => Promise<void>): Promise<TrafficRouter> {
  const { proxy, kubeconfig } = await way(t, place);
  proxy.before(async (method) => {
    if (method !== 'GET') await act();
  });
  return place.client({ kubeconfig });
}

/** A way of its own to the API server, and the kubeconfig for it. */
async function way(t: TestContext, { cluster }: ClusterPlaceForTest) {
  const proxy = await ApiProxy.to(cluster.port);
  t.after(() => proxy.down());
  const name = `proxied-${proxy.port}`;
  return { proxy, kubeconfig: cluster.writeKubeconfig(name, cluster.adminToken, `http://127.0.0.1:${proxy.port}`) };
}

export async function refused(call: Promise<unknown>, code: string, fix: RegExp): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert(error instanceof UserError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.fix, fix);
    return true;
  });
}
