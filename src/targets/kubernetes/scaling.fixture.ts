import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { objectName } from '../../kubernetes/names.ts';
import { ensureUntil, eventually, never } from '../conformance.ts';
import type { Deployment } from './objects.ts';
import { placeOfTarget } from './place.fixture.ts';

type Scaler = { readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number; readonly metrics?: unknown } };

/** Tests of who decides how many pods a version has; they may run at the same time. */
export function scaling(cluster: () => Kubernetes): void {
  test('what somebody else scales is left to them, and named', async (t) => {
    const { target, work, namespace } = await placeOfTarget(cluster(), t);
    await ensureUntil(target, work('1.0.0'), 'ready');
    const name = objectName('shop', '1.0.0');
    await createScaler(namespace, 'theirs', name, 3, 5);
    const instances = await eventually('it has grown', async () => {
      const found = await target.ensure(work('1.0.0'), never());
      return found.length === 3 && found.every(({ state }) => state === 'ready') ? found : null;
    });
    assert.match(
      instances[0]?.problem ?? '',
      new RegExp(`HorizontalPodAutoscaler ${namespace}/theirs keeps 3 pods where the release wants 1; Rampart leaves them to it`),
    );
    // Also when all is applied again, as by a new controller.
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const change = { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } };
    await cluster().admin.request({ method: 'PATCH', path, body: change, contentType: 'application/merge-patch+json' }, never());
    await eventually('it is as wanted again', async () => {
      await target.ensure(work('1.0.0'), never());
      const { spec } = await cluster().admin.request<Deployment>({ method: 'GET', path }, never());
      assert.equal(spec.replicas, 3);
      return spec.template.spec.terminationGracePeriodSeconds === 1;
    });
  });

  test('with an autoscaler as pattern every version has its own, which follows the steps and goes with it', async (t) => {
    const { target, work, namespace } = await placeOfTarget(cluster(), t);
    await createScaler(namespace, 'checkout', 'checkout', 2, 6);
    const scaled = (replicas: number) => {
      const { definition, ...one } = work('1.0.0', replicas);
      return { ...one, definition: { ...definition, replicas: 2, from: { ...definition.from, autoscaler: 'checkout' } } };
    };
    const path = `/apis/autoscaling/v2beta2/namespaces/${namespace}/horizontalpodautoscalers/${objectName('shop', '1.0.0')}`;
    await eventually('a step has one instance', async () => {
      const found = await target.ensure(scaled(1), never());
      return found.length === 1 && found[0]?.state === 'ready';
    });
    const pinned = await cluster().admin.find<never>(path, never());
    const { spec } = pinned as unknown as Scaler;
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [1, 1]);
    const ready = await ensureUntil(target, scaled(2), 'ready');
    assert.deepEqual(
      ready.filter(({ problem }) => problem !== undefined),
      [],
    );
    const whole = (await cluster().admin.find<never>(path, never())) as unknown as Scaler;
    assert.deepEqual([whole.spec.minReplicas, whole.spec.maxReplicas], [2, 6]);
    assert.match(JSON.stringify(whole.spec.metrics), /"averageUtilization":70/);
    await target.ensure(scaled(0), never());
    await eventually('none is left', async () => (await target.ensure(scaled(0), never())).length === 0);
    await ensureUntil(target, scaled(2), 'ready');
    // An autoscaler wakes nobody: not after a hand has scaled to nothing, nor where it is gone and the cluster has not told yet.
    const scale = `/apis/apps/v1/namespaces/${namespace}/deployments/${objectName('shop', '1.0.0')}`;
    const asleep = { spec: { replicas: 0 } };
    await cluster().admin.request(
      { method: 'PATCH', path: scale, body: asleep, contentType: 'application/merge-patch+json' },
      never(),
    );
    await eventually('it is seen', async () => (await target.list('shop', never())).length === 0);
    await ensureUntil(target, scaled(2), 'ready');
    await target.retire('shop', '1.0.0', never());
    assert.equal(await cluster().admin.find(path, never()), null);
    assert.notEqual(await cluster().admin.find(path.replace(/[^/]+$/, 'checkout'), never()), null);
  });

  test('who sets the number of pods again and again is named', async (t) => {
    const { target, work, namespace } = await placeOfTarget(cluster(), t);
    await ensureUntil(target, work('1.0.0'), 'ready');
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${objectName('shop', '1.0.0')}`;
    let said: string | undefined;
    for (let i = 0; i < 3; i += 1) {
      const query = { fieldManager: 'somebody' };
      const body = { spec: { replicas: 2 } };
      await cluster().admin.request({ method: 'PATCH', path, query, body, contentType: 'application/merge-patch+json' }, never());
      await eventually('it is set right', async () => {
        const found = await target.ensure(work('1.0.0'), never());
        said ??= found.find(({ problem }) => problem)?.problem;
        return (await cluster().admin.request<Deployment>({ method: 'GET', path }, never())).spec.replicas === 1;
      });
    }
    assert.match(said ?? '', /^somebody sets spec\.replicas of Deployment .* to 2 again and again where Rampart wants 1/);
  });

  async function createScaler(namespace: string, name: string, deployment: string, minReplicas: number, maxReplicas: number) {
    const spec = {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas,
      maxReplicas,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    };
    const path = `/apis/autoscaling/v2beta2/namespaces/${namespace}/horizontalpodautoscalers`;
    await cluster().admin.request({ method: 'POST', path, body: { metadata: { name }, spec } }, never());
  }
}
