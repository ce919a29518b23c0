import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { kubernetesPrograms } from '../../../test/programs/kubernetes-build.ts';
import type { KubernetesObject } from '../../kubernetes/api.ts';
import { checkConformance } from '../conformance.ts';
import { serving, silentAddress } from '../servers.fixture.ts';
import { podStatus, Stage } from './cluster.fixture.ts';
import { kubernetes } from './index.ts';
import { bad, good } from './manifests.fixture.ts';

const programs = await kubernetesPrograms();
const folder = mkdtempSync(join(tmpdir(), 'rampart-manifests-'));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret-of-the-kubeconfig' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
before(() => {
  write('good.yaml', good);
  write('bad.yaml', bad.replaceAll('NAMESPACE', 'default'));
  write('broken.yaml', `${good}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: odd }\nspec: { template: {} }\n`);
  write('away.kubeconfig', kubeconfigFor('http://127.0.0.1:1'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const everything = { limits: true, probes: true, pdb: true, networkPolicies: true, rbac: true, securityContext: true };
const files = (manifests: string, expect: object, more = {}) => ({ manifests, expect, ...more });
const wrong = [
  'Deployment shop, container app: no requests\\.memory, limits\\.cpu, limits\\.memory',
  'Deployment shop, container app: no livenessProbe',
  'Deployment shop, container agent: no readinessProbe',
  'Deployment shop: no PodDisruptionBudget selects its pods',
  'Deployment shop: no NetworkPolicy rules its Egress',
];

checkConformance(
  'kubernetes',
  kubernetes,
  [
    {
      name: 'manifests that are as they should be',
      given: () => files('good.yaml', { ...everything, hpa: { min: 2, max: 10 }, secrets: ['database'] }, { deployment: 'shop' }),
      context: { folder },
      status: 'pass',
      found: /^Secret database is there; Deployment shop: all containers have requests and limits; .*and 3 more$/,
    },
    {
      name: 'manifests that are neglected',
      given: () => files('bad.yaml', { ...everything, hpa: true }),
      context: { folder },
      status: 'fail',
      found: new RegExp(`^${wrong.slice(0, 3).join('; ')}; Deployment shop: no HorizontalPodAutoscaler; .*and \\d+ more$`),
    },
    {
      name: 'an account that may do too much',
      given: () => files('bad.yaml', { rbac: true }),
      context: { folder },
      status: 'fail',
      found:
        /^Deployment shop runs as the service account default; .*resources \* \(get, list\) by RoleBinding all .*; .*cluster-admin by RoleBinding admin/,
    },
    {
      name: 'containers that run as root',
      given: () => files('bad.yaml', { securityContext: true }),
      context: { folder },
      status: 'fail',
      found:
        /hostNetwork is on; .*container app: runs as root \(runAsUser: 0\); .*agent: may run as root; .*agent: is privileged/,
    },
    {
      name: 'an autoscaler with other bounds',
      given: () => files('good.yaml', { hpa: { min: 3, max: 5 } }),
      context: { folder },
      status: 'fail',
      found: /2 to 10 pods, and not at least 3; .*and not at most 5$/,
    },
    {
      name: 'a budget that keeps too few',
      given: () => files('good.yaml', { pdb: { minAvailable: 2 } }),
      context: { folder },
      status: 'fail',
      found: /^PodDisruptionBudget shop keeps 1 of 2 pods, and not at least 2$/,
    },
    {
      name: 'another namespace',
      given: () => files('good.yaml', { limits: true }, { deployment: 'billing' }),
      context: { folder },
      status: 'fail',
      found: /^there is no workload Deployment billing in good\.yaml; there are: shop$/,
    },
    {
      name: 'a selector that chooses nothing',
      given: () => files('good.yaml', { limits: true }, { selector: 'tier=batch' }),
      context: { folder },
      status: 'fail',
      found: /no workload tier=batch/,
    },
    {
      name: 'an object that is not whole',
      given: () => files('broken.yaml', { probes: true }, { selector: 'tier=web' }),
      context: { folder },
      status: 'fail',
      found: /^broken\.yaml: Deployment odd: spec\.template\.spec: /,
    },
    {
      name: 'no manifests',
      given: () => files('none', { probes: true }),
      context: { folder },
      status: 'unproven',
      found: /none cannot be read/,
    },
    {
      name: 'no cluster',
      given: () => ({ kubeconfig: join(folder, 'away.kubeconfig'), expect: { nodes: true } }),
      status: 'fail',
      found: /refused/i,
      secret: 'secret-of-the-kubeconfig',
    },
    {
      name: 'a server that always has one more page',
      async given(t) {
        const page = {
          kind: 'NodeList',
          apiVersion: 'v1',
          metadata: { continue: 'more' },
          items: [{ metadata: { name: 'one' } }],
        };
        write(
          'endless.kubeconfig',
          kubeconfigFor(
            await serving(
              t,
              (_, response) => void response.setHeader('content-type', 'application/json').end(JSON.stringify(page)),
            ),
          ),
        );
        return { kubeconfig: join(folder, 'endless.kubeconfig'), expect: { nodes: true } };
      },
      status: 'unproven',
      found: /^the cluster has more than 100 pages of nodes$/,
      fix: /smaller/,
    },
    {
      name: 'a context that the kubeconfig does not have',
      given: () => ({ kubeconfig: join(folder, 'away.kubeconfig'), context: 'prod', expect: { nodes: true } }),
      status: 'unproven',
      found: /no context prod, but x/,
    },
  ],
  async (t) => {
    write('silent.kubeconfig', kubeconfigFor(await silentAddress(t)));
    return { kubeconfig: join(folder, 'silent.kubeconfig'), expect: { nodes: true } };
  },
);

describe('a real cluster', { skip: 'missing' in programs ? programs.missing : false }, () => {
  let cluster: Kubernetes;
  before(async () => {
    if ('missing' in programs) return;
    cluster = await Kubernetes.start(programs, [{ user: 'nobody', token: 'token-of-nobody' }]);
    const stage = new Stage(cluster.admin);
    // The server itself refuses the privileged container.
    const allowed = bad.replace('{ privileged: true }', '{}');
    await stage.node('one', { Ready: 'True' });
    await Promise.all([
      stage.apply('good', good).then(() => stage.pods('good', 2, () => podStatus({ ready: true }))),
      stage
        .apply('bad', allowed)
        .then(() => stage.pods('bad', 1, () => podStatus({ ready: false, restarts: 7, waiting: 'CrashLoopBackOff' }))),
      stage.apply('flapping', allowed).then(() => stage.pods('flapping', 1, () => podStatus({ ready: true, restarts: 7 }))),
    ]);
  });
  after(() => cluster?.close());
  const asked = (namespace: string, expect: object, user = 'admin') => ({
    kubeconfig: cluster.kubeconfigOf(user),
    namespace,
    expect,
  });

  checkConformance('kubernetes of a cluster', kubernetes, [
    {
      name: 'all is as it should be',
      given: () => asked('good', { ...everything, nodes: true, pods: { min: 2 }, secrets: ['database'] }),
      status: 'pass',
      found: /^1 of 1 nodes are ready; Secret database is there; Deployment shop: 2 of 2 pods are ready; .*and 4 more$/,
      secret: 'hunter2-of-the-cluster',
    },
    {
      name: 'all is neglected',
      given: () => asked('bad', { ...everything, hpa: true }),
      status: 'fail',
      found: new RegExp(`^${wrong.slice(0, 3).join('; ')}; Deployment shop: no HorizontalPodAutoscaler; .*and \\d+ more$`),
    },
    {
      name: 'a pod that does not get ready',
      given: () => asked('bad', { pods: true }),
      status: 'fail',
      found:
        /^Pod shop-\S+ is not ready: CrashLoopBackOff; Pod .*restarted 7 times.*; Deployment shop: 0 of 1 pods are ready, and not 1$/,
      fix: /kubectl describe pod shop-/,
    },
    {
      name: 'a pod that is restarted again and again',
      given: () => asked('flapping', { pods: { restartsMax: 5 } }),
      status: 'fail',
      found: /^Pod shop-\S+, container app: restarted 7 times, the last time \d+m?s? ago$/,
    },
    {
      name: 'restarts that are allowed',
      given: () => asked('flapping', { pods: { restartsMax: 10 } }),
      status: 'pass',
    },
    {
      name: 'an account that may do too much',
      given: () => asked('bad', { rbac: true }),
      status: 'fail',
      found: /cluster-admin by RoleBinding admin .*; .*resources \* \(get, list\) by RoleBinding all/,
    },
    {
      name: 'secrets that are not there',
      given: () => asked('good', { secrets: ['database', 'stripe'] }),
      status: 'fail',
      found: /^there is no Secret stripe$/,
    },
    {
      name: 'an autoscaler that knows no metrics',
      async given() {
        const path = '/apis/autoscaling/v2beta2/namespaces/good/horizontalpodautoscalers/shop';
        const signal = AbortSignal.timeout(60_000);
        await until('it was looked at', async () =>
          JSON.stringify(await cluster.admin.find<KubernetesObject>(path, signal)).includes('ScalingActive'),
        );
        return asked('good', { hpa: { min: 2 } });
      },
      status: 'warn',
      found: /^HorizontalPodAutoscaler shop does not work now: .*metrics/,
    },
    {
      name: 'whoever may not look is told which right is missing',
      given: () => asked('good', { nodes: true, limits: true, secrets: ['database'] }, 'nobody'),
      status: 'unproven',
      found:
        /nodes is forbidden: .*cannot list resource "nodes".*; secrets "database" is forbidden: .*cannot get resource "secrets".*; deployments\.apps is forbidden/,
      fix: /let this account list nodes: /,
      secret: 'token-of-nobody',
    },
    {
      name: 'a namespace that is not there',
      given: () => asked('nowhere', { limits: true }),
      status: 'fail',
      found: /^there is no workload apps\/v1 in namespace nowhere; there are: none$/,
    },
  ]);
});
