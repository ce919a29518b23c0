import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KubernetesApi, KubernetesObject } from '../../src/kubernetes/api.ts';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { Kubernetes } from '../programs/kubernetes.ts';
import { installDefinitions } from '../programs/kubernetes-crds.ts';
import { Prometheus, prometheusProgram } from '../programs/prometheus.ts';
import { type Stage, until } from './stage.ts';

type HttpRoute = KubernetesObject & {
  readonly spec: {
    readonly rules: readonly { readonly backendRefs: readonly { readonly name: string; readonly weight: number }[] }[];
  };
};

const path = '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/door';
const requestsPerLook = 40;
const program = await prometheusProgram();

/**
 * A canary of the Kubernetes target whose weights stand in an HTTPRoute. No gateway can be had here: what one would have counted is
 * written into a real Prometheus by the test, after the weights in the route. What is tried is the release and the route.
 *
 * @param place - Makes a Deployment of that name and writes a document that releases it behind a built-in router.
 */
export function gatewayApiRelease(
  stage: Stage,
  cluster: () => Kubernetes,
  place: (name: string, strategy: string) => Promise<{ readonly file: string }>,
): void {
  test('in an HTTPRoute a release goes through its weights, and back from a bad version', {
    skip: 'missing' in program && program.missing,
  }, async (t) => {
    if ('missing' in program) return;
    const signal = AbortSignal.timeout(60_000);
    const api = cluster().admin;
    const [prometheus, { file }] = await Promise.all([
      Prometheus.start(program.path),
      place('door', '{ canary: { steps: [ { weight: 10%, for: 1s }, { weight: 50%, for: 20s } ] } }'),
      installDefinitions(api, ['httproutes'], signal),
    ]);
    t.after(() => prometheus.close());
    const rules = [{ backendRefs: [{ name: 'door', port: 80 }] }];
    const object = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'door' },
      spec: { hostnames: ['shop.example'], rules },
    };
    await api.apply(path, object, false, signal);
    const gateway = new Counted(prometheus, api, signal);
    t.after(() => gateway.stop());
    const text = readFileSync(file, 'utf8')
      .replace(
        /^ {2}router: .*$/m,
        `  router: { gateway-api: { namespace: shop, route: door, service: door, kubeconfig: ${cluster().kubeconfigOf('admin')} } }
  source:
    prometheus:
      url: ${prometheus.url}
      interval: 1s
      delay: 1s
      requests: 'http_requests_total{job="gateway"}'
      errors: { where: 'code="500"' }`,
      )
      .replace('latency: { p95: { worseBy: off, max: 5s } }', 'latency: { p95: { worseBy: off, max: off }, p99: { max: off } }');
    stage.write('door.yaml', text);
    await stage.json(0, 'release', file, '--version', '1.0.0', '--wait');
    await until('all of it is on stable', async () => (await gateway.weights()).join() === '0,100');
    const { release } = await stage.json<{ release: string }>(0, 'release', file, '--version', '2.0.0');
    await until('the second step', () => gateway.seen.at(-1) === '0,50,50');
    gateway.failing = true;
    const summary: ReleaseSummary = await stage.end(release);
    assert.equal(summary.outcome, 'rolled-back', summary.reason);
    assert.match(summary.reason, /2\.0\.0/);
    assert.deepEqual(gateway.seen.slice(gateway.seen.indexOf('0,90,10')), ['0,90,10', '0,50,50', '0,100']);
    const after = await api.find<HttpRoute & { spec: { hostnames: string[] } }>(path, signal);
    assert.deepEqual(after?.spec.hostnames, ['shop.example']);
    assert.equal(after?.metadata.annotations?.['rampart.dev/route-door']?.includes('"version":"1.0.0"'), true);
  });
}

/** What a gateway would count of a steady stream of requests that keeps to the weights in the route. */
class Counted {
  /** Every answer of the last version is a 500. */
  failing = false;
  /** Each set of weights that there was, in turn. */
  readonly seen: string[] = [];
  readonly #totals = new Map<string, number>();
  readonly #prometheus: Prometheus;
  readonly #api: KubernetesApi;
  readonly #signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(prometheus: Prometheus, api: KubernetesApi, signal: AbortSignal) {
    this.#prometheus = prometheus;
    this.#api = api;
    this.#signal = signal;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async weights(): Promise<readonly number[]> {
    return (await this.#refs()).map(({ weight }) => weight);
  }

  async #refs(): Promise<HttpRoute['spec']['rules'][number]['backendRefs']> {
    return (await this.#api.find<HttpRoute>(path, this.#signal))?.spec.rules[0]?.backendRefs ?? [];
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted && !this.#signal.aborted) {
      const refs = await this.#refs().catch(() => []);
      const weights = refs.map(({ weight }) => weight).join();
      if (weights !== '' && weights !== this.seen.at(-1)) this.seen.push(weights);
      for (const { name, weight } of refs) this.#count(name, (weight / 100) * requestsPerLook);
      const atMs = Date.now();
      const series = [...this.#totals].map(([key, value]) => {
        const [version = '', code = ''] = key.split(' ');
        const labels = { __name__: 'http_requests_total', job: 'gateway', version, code };
        return { labels, samples: [[atMs, value] as const] };
      });
      if (series.length > 0) await this.#prometheus.push(series).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  #count(service: string, requests: number): void {
    const [, one] = /^door-(\d)-0-0-/.exec(service) ?? [];
    if (one === undefined) return;
    const isFailing = this.failing && one === '2';
    for (const code of ['200', '500']) {
      const key = `${one}.0.0 ${code}`;
      this.#totals.set(key, (this.#totals.get(key) ?? 0) + ((code === '500') === isFailing ? requests : 0));
    }
  }
}
