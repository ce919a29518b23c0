import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext } from 'node:test';
import { Kubelet } from '../../../test/programs/kubelet.ts';
import { Kubernetes, kubernetesPrograms } from '../../../test/programs/kubernetes.ts';
import { never, type TargetUnderTest, targetConformance } from '../conformance.ts';
import { kubernetes } from './index.ts';
import { KubernetesDefinition } from './schema.ts';

const programs = await kubernetesPrograms();

suite('kubernetes', { skip: 'missing' in programs ? programs.missing : false }, () => {
  let cluster: Kubernetes;
  let kubelet: Kubelet;
  let namespaces = 0;

  before(async () => {
    if ('missing' in programs) return;
    cluster = await Kubernetes.start(programs);
    kubelet = await Kubelet.start(cluster.admin);
  });
  after(async () => {
    await kubelet?.close();
    await cluster?.close();
  });

  const subject: TargetUnderTest<KubernetesDefinition> = {
    isRemote: true,
    async place(t: TestContext) {
      const namespace = `test-${++namespaces}`;
      await cluster.admin.request(
        { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } },
        never(),
      );
      await createPattern(
        namespace,
        'good',
        "require('http').createServer((q, r) => r.end('ok')).listen(8080, process.env.POD_IP)",
      );
      await createPattern(namespace, 'crashing', 'process.exit(3)');
      const folder = mkdtempSync(join(tmpdir(), 'rampart-kubernetes-target-'));
      t.after(async () => {
        await cluster.admin.remove(`/api/v1/namespaces/${namespace}`, never());
        rmSync(folder, { recursive: true, force: true });
      });
      const definition = (deployment: string) =>
        KubernetesDefinition.parse({
          namespace,
          from: { deployment },
          image: 'registry.example/shop:{version}',
          kubeconfig: cluster.kubeconfigOf('admin'),
        });
      return {
        open: () => kubernetes.create({ folder, environment: {} }),
        good: definition('good'),
        crashing: definition('crashing'),
      };
    },
  };

  /** A Deployment as a user has it, without pods of its own. */
  async function createPattern(namespace: string, name: string, script: string): Promise<void> {
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
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
      },
    };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    await cluster.admin.apply(path, deployment, false, never());
  }

  targetConformance('kubernetes', subject);
});
