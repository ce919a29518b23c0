import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../../test/programs/free-port.ts';
import { Haproxy, haproxyProgram } from '../../../../test/programs/haproxy.ts';
import { Prometheus, prometheusProgram } from '../../../../test/programs/prometheus.ts';
import type { Counts, Sample } from '../../../analysis/sample.ts';
import { objectName } from '../../../kubernetes/names.ts';
import type { MetricSource } from '../../source.ts';
import { prometheus as plugin } from '../index.ts';

const never = new AbortController().signal;
const pair = { stable: '1.0.0', candidate: '1.1.0', afterSecond: 0, limit: 900 };
const patienceMs = 20_000;
const lookMs = 100;

/** What a version has served in a test. */
type Served = { readonly n: number; readonly errors: number; readonly slow: number };
const quiet: Served = { n: 0, errors: 0, slow: 0 };

/** What the exporters of the routers say, in the format of their documents: fast requests take 40 ms, slow ones 400 ms. */
class Exporters {
  readonly served = { '1.0.0': { n: 500, errors: 5, slow: 50 } as Served, '1.1.0': quiet };

  serve(version: keyof Exporters['served'], { n, errors, slow }: Served): void {
    const before = this.served[version];
    this.served[version] = { n: before.n + n, errors: before.errors + errors, slow: before.slow + slow };
  }

  text(path: string): string {
    const versions = ['1.0.0', '1.1.0'] as const;
    if (path === '/istio') return versions.map((version) => this.#istio(version)).join('');
    if (path === '/ingress') return versions.map((version) => this.#ingress(version)).join('');
    if (path === '/log') return versions.map((version) => this.#log(version)).join('');
    // nginx-prometheus-exporter over stub_status.
    return `nginx_up 1\nnginx_http_requests_total ${versions.reduce((sum, version) => sum + this.served[version].n, 0)}\n`;
  }

  /** Beside the service's own: its callers' view of the same requests, and another service. */
  #istio(version: keyof Exporters['served']): string {
    const workload = objectName('shop', version);
    const labels = (reporter: string, destination: string, code: number) =>
      `reporter="${reporter}",source_workload="web",source_workload_namespace="default",destination_workload="${destination}",destination_workload_namespace="default",destination_app="shop",destination_version="${version}",destination_service="shop.default.svc.cluster.local",destination_service_name="shop",destination_service_namespace="default",destination_canonical_service="shop",destination_canonical_revision="${version}",request_protocol="http",response_code="${code}",response_flags="-",connection_security_policy="mutual_tls"`;
    return [
      this.#histogram('istio_requests_total', 'istio_request_duration_milliseconds', 1, version, (code) =>
        labels('destination', workload, code),
      ),
      this.#histogram('istio_requests_total', 'istio_request_duration_milliseconds', 1, version, (code) =>
        labels('source', workload, code),
      ),
      `istio_requests_total{${labels('destination', 'cart', 500).replaceAll('"shop', '"cart')}} 9000\n`,
    ].join('');
  }

  #ingress(version: keyof Exporters['served']): string {
    const canary = version === '1.1.0' ? `default-${objectName('shop', version)}-80` : '';
    const service = objectName('shop', '1.0.0');
    const labels = (ingress: string, code: number) =>
      `canary="${canary}",controller_class="k8s.io/ingress-nginx",controller_namespace="ingress-nginx",controller_pod="ingress-nginx-controller-0",host="shop.example",ingress="${ingress}",method="GET",namespace="default",path="/",service="${service}",status="${code}"`;
    return [
      this.#histogram(
        'nginx_ingress_controller_requests',
        'nginx_ingress_controller_request_duration_seconds',
        1_000,
        version,
        (code) => labels('shop', code),
      ),
      `nginx_ingress_controller_requests{${labels('cart', 502)}} 9000\n`,
    ].join('');
  }

  #log(version: keyof Exporters['served']): string {
    const labels = (code: number) => `method="GET",status="${code}",version="${version}"`;
    return this.#histogram('edge_http_response_count_total', 'edge_http_response_time_seconds_hist', 1_000, version, labels);
  }

  #histogram(
    counter: string,
    histogram: string,
    unitMs: number,
    version: keyof Exporters['served'],
    labels: (code: number) => string,
  ): string {
    const { n, errors, slow } = this.served[version];
    const parts = [
      { labels: labels(200), n: n - errors, slow },
      { labels: labels(503), n: errors, slow: 0 },
    ];
    return parts
      .filter((part) => part.n > 0)
      .map((part) => {
        const edges: readonly [string, number][] = [
          [String(50 / unitMs), part.n - part.slow],
          [String(500 / unitMs), part.n],
          ['+Inf', part.n],
        ];
        const buckets = edges.map(([le, count]) => `${histogram}_bucket{${part.labels},le="${le}"} ${count}\n`).join('');
        return `${counter}{${part.labels}} ${part.n}\n${buckets}${histogram}_sum{${part.labels}} 1\n${histogram}_count{${part.labels}} ${part.n}\n`;
      })
      .join('');
  }
}

