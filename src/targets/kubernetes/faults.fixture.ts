import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { UserError } from '../../errors.ts';
import { ensureUntil, eventually, never } from '../conformance.ts';
import type { Instance } from '../target.ts';
import type { Deployment } from './objects.ts';
import { placeOfTarget, serving } from './place.fixture.ts';

/** Tests of what goes wrong in a cluster whose API answers; they may run at the same time. */
export function clusterFaults(cluster: () => Kubernetes): void {
  test('an image that cannot be pulled is hopeless at once, not after the deadline of its Deployment', async (t) => {
    const { work, target } = await placeOfTarget(cluster(), t);
    const instance = await eventually('it is hopeless', async () =>
      (await target.ensure(work('missing'), never())).find(({ hopeless }) => hopeless),
    );
    assert.match(instance.problem ?? '', /ImagePullBackOff: Back-off pulling image "registry.example\/shop:missing"/);
    assert.equal(instance.state, 'starting');
  });

  test('a process that is killed for its memory says so', async (t) => {
    const { work, target } = await placeOfTarget(cluster(), t, "process.kill(process.pid, 'SIGKILL')");
    const [instance] = await ensureUntil(target, work('1.0.0'), 'crashed');
    assert.match(instance?.problem ?? '', /container app ran out of memory \(OOMKilled\)/);
  });

  test('pods that a quota forbids are instances that are not there, with the reason', async (t) => {
    const { work, target, namespace } = await placeOfTarget(cluster(), t);
    const quota = { metadata: { name: 'one' }, spec: { hard: { pods: '1' } } };
    await cluster().admin.request(
      { method: 'POST', path: `/api/v1/namespaces/${namespace}/resourcequotas`, body: quota },
      never(),
    );
    await eventually('the quota is in force', async () => {
      const path = `/api/v1/namespaces/${namespace}/resourcequotas/one`;
      const found = (await cluster().admin.request({ method: 'GET', path }, never())) as { status?: { hard?: object } };
      return found.status?.hard;
    });
    const kept = await eventually('the quota is told', async () =>
      (await target.ensure(work('1.0.0', 2), never())).find(({ problem }) => problem?.includes('exceeded quota')),
    );
    assert.match(kept.id, /^shop\/1\.0\.0\/pending-1$/);
  });

  test('an account that may not create anything is told which verb on which resource it lacks', async (t) => {
    const { work, target, namespace } = await placeOfTarget(cluster(), t, serving, 'reader');
    const rules = [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list', 'watch'] },
    ];
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await refused(
      target.ensure(work('1.0.0'), never()),
      'E_KUBERNETES_FORBIDDEN',
      /let this account list (pods|deployments\.apps|horizontalpodautoscalers\.autoscaling)/,
    );
    await cluster().admin.request(
      { method: 'POST', path: `${rbac}/roles`, body: { metadata: { name: 'look' }, rules } },
      never(),
    );
    const binding = {
      metadata: { name: 'look' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'look' },
      subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
    };
    await cluster().admin.request({ method: 'POST', path: `${rbac}/rolebindings`, body: binding }, never());
    await eventually('the lists may be read', () =>
      target.ensure(work('1.0.0'), never()).then(
        () => false,
        (error: unknown) => error instanceof UserError && /patch services/.test(error.fix),
      ),
    );
  });

  test('a Deployment that is not there, and one with several containers, are named', async (t) => {
    const { work, target } = await placeOfTarget(cluster(), t);
    const { definition } = work('1.0.0');
    const without = { ...work('1.0.0'), definition: { ...definition, from: { deployment: 'nobody' } } };
    await refused(target.ensure(without, never()), 'E_KUBERNETES_PATTERN', /kubectl get deployments/);
    const other = { ...work('1.0.0'), definition: { ...definition, container: 'sidecar' } };
    await refused(target.ensure(other, never()), 'E_KUBERNETES_CONTAINER', /target\.kubernetes\.container/);
    assert.deepEqual(await target.list('shop', never()), []);
  });

  test('what somebody changes in a Deployment of a version is set right again, and other fields stay theirs', async (t) => {
    const { work, target, namespace } = await placeOfTarget(cluster(), t);
    const before = await ensureUntil(target, work('1.0.0'), 'ready');
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deploymentOf(before)}`;
    const change = { metadata: { labels: { team: 'payments' } }, spec: { paused: true, replicas: 3 } };
    const contentType = 'application/merge-patch+json';
    await cluster().admin.request({ method: 'PATCH', path, body: change, contentType }, never());
    const found = await eventually('it is as wanted again', async () => {
      await target.ensure(work('1.0.0'), never());
      const deployment = await cluster().admin.find<Deployment & { spec: { paused?: boolean } }>(path, never());
      return deployment?.spec.replicas === 1 ? deployment : null;
    });
    assert.equal(found.metadata.labels?.team, 'payments');
    assert.equal(found.spec.paused, true);
  });
}

/** `checkout-1-0-0-4f2a9c` of the pod `checkout-1-0-0-4f2a9c-6f675c67bc-8mx67`. */
export function deploymentOf([instance]: readonly Instance[]): string {
  return (instance?.id.split('/')[2] ?? '').split('-').slice(0, -2).join('-');
}

/** That a call is refused with this code, and says what to do. */
export async function refused(call: Promise<unknown>, code: string, fix: RegExp): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert(error instanceof UserError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.fix, fix);
    return true;
  });
}
