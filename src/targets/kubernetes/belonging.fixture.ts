import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import type { KubernetesList, KubernetesObject } from '../../kubernetes/api.ts';
import { objectName } from '../../kubernetes/names.ts';
import { ensureUntil, eventually, never } from '../conformance.ts';
import { refused } from './faults.fixture.ts';
import type { Deployment } from './objects.ts';
import { createPattern, emptyPlace, placeOfTarget, serving } from './place.fixture.ts';

type Role = {
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
};

/** Tests of what Rampart makes in a cluster and may touch there; they may run at the same time. */
export function belonging(cluster: () => Kubernetes): void {
  test('everything of a version says whose it is, and is gone when the version is retired', async (t) => {
    const { target, work, namespace } = await placeOfTarget(cluster(), t);
    const { definition, ...one } = work('1.0.0');
    const workload = { ...one, definition: { ...definition, disruptions: { maxUnavailable: 1 } } };
    await ensureUntil(target, workload, 'ready');
    const made = await everything(namespace);
    const name = objectName('shop', '1.0.0');
    assert.deepEqual(made, [`deployments ${name}`, `poddisruptionbudgets ${name}`, `services ${name}`]);
    await target.retire('shop', '1.0.0', never());
    assert.deepEqual(await everything(namespace), []);
    assert.notEqual(await cluster().admin.find(`/apis/apps/v1/namespaces/${namespace}/deployments/checkout`, never()), null);
  });

  test('a disruption budget of the user that selects the pods is the only one', async (t) => {
    const { target, work, namespace } = await placeOfTarget(cluster(), t);
    const path = `/apis/policy/v1beta1/namespaces/${namespace}/poddisruptionbudgets`;
    const spec = { minAvailable: 1, selector: { matchLabels: { app: 'checkout' } } };
    await cluster().admin.request({ method: 'POST', path, body: { metadata: { name: 'theirs' }, spec } }, never());
    const { definition, ...one } = work('1.0.0');
    const [instance] = await ensureUntil(
      target,
      { ...one, definition: { ...definition, disruptions: { maxUnavailable: 1 } } },
      'ready',
    );
    assert.deepEqual(
      (await everything(namespace)).filter((what) => what.startsWith('pod')),
      [],
    );
    const budget = await eventually('theirs counts the pod', async () => {
      const found = (await cluster().admin.find(`${path}/theirs`, never())) as { status?: { currentHealthy?: number } } | null;
      return found?.status?.currentHealthy === 1 ? found : null;
    });
    assert(budget);
    const pod = instance?.id.split('/')[2] ?? '';
    const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name: pod, namespace } };
    await refused(
      cluster().admin.request(
        { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, body: eviction },
        never(),
      ),
      'E_KUBERNETES_BUSY',
      /tries again/,
    );
  });

  test('pods that have proven themselves are not rolled by a later change of the pattern', async (t) => {
    const { target, open, work, namespace } = await placeOfTarget(cluster(), t);
    const before = await ensureUntil(target, work('1.0.0'), 'ready');
    await createPattern(cluster(), namespace, 'checkout', `${serving} // changed`);
    await target.close();
    const next = open();
    t.after(() => next.close());
    await next.ensure(work('1.0.0'), never());
    const found = await cluster().admin.find<Deployment>(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${objectName('shop', '1.0.0')}`,
      never(),
    );
    assert.doesNotMatch(JSON.stringify(found?.spec), /changed/);
    await ensureUntil(next, work('1.1.0'), 'ready');
    assert.deepEqual(await next.ensure(work('1.0.0'), never()), before);
    const later = await cluster().admin.find<Deployment>(
      `/apis/apps/v1/namespaces/${namespace}/deployments/${objectName('shop', '1.1.0')}`,
      never(),
    );
    assert.match(JSON.stringify(later?.spec), /changed/);
  });

  test('two installations never touch what is the other one’s', async (t) => {
    const { target, work, namespace, definition } = await placeOfTarget(cluster(), t);
    const before = await ensureUntil(target, work('1.0.0'), 'ready');
    const { open } = await emptyPlace(cluster(), t);
    const other = open();
    t.after(() => other.close());
    await refused(other.ensure(work('1.0.0', 2), never()), 'E_KUBERNETES_TAKEN', /another namespace or another name/);
    await refused(other.ensure(work('2.0.0'), never()), 'E_KUBERNETES_TAKEN', /another namespace or another name/);
    assert.deepEqual(await other.list('shop', never()), []);
    await other.retire('shop', '1.0.0', never());
    assert.deepEqual(await target.ensure(work('1.0.0'), never()), before);
    const apart = { service: 'cart', version: '1.0.0', replicas: 1, definition: definition('cart') };
    await createPattern(cluster(), namespace, 'cart');
    await ensureUntil(other, apart, 'ready');
    await other.retire('cart', '1.0.0', never());
    assert.deepEqual(await target.list('shop', never()), before);
  });

  test('two services after the same Deployment have objects of their own', async (t) => {
    const { target, work } = await placeOfTarget(cluster(), t);
    const [shop] = await ensureUntil(target, work('1.0.0'), 'ready');
    const [cart] = await ensureUntil(target, { ...work('1.0.0'), service: 'cart' }, 'ready');
    assert.match(cart?.id ?? '', /^cart\/1\.0\.0\/cart-1-0-0-/);
    await target.retire('cart', '1.0.0', never());
    assert.deepEqual(await target.ensure(work('1.0.0'), never()), [shop]);
  });

  test('the role of the guide is enough, and has nothing that is not used', async (t) => {
    const { namespace, open, definition } = await emptyPlace(cluster(), t);
    await createPattern(cluster(), namespace);
    const objects = await applyRole(namespace);
    const request = { method: 'POST' as const, path: `/api/v1/namespaces/${namespace}/serviceaccounts/rampart/token`, body: {} };
    const { status } = await cluster().admin.request<{ status: { token: string } }>(request, never());
    cluster().writeKubeconfig(namespace, status.token);
    const scaler = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`;
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' };
    await cluster().admin.request(
      {
        method: 'POST',
        path: scaler,
        body: { metadata: { name: 'checkout' }, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 2 } },
      },
      never(),
    );
    const target = open();
    t.after(() => target.close());
    const everyPart = { from: { deployment: 'checkout', autoscaler: 'checkout' }, disruptions: { maxUnavailable: '50%' } };
    const work = { service: 'shop', version: '1.0.0', replicas: 1, definition: definition('checkout', namespace, everyPart) };
    const [instance] = await ensureUntil(target, work, 'ready');
    // There is no kubelet that has the output; the right to ask for it is what counts here.
    await target.output?.('shop', instance?.id ?? '', 5, never()).catch(() => {});
    await target.retire('shop', '1.0.0', never());
    assert.deepEqual(await everything(namespace), []);

    const role = objects.find(({ kind }) => kind === 'Role') as unknown as Role;
    const granted = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${apiGroups[0] ? `.${apiGroups[0]}` : ''}`)),
    );
    // A watch is on record when it ends.
    await target.close();
    const asked = await eventually('its watches are on record', () => {
      const found = cluster().requestsOf(`system:serviceaccount:${namespace}:rampart`);
      const watched = new Set(found.filter(({ verb }) => verb === 'watch').map(({ objectRef }) => objectRef?.resource));
      return watched.size === 3 ? found : null;
    });
    assert.deepEqual(
      asked.filter(({ responseStatus }) => responseStatus?.code === 403),
      [],
    );
    const used = asked.flatMap(({ verb, objectRef }) => {
      if (!objectRef) return [];
      const { resource, subresource, apiGroup } = objectRef;
      const what = `${resource}${subresource ? `/${subresource}` : ''}${apiGroup ? `.${apiGroup}` : ''}`;
      // An apply that makes its object needs both.
      return verb === 'patch' ? [`patch ${what}`, `create ${what}`] : [`${verb} ${what}`];
    });
    assert.deepEqual([...new Set(used)].sort(), granted.sort());
  });

  async function applyRole(namespace: string): Promise<readonly KubernetesObject[]> {
    const file = join(import.meta.dirname, '../../../examples/kubernetes/rbac.yaml');
    const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((one) => one.toJS() as KubernetesObject);
    for (const object of objects) {
      const [group, plural] =
        object.kind === 'ServiceAccount'
          ? ['/api/v1', 'serviceaccounts']
          : [`/apis/${object.apiVersion}`, `${object.kind?.toLowerCase()}s`];
      // As kubectl fills it in.
      const filled =
        'subjects' in object ? { ...object, subjects: [{ kind: 'ServiceAccount', name: 'rampart', namespace }] } : object;
      await cluster().admin.request(
        { method: 'POST', path: `${group}/namespaces/${namespace}/${plural}`, body: filled },
        never(),
      );
    }
    return objects;
  }

  /** What of Rampart is in the namespace, pods aside. */
  async function everything(namespace: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [group, resource] of [
      ['/apis/apps/v1', 'deployments'],
      ['/apis/autoscaling/v1', 'horizontalpodautoscalers'],
      ['/apis/policy/v1beta1', 'poddisruptionbudgets'],
      ['/api/v1', 'services'],
    ]) {
      const query = { labelSelector: 'app.kubernetes.io/managed-by=rampart,rampart.dev/service=shop,rampart.dev/version=1.0.0' };
      const path = `${group}/namespaces/${namespace}/${resource}`;
      const { items } = await cluster().admin.request<KubernetesList<KubernetesObject>>({ method: 'GET', path, query }, never());
      found.push(...items.map(({ metadata }) => `${resource} ${metadata.name}`));
    }
    return found.sort();
  }
}
