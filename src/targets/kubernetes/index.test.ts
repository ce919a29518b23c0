import { after, before, describe, type TestContext } from 'node:test';
import { Kubelet } from '../../../test/programs/kubelet.ts';
import { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { kubernetesPrograms } from '../../../test/programs/kubernetes-build.ts';
import { type TargetUnderTest, targetConformance } from '../conformance.ts';
import { wayFaults } from './api-faults.fixture.ts';
import { belonging } from './belonging.fixture.ts';
import { clusterFaults } from './faults.fixture.ts';
import { createPattern, emptyPlace } from './place.fixture.ts';
import { scaling } from './scaling.fixture.ts';
import type { KubernetesDefinition } from './schema.ts';

const programs = await kubernetesPrograms();

describe('kubernetes', { skip: 'missing' in programs ? programs.missing : false }, () => {
  let running: Kubernetes;
  let kubelet: Kubelet;
  const cluster = () => running;

  before(async () => {
    if ('missing' in programs) return;
    running = await Kubernetes.start(programs, [{ user: 'reader', token: 'reader-token' }]);
    kubelet = await Kubelet.start(running.admin);
  });
  after(async () => {
    await kubelet?.close();
    await running?.close();
  });

  const subject: TargetUnderTest<KubernetesDefinition> = {
    isRemote: true,
    async place(t: TestContext) {
      const { namespace, open, definition } = await emptyPlace(cluster(), t);
      await createPattern(cluster(), namespace, 'good');
      await createPattern(cluster(), namespace, 'crashing', 'process.exit(3)');
      return { open, good: definition('good'), crashing: definition('crashing') };
    },
  };

  // Each test has a namespace of its own, and mostly waits.
  describe('each in a namespace of its own', { concurrency: 4 }, () => {
    targetConformance('kubernetes', subject);
    clusterFaults(cluster);
    scaling(cluster);
    belonging(cluster);
    wayFaults(cluster);
  });
});
