import { after, before, describe, test } from 'node:test';
import { Kubernetes } from '../../test/programs/kubernetes.ts';
import { kubernetesPrograms } from '../../test/programs/kubernetes-build.ts';
import { installDefinitions } from '../../test/programs/kubernetes-crds.ts';
import { gatewayApiSubject, gatewayApiTests } from './gateway-api/subject.fixture.ts';
import { ingressNginxSubject, ingressNginxTests } from './ingress-nginx/subject.fixture.ts';
import { istioSubject, istioTests } from './istio/subject.fixture.ts';
import { clusterConformance, clusterFaults, refused } from './kubernetes-suite.fixture.ts';
import { replicaRatioTests } from './replica-ratio/replica-ratio.fixture.ts';
import { soon } from './users.fixture.ts';

const programs = await kubernetesPrograms();
const subjects = [gatewayApiSubject, istioSubject, ingressNginxSubject];

// One control plane for all of them: it takes longer to start than everything that is tried on it.
describe('routers in a cluster', { skip: 'missing' in programs ? programs.missing : false }, () => {
  let running: Kubernetes;
  const cluster = () => running;

  before(async () => {
    if ('missing' in programs) return;
    running = await Kubernetes.start(programs, [{ user: 'reader', token: 'reader-token' }]);
  });
  after(async () => {
    await running?.close();
  });

  test('a definition that is not installed is named, with how to install it', async () => {
    const kubeconfig = cluster().kubeconfigOf('admin');
    const context = { service: 'shop', folder: cluster().folder, edgesMs: [], leaseMs: 10_000 };
    for (const [{ plugin, config }, fix] of [
      [gatewayApiSubject, /kubectl apply -f .*gateway-api/],
      [istioSubject, /istioctl install/],
    ] as const) {
      const router = plugin.create(plugin.schema.parse({ ...config, kubeconfig }), context);
      await refused(router.open(soon()), 'E_ROUTE_REFUSED', fix);
      await router.close(soon());
    }
  });

  describe('with their definitions', () => {
    before(() => installDefinitions(cluster().admin, ['httproutes', 'virtualservices', 'destinationrules'], soon()));

    for (const subject of subjects) {
      describe(`${subject.name}: what every router does`, { concurrency: 6 }, () => clusterConformance(cluster, subject));
      describe(`${subject.name}: in a cluster with others`, { concurrency: 6 }, () => clusterFaults(cluster, subject));
    }
    describe('each of its kind', { concurrency: 6 }, () => {
      gatewayApiTests(cluster);
      istioTests(cluster);
      ingressNginxTests(cluster);
    });
    describe('replica-ratio', () => replicaRatioTests(cluster));
  });
});
