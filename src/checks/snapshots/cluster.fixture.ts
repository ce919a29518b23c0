import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { installDefinitions } from '../../../test/programs/kubernetes-crds.ts';
import { type CheckCase, checkConformance } from '../conformance.ts';
import { snapshots } from './index.ts';

/** So many hours ago, as objects of a cluster have it. */
export const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+/, '');

/** An account without rights, which the cluster has to know. */
export const guest = { user: 'guest', token: 'token-of-the-guest' };

/** Registers what the check has to say about a cluster that has no snapshots at first. */
export function snapshotsOfCluster(cluster: () => Kubernetes): void {
  const signal = AbortSignal.timeout(120_000);
  const base = '/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots';
  async function take(name: string, claim: string, hours: number, readyToUse = true): Promise<void> {
    const object = {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name, labels: { app: claim } },
      spec: { source: { persistentVolumeClaimName: claim } },
    };
    const made = await cluster().admin.request<object>({ method: 'POST', path: base, body: object }, signal);
    await cluster().admin.request(
      { method: 'PUT', path: `${base}/${name}/status`, body: { ...made, status: { readyToUse, creationTime: ago(hours) } } },
      signal,
    );
  }
  const given =
    (more = {}, user = 'admin', rest = {}) =>
    () => ({ kubernetes: { kubeconfig: cluster().kubeconfigOf(user), namespace: 'default', ...more }, ...rest });

  const cases: readonly CheckCase[] = [
    {
      name: 'a cluster without snapshots at all',
      given: given(),
      status: 'fail',
      found: /^the cluster has no VolumeSnapshots$/,
      fix: /CRD/,
    },
    {
      name: 'no snapshot yet',
      async given() {
        await installDefinitions(cluster().admin, ['volumesnapshots'], signal);
        return given()();
      },
      status: 'fail',
      found: /^there is no snapshot$/,
    },
    {
      name: 'snapshots that are fresh',
      async given() {
        await take('data-1', 'data', 30);
        await take('data-2', 'data', 2);
        await take('logs-1', 'logs', 30);
        await take('logs-2', 'logs', 1, false);
        return given({ claims: ['data'] }, 'admin', { min: 2 })();
      },
      status: 'pass',
      found: /^2 snapshots of data, the newest 2h old$/,
    },
    {
      name: 'a claim whose snapshots are old',
      given: given({ claims: ['data', 'logs'] }),
      status: 'fail',
      found: /^the newest snapshot of logs is 1d6h old$/,
    },
    {
      name: 'a claim without snapshots',
      given: given({ claims: ['mail'] }),
      status: 'fail',
      found: /^there is no snapshot of mail$/,
    },
    { name: 'snapshots by their labels', given: given({ selector: 'app=logs' }), status: 'fail', found: /1d6h old$/ },
    {
      name: 'an account that may not see them',
      given: given({}, 'guest'),
      status: 'unproven',
      found: /cannot list resource "volumesnapshots"/,
      fix: /Role/,
      secret: 'token-of-the-guest',
    },
  ];
  checkConformance('snapshots', snapshots, cases);
}