const program = await prometheusProgram();
const balancer = await haproxyProgram();
const missing = [program, balancer].flatMap((one) => ('missing' in one ? [one.missing] : []));

describe('what real Prometheus scrapes from', { skip: missing[0] ?? false }, () => {
  const exporters = new Exporters();
  const scraped = createServer((asked, response) => response.end(exporters.text(asked.url ?? '')));
  const versions = [shop('1.0.0'), shop('1.1.0')] as const;
  let prometheus: Prometheus;
  let haproxy: Haproxy;

  before(async () => {
    if (!('path' in program && 'path' in balancer)) return;
    const [ports, stats, one, two] = await Promise.all([
      listening(scraped),
      freePort(),
      ...versions.map(({ server }) => listening(server)),
    ]);
    haproxy = await Haproxy.start(balancer.path, {
      keepsServers: false,
      // Rampart's own servers have other names, and none of their requests belongs to a version here.
      backend: [
        'balance roundrobin',
        `server 1.0.0-1 127.0.0.1:${one}`,
        `server 1.1.0-1 127.0.0.1:${two}`,
        `server 1.1.0-rc-1 127.0.0.1:${one}`,
      ],
      sections: `frontend stats\n  bind 127.0.0.1:${stats}\n  http-request use-service prometheus-exporter\n`,
    });
    const jobs = ['/istio', '/ingress', '/log', '/stub'].map(
      (path) =>
        `  - { job_name: ${path.slice(1)}, metrics_path: ${path}, static_configs: [{ targets: ['127.0.0.1:${ports}'] }] }\n`,
    );
    prometheus = await Prometheus.start(
      program.path,
      `global: { scrape_interval: 1s }\nscrape_configs:\n${jobs.join('')}  - { job_name: edge, honor_labels: true, static_configs: [{ targets: ['127.0.0.1:${stats}'] }] }\n`,
    );
    await until('all are scraped', async () => (await sourceOf({ requests: 'up', errors: 'up' }).scraped()) === 5);
  });
  after(async () => {
    for (const server of [scraped, ...versions.map(({ server }) => server)]) {
      server.closeAllConnections();
      server.close();
    }
    await haproxy?.close();
    await prometheus?.close();
  });

  /** A source with this in its document, and how many targets are up. */
  const sourceOf = (document: Readonly<Record<string, unknown>>) => {
    const config = plugin.schema.parse({ url: prometheus.url, interval: '1s', delay: '1s', ...document });
    const context = { service: 'shop', edgesMs: [50], metrics: [], environment: {}, now: Date.now };
    const scraped = async (): Promise<number> => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=sum(up)`);
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1] ?? 0);
    };
    return { source: plugin.create(config, context), scraped };
  };

  const formats: readonly [name: string, exporter: unknown][] = [
    ['Istio’s proxies, by Deployments', { istio: { namespace: 'default', deployment: 'shop' } }],
    ['Istio’s proxies, by the label of the pods', { istio: { namespace: 'default', service: 'shop' } }],
    ['ingress-nginx', { 'ingress-nginx': { namespace: 'default', ingress: 'shop', deployment: 'shop' } }],
    ['a log of nginx', { nginx: { log: 'edge' } }],
  ];
  test('exporters of other routers, in their documented formats, is scoped to the version', async () => {
    const all = formats.map(([name, exporter]) => ({ name, ...sourceOf({ exporter }) }));
    await Promise.all(all.map(async ({ source }) => assert.deepEqual(await source.check('1.0.0', never), [])));
    await Promise.all(all.map(({ source }) => begun(source)));
    exporters.serve('1.0.0', { n: 90, errors: 1, slow: 9 });
    exporters.serve('1.1.0', { n: 10, errors: 4, slow: 6 });
    for (const { name, source } of all) {
      const { stable, candidate } = await totals(name, source, 100);
      assert.deepEqual(
        [stable, candidate],
        [
          { n: 90, errors: 1, slow: 9 },
          { n: 10, errors: 4, slow: 6 },
        ],
        name,
      );
      assert.equal(source.capabilities.latency, true);
    }
  });

  test('HAProxy itself is scoped to the version, with what it could not get answered', async () => {
    const { source } = sourceOf({ exporter: { haproxy: { proxy: 'shop', servers: '{{version}}-{{n}}' } } });
    assert.deepEqual([source.capabilities.counts, source.capabilities.latency], [true, false]);
    await begun(source);
    const [stable, candidate] = versions;
    for (let i = 0; i < 60; i += 1) await get(haproxy.port);
    // A third of all goes to 1.1.0-rc, which is neither of the two.
    assert.deepEqual([stable.served, candidate.served], [40, 20]);
    assert.deepEqual(await totals('HAProxy', source, 40), {
      stable: { n: 20, errors: 0, slow: 0 },
      // Five are every fourth, four are every fifth, and one is both.
      candidate: { n: 20, errors: 8, slow: 0 },
    });
  });

  test('nginx’s stub_status cannot tell versions apart, and is refused before a release', async () => {
    const { source } = sourceOf({ requests: 'nginx_http_requests_total', errors: 'nginx_http_errors_total' });
    const problems = await source.check('1.0.0', never);
    assert.equal(problems.length, 1);
    assert.match(
      problems[0] ?? '',
      /^spec\.source\.prometheus\.requests cannot tell versions apart: there are series of nginx_http_requests_total, and none of them says its version\. give its series the label version/,
    );
  });

  test('labels that Prometheus has renamed, and servers with other names, are found before a release', async () => {
    const wrong: readonly [exporter: unknown, problem: RegExp][] = [
      [
        { 'ingress-nginx': { namespace: 'other', ingress: 'shop', deployment: 'shop' } },
        /ingress-nginx cannot .* write exported: true$/,
      ],
      [{ haproxy: { proxy: 'shop', servers: 'shop_{{version}}_{{n}}' } }, /haproxy cannot .* name the servers of backend shop/],
      [{ nginx: { log: 'edge' } }, /nginx cannot .* let the exporter take the label release from the log/],
    ];
    for (const [exporter, problem] of wrong) {
      const [found = ''] = await sourceOf({ exporter, versionLabel: 'release' }).source.check('1.0.0', never);
      assert.match(found, problem);
    }
  });
});

/** A version behind HAProxy: of 1.1.0 every fourth answer is a failure, and every fifth none at all. */
function shop(version: string): { readonly server: Server; served: number } {
  const one = {
    served: 0,
    server: createServer((asked, response) => {
      one.served += 1;
      if (version === '1.1.0' && one.served % 5 === 0) asked.socket.destroy();
      else response.writeHead(version === '1.1.0' && one.served % 4 === 0 ? 500 : 200).end(version);
    }),
  };
  return one;
}

/** Asks once over a connection of its own, whatever becomes of it. */
function get(port: number): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ port, host: '127.0.0.1', agent: false, timeout: 5_000 }, (response) => response.resume());
    asked.once('error', () => {});
    asked.once('close', () => resolve());
    asked.end();
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Waits for the first reading in which both versions may appear. */
async function begun(source: MetricSource): Promise<void> {
  await until('the first reading', async () => (await source.samples(pair, never)).length > 0);
}

/** Adds up what has come since the source had its first reading, once there is as much as was served. */
async function totals(name: string, source: MetricSource, served: number): Promise<{ stable: Served; candidate: Served }> {
  let samples: readonly Sample[] = [];
  const of = (side: 'stable' | 'candidate') => samples.reduce((sum, sample) => added(sum, sample[side]), quiet);
  await until(`${name} has counted ${served}`, async () => {
    samples = await source.samples(pair, never);
    return of('stable').n + of('candidate').n >= served;
  });
  return { stable: of('stable'), candidate: of('candidate') };
}

function added({ n, errors, slow }: Served, counts: Counts | null): Served {
  return { n: n + (counts?.n ?? 0), errors: errors + (counts?.errors ?? 0), slow: slow + (counts?.slower[0] ?? 0) };
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) assert.fail(`not in ${patienceMs} ms: ${what}`);
    await delay(lookMs);
  }
}
