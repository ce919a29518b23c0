import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesApi, KubernetesList, KubernetesObject } from '../../src/kubernetes/api.ts';

type Container = {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly readinessProbe?: { readonly httpGet?: { readonly path?: string; readonly port: number | string } };
};
type Pod = KubernetesObject & {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly terminationGracePeriodSeconds?: number;
  };
  readonly status?: { readonly phase?: string };
};

const node = 'test-node';
const statusPatch = 'application/strategic-merge-patch+json';

/** What is wrong with an image, by its tag: there is no registry, so the tag says what pulling it comes to. */
const pullProblems: Readonly<Record<string, string>> = { missing: 'ErrImagePull' };

/**
 * A kubelet of its own small kind for one node: every container is a process of this machine on an address of its own (10.244.0.0/24 on
 * the loopback device), so that probes and traffic are real. It runs the container's `command` and `args` with its `env`, asks its
 * readiness probe, starts it again with a growing wait when it ends, and says all of it in the pod's status as a kubelet does.
 */
export class Kubelet {
  readonly #api: KubernetesApi;
  readonly #stopping = new AbortController();
  readonly #pods = new Map<string, PodProcess>();
  readonly #network: string;
  readonly #addresses: string[];
  #watching: Promise<void> = Promise.resolve();

  private constructor(api: KubernetesApi) {
    this.#api = api;
    // By process, so that two suites at a time do not share addresses.
    const third = process.pid % 250;
    this.#network = `10.244.${third}.0/24`;
    this.#addresses = Array.from({ length: 200 }, (_, i) => `10.244.${third}.${i + 10}`);
    // An address whose pod has ended answers nobody: without this the machine would ask its gateway for it.
    execFileSync('ip', ['route', 'replace', 'unreachable', this.#network]);
  }

  static async start(api: KubernetesApi): Promise<Kubelet> {
    const kubelet = new Kubelet(api);
    const { signal } = kubelet.#stopping;
    const labels = { 'kubernetes.io/hostname': node };
    await api.request({ method: 'POST', path: '/api/v1/nodes', body: { metadata: { name: node, labels } } }, signal);
    const size = { cpu: '64', memory: '256Gi', pods: '500' };
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now(), lastTransitionTime: now() };
    await api.request(
      {
        method: 'PATCH',
        path: `/api/v1/nodes/${node}/status`,
        contentType: statusPatch,
        body: { status: { capacity: size, allocatable: size, conditions: [ready] } },
      },
      signal,
    );
    kubelet.#watching = kubelet.#watch();
    return kubelet;
  }

  /** Ends every container and gives its address back. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching.catch(() => {});
    await Promise.all([...this.#pods.values()].map((pod) => pod.end(0)));
    execFileSync('ip', ['route', 'del', 'unreachable', this.#network]);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    const query = { fieldSelector: `spec.nodeName=${node}` };
    while (!signal.aborted) {
      try {
        const path = '/api/v1/pods';
        const list = await this.#api.request<KubernetesList<Pod>>({ method: 'GET', path, query }, signal);
        for (const pod of list.items) this.#saw(pod);
        const from = { ...query, resourceVersion: list.metadata.resourceVersion };
        await this.#api.watch<Pod>(
          path,
          from,
          (event) => event.type !== 'ERROR' && event.type !== 'BOOKMARK' && this.#saw(event.object, event.type === 'DELETED'),
          signal,
        );
      } catch {
        await delay(100, undefined, { signal }).catch(() => {});
      }
    }
  }

  #saw(pod: Pod, isGone = false): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (isGone) {
      this.#pods.delete(uid);
      void known?.end(0);
    } else if (pod.metadata.deletionTimestamp !== undefined) void this.#terminate(pod, known);
    else if (!known) {
      const address = this.#addresses.shift();
      if (address === undefined) throw new Error('this node has no more addresses');
      this.#pods.set(uid, new PodProcess(this.#api, pod, address, () => this.#addresses.push(address)));
    }
  }

  async #terminate(pod: Pod, known: PodProcess | undefined): Promise<void> {
    await known?.end((pod.spec.terminationGracePeriodSeconds ?? 30) * 1_000);
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
    const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
    await this.#api.request({ method: 'DELETE', path, body: options }, AbortSignal.timeout(5_000)).catch(() => {});
  }
}

/** The first container of a pod as a process; the others, such as side cars, are said to run. */
class PodProcess {
  readonly #api: KubernetesApi;
  readonly #pod: Pod;
  readonly #address: string;
  readonly #free: () => void;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #child: ChildProcess | null = null;
  #restarts = 0;
  #ended: Promise<void> | null = null;

  constructor(api: KubernetesApi, pod: Pod, address: string, free: () => void) {
    this.#api = api;
    this.#pod = pod;
    this.#address = address;
    this.#free = free;
    this.#running = this.#run().catch(() => {});
  }

  /** Asks it to end, waits for `graceMs`, kills it. */
  end(graceMs: number): Promise<void> {
    this.#ended ??= this.#end(graceMs);
    return this.#ended;
  }

  async #end(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(graceMs === 0 ? 'SIGKILL' : 'SIGTERM');
      const hurry = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(hurry);
    }
    await this.#running;
    try {
      execFileSync('ip', ['addr', 'del', `${this.#address}/32`, 'dev', 'lo'], { stdio: 'ignore' });
    } catch {
      // It was never there: the pod has not come so far.
    }
    this.#free();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const [container] = this.#pod.spec.containers;
    if (!container) return;
    const problem = pullProblems[container.image.split(':').at(-1) ?? ''];
    if (problem !== undefined) {
      const message = `rpc error: code = NotFound desc = failed to pull and unpack image "${container.image}": not found`;
      await this.#say({ waiting: { reason: problem, message } }, false);
      await delay(300, undefined, { signal });
      return await this.#say(
        { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${container.image}"` } },
        false,
      );
    }
    execFileSync('ip', ['addr', 'add', `${this.#address}/32`, 'dev', 'lo']);
    while (!signal.aborted) {
      const code = await this.#once(container);
      if (signal.aborted) return;
      const reason = code === 137 ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error';
      const terminated = { reason, exitCode: code, finishedAt: now() };
      this.#restarts += 1;
      const waiting = { reason: 'CrashLoopBackOff', message: `back-off restarting failed container ${container.name}` };
      await this.#say({ waiting }, false, { terminated });
      await delay(Math.min(2_000, 100 * 2 ** this.#restarts), undefined, { signal });
    }
  }

  /** Runs the container until it ends, and answers its exit code. */
  async #once(container: Container): Promise<number> {
    const [program, ...args] = [...(container.command ?? []), ...(container.args ?? [])];
    if (program === undefined) throw new Error(`container ${container.name} has no command, and images hold none here`);
    const own = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? '']));
    // What is in an image depends on its tag; here the tag is all there is.
    const env = { ...own, PATH: process.env.PATH, POD_IP: this.#address, CONTAINER_IMAGE: container.image };
    const child = spawn(program === 'node' ? process.execPath : program, args, { env, stdio: 'ignore' });
    this.#child = child;
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(127));
      child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
    });
    const running = { running: { startedAt: now() } };
    await this.#say(running, false);
    const watched = new AbortController();
    const probing = this.#probe(container, watched.signal, (isReady) => this.#say(running, isReady));
    const code = await ended;
    watched.abort();
    await probing;
    return code;
  }

  async #probe(container: Container, signal: AbortSignal, changed: (isReady: boolean) => Promise<void>): Promise<void> {
    const probe = container.readinessProbe?.httpGet;
    let was = false;
    while (!signal.aborted) {
      const port = container.ports?.find(({ name }) => name === probe?.port)?.containerPort ?? Number(probe?.port);
      const isReady = probe ? await answers(this.#address, port, probe.path ?? '/') : true;
      if (signal.aborted) return;
      if (isReady !== was) await changed(isReady).catch(() => {});
      was = isReady;
      await delay(50, undefined, { signal }).catch(() => {});
    }
  }

  async #say(state: object, isReady: boolean, lastState: object = {}): Promise<void> {
    const { name, namespace } = this.#pod.metadata;
    const [first, ...others] = this.#pod.spec.containers;
    const condition = (type: string, status: boolean) => ({ type, status: status ? 'True' : 'False', lastTransitionTime: now() });
    const isRunning = 'running' in state;
    const about = (container: Container, own: object, ready: boolean, last: object, restartCount: number) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready,
      started: ready,
      restartCount,
      state: own,
      lastState: last,
    });
    const status = {
      phase: isRunning || this.#restarts > 0 ? 'Running' : 'Pending',
      hostIP: '127.0.0.1',
      podIP: isRunning ? this.#address : null,
      podIPs: isRunning ? [{ ip: this.#address }] : null,
      conditions: [condition('Initialized', true), condition('ContainersReady', isReady), condition('Ready', isReady)],
      containerStatuses: [
        ...(first ? [about(first, state, isReady, lastState, this.#restarts)] : []),
        ...others.map((one) => about(one, { running: { startedAt: now() } }, true, {}, 0)),
      ],
    };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    await this.#api
      .request({ method: 'PATCH', path, contentType: statusPatch, body: { status } }, AbortSignal.timeout(5_000))
      .catch(() => {});
  }
}

function answers(host: string, port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path, timeout: 1_000, agent: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 400);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
