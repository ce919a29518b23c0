import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesList, KubernetesObject } from '../src/kubernetes/api.ts';
import { kubernetes } from '../src/targets/kubernetes/index.ts';
import { KubernetesDefinition } from '../src/targets/kubernetes/schema.ts';
import { Kubernetes } from '../test/programs/kubernetes.ts';
import { kubernetesPrograms } from '../test/programs/kubernetes-build.ts';
import type { Bench, BenchOptions } from './parts/figure.ts';
import { rounded } from './parts/spread.ts';

const figure = 'kubernetes-watch';
const namespaces = 10;
const user = 'rampart';

/** How much a cluster is asked while nothing happens in it: the runtime looks at every service once a second. */
export const bench: Bench = async (options) => {
  const programs = await kubernetesPrograms();
  if ('missing' in programs) return [{ figure, skipped: programs.missing }];
  const cluster = await Kubernetes.start(programs, [{ user, token: 'rampart-token', groups: ['system:masters'] }]);
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-kubernetes-'));
  const target = kubernetes.create({ folder, environment: {} });
  try {
    const works = await servicesIn(cluster, options);
    const look = () => Promise.all(works.map((work) => target.ensure(work, options.signal)));
    for (let from = 0; from < works.length; from += 20) {
      await Promise.all(works.slice(from, from + 20).map((work) => target.ensure(work, options.signal)));
      options.say(`${Math.min(works.length, from + 20)} of ${works.length} services run`);
    }
    await everyPodReady(cluster, works.length, options);
    while (!(await look()).every(([instance]) => instance?.state === 'ready'))
      await delay(500, undefined, { signal: options.signal });

    const seconds = options.quick ? 10 : 60;
    const fromMs = Date.now();
    const before = process.cpuUsage();
    let looks = 0;
    for (let second = 0; second < seconds; second += 1) {
      await look();
      looks += works.length;
      await delay(Math.max(0, fromMs + (second + 1) * 1_000 - Date.now()), undefined, { signal: options.signal });
    }
    const cpu = process.cpuUsage(before);
    const toMs = Date.now();
    const rssMiB = process.memoryUsage.rss() / 1_048_576;
    // A watch is on record when it ends.
    await target.close();
    await delay(1_000, undefined, { signal: options.signal });
    const all = cluster.requestsOf(user);
    const asked = all.filter(({ requestReceivedTimestamp }) => {
      const atMs = Date.parse(requestReceivedTimestamp);
      return atMs >= fromMs && atMs < toMs;
    });
    const watches = all.filter(({ verb }) => verb === 'watch').length;
    // Else nothing would have been recorded, and nothing measured.
    if (watches < 3 * namespaces) throw new Error(`only ${watches} watches are on record`);
    const requestsPerSecond = rounded(asked.length / ((toMs - fromMs) / 1_000));
    const corePercent = rounded((cpu.user + cpu.system) / 10 / (toMs - fromMs));
    return [
      {
        figure,
        limit: { requestsPerSecond: { atMost: 5 } },
        measured: { requestsPerSecond, requests: asked.length, looks, watches, seconds, corePercent, rssMiB: rounded(rssMiB) },
        text: `${works.length} services in ${namespaces} namespaces, looked at once a second for ${seconds} s: ${asked.length} requests (${requestsPerSecond}/s) beside ${watches} watches, ${corePercent} % of a core`,
      },
    ];
  } finally {
    await target.close();
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Namespaces, each with a Deployment as its user has it, and the services that run after it. */
async function servicesIn(cluster: Kubernetes, { quick, signal }: BenchOptions) {
  const works = [];
  for (let i = 0; i < namespaces; i += 1) {
    const namespace = `team-${i}`;
    await cluster.admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }, signal);
    const labels = { app: 'shop' };
    const containers = [{ name: 'app', image: 'registry.example/shop:0', ports: [{ containerPort: 8080 }] }];
    const spec = { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await cluster.admin.request({ method: 'POST', path, body: { metadata: { name: 'shop' }, spec } }, signal);
    const definition = KubernetesDefinition.parse({
      namespace,
      from: { deployment: 'shop' },
      image: 'registry.example/shop:{version}',
      kubeconfig: cluster.kubeconfigOf(user),
    });
    const here = Array.from({ length: quick ? 5 : 50 }, (_, n) => `shop-${i}-${n}`);
    works.push(...here.map((service) => ({ service, version: '1.0.0', replicas: 1, definition })));
  }
  return works;
}

/** Says of every pod that it is ready, as a kubelet would: what runs in it does not matter here. */
async function everyPodReady(cluster: Kubernetes, count: number, { signal }: BenchOptions): Promise<void> {
  let pods: readonly KubernetesObject[] = [];
  while (pods.length < count) {
    await delay(500, undefined, { signal });
    pods = (await cluster.admin.request<KubernetesList<KubernetesObject>>({ method: 'GET', path: '/api/v1/pods' }, signal)).items;
  }
  const status = { phase: 'Running', podIP: '10.244.0.1', conditions: [{ type: 'Ready', status: 'True' }] };
  for (const { metadata } of pods) {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`;
    const contentType = 'application/strategic-merge-patch+json';
    await cluster.admin.request({ method: 'PATCH', path, contentType, body: { status } }, signal);
  }
}
