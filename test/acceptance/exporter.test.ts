import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Counts, Sample } from '../../src/analysis/sample.ts';
import { prometheus as plugin } from '../../src/sources/prometheus/index.ts';
import type { MetricSource } from '../../src/sources/source.ts';
import { Caddy, caddyProgram } from '../programs/caddy.ts';
import { Haproxy, haproxyProgram } from '../programs/haproxy.ts';
import { Prometheus, prometheusProgram } from '../programs/prometheus.ts';
import { Exporters, quiet, type Served } from './exporter-formats.ts';
import { freePort, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const never = new AbortController().signal;
const pair = { stable: '1.0.0', candidate: '1.1.0', afterSecond: 0, limit: 900 };
const programs = [await prometheusProgram(), await haproxyProgram(), await caddyProgram()] as const;
const [missing] = programs.flatMap((program) => ('missing' in program ? [program.missing] : []));

/** What a change of Caddy's configuration may do to a request on an idle connection: it never began, and only its client can repeat it. */
const idleReset = /^none: (socket hang up|read ECONNRESET|write EPIPE)$/;

// At the same time: most of each is waiting for the first scrape.
describe('what a real Prometheus scrapes from', { skip: missing ?? false, concurrency: true }, () => {
  const stage = new Stage();
  const exporters = new Exporters();
  const scraped = createServer((asked, response) => response.end(exporters.text(asked.url ?? '')));
  const versions = [shop('1.0.0'), shop('1.1.0')] as const;
  let prometheus: Prometheus;
  let haproxy: Haproxy;
  let caddy: Caddy;
  let edge: number;

  before(async () => {
    const [metrics, balancer, splitter] = programs;
    if (!('path' in metrics && 'path' in balancer && 'path' in splitter)) return;
    const free = new Set<number>();
    while (free.size < 6) free.add(await freePort());
    const [stats = 0, doorOne = 0, doorTwo = 0, one = 0, two = 0, users = 0] = free;
    edge = users;
    // Each instance's port leads into HAProxy, where the instance itself is a server that is named after its version.
    stage.write(
      'behind.mjs',
      `import { connect, createServer } from 'node:net';
const [door, port] = { '1.0.0': [${doorOne}, ${one}], '2.0.0': [${doorTwo}, ${two}] }[process.env.RAMPART_VERSION];
createServer((user) => {
  const server = connect(door, '127.0.0.1');
  user.pipe(server).pipe(user);
  user.on('error', () => server.destroy());
  server.on('error', () => user.destroy());
}).listen(Number(process.env.PORT), process.env.HOST);
process.env.PORT = String(port);
await import('./server.mjs');
`,
    );
    const [formats, exactOne, exactTwo] = await Promise.all([scraped, ...versions.map(({ server }) => server)].map(listening));
    haproxy = await Haproxy.start(balancer.path, {
      keepsServers: false,
      backend: [
        `use-server 1.0.0-1 if { dst_port ${doorOne} }`,
        `use-server 2.0.0-1 if { dst_port ${doorTwo} }`,
        `server 1.0.0-1 127.0.0.1:${one}`,
        `server 2.0.0-1 127.0.0.1:${two}`,
      ],
      // Beside it another backend, with one server whose name is that of neither version.
      sections: `frontend edge
  bind 127.0.0.1:${edge}
  default_backend exact
backend exact
  balance roundrobin
  server 1.0.0-1 127.0.0.1:${exactOne}
  server 1.1.0-1 127.0.0.1:${exactTwo}
  server 1.1.0-rc-1 127.0.0.1:${exactOne}
frontend doors
  bind 127.0.0.1:${doorOne}
  bind 127.0.0.1:${doorTwo}
  default_backend shop
frontend stats
  bind 127.0.0.1:${stats}
  http-request use-service prometheus-exporter
`,
    });
    const job = (name: string, port: number | undefined): string =>
      `  - { job_name: ${name}, metrics_path: /${name}, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }\n`;
    const jobs = ['istio', 'ingress', 'log', 'stub'].map((name) => job(name, formats)).join('');
    const scrape = `global: { scrape_interval: 1s }\nscrape_configs:\n${jobs}${job('edge', stats)}`;
    [prometheus, caddy] = await Promise.all([
      Prometheus.start(metrics.path, scrape),
      Caddy.start(splitter.path, { logs: false }),
      stage.up(),
    ]);
  });
  after(async () => {
    for (const server of [scraped, ...versions.map(({ server }) => server)]) {
      server.closeAllConnections();
      server.close();
    }
    await stage.close(() => void caddy?.close());
    await Promise.all([prometheus?.close(), haproxy?.close()]);
  });

  test('HAProxy behind a router that does not count takes a version that fails back', async () => {
    const shop = await stage.place(
      'shop',
      {
        router: `caddy: { admin: ${caddy.admin}, id: shop }`,
        process: { command: `[${JSON.stringify(process.execPath)}, behind.mjs]` },
        source: `
    prometheus:
      url: ${prometheus.url}
      interval: 1s
      delay: 1s
      exporter: { haproxy: { proxy: shop, servers: '{{version}}-{{n}}' } }`,
        release: {
          strategy: '{ canary: { steps: [ { weight: 50%, for: 40s } ] } }',
          guard:
            '{ errors: { worseBy: 10%, max: 12% }, latency: { p95: { worseBy: off, max: off }, p99: { max: off } }, minRequests: 5 }',
        },
      },
      caddy.port,
    );
    await stage.install(shop, '1.0.0');
    const served = 'sum(haproxy_server_http_responses_total{proxy="shop",server="1.0.0-1"})';
    const users = new Users(caddy.port, 60);
    try {
      await until('Prometheus has heard of stable and its users', async () => (await value(served)) > 60);
      stage.behaves('2.0.0', { failEvery: 2 });
      const id = await stage.begin(shop, '2.0.0');
      const summary = await stage.end(id);
      const seen = await users.stop();
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert.match(summary.reason, /2\.0\.0 fails/);
      // The probes of the instance go through HAProxy as well; of failures there are no others than those of the users.
      const { failed = 0 } = seen['2.0.0'] ?? {};
      assert(summary.failedRequests > 0 && summary.failedRequests <= failed, `${summary.failedRequests} of ${failed} failures`);
      assert.equal(seen['1.0.0']?.failed, 0);
      assert.deepEqual(
        users.examples.filter((each) => each.startsWith('none') && !idleReset.test(each)),
        [],
      );
      assert.equal((await stage.service('shop')).stable?.version, '1.0.0');
    } finally {
      await users.stop();
    }
  });

  /** A source with this in its document, once everything has been scraped. */
  const sourceOf = async (document: Readonly<Record<string, unknown>>): Promise<MetricSource> => {
    // A source asks about a moment that lies a delay and up to an interval back.
    await until('all have been scraped for a while', async () => (await value('sum(up offset 2s)')) === 5);
    const config = plugin.schema.parse({ url: prometheus.url, interval: '1s', delay: '1s', ...document });
    return plugin.create(config, { service: 'shop', edgesMs: [50], metrics: [], environment: {}, now: Date.now });
  };

  /** What Prometheus answers to a query for one number; 0 when it knows nothing. */
  const value = async (query: string): Promise<number> => {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  };

  const formats: readonly [name: string, exporter: unknown][] = [
    ['Istio’s proxies, by Deployments', { istio: { namespace: 'default', versionsOf: 'shop' } }],
    ['Istio’s proxies, by the label of the pods', { istio: { namespace: 'default', service: 'shop' } }],
    ['ingress-nginx', { 'ingress-nginx': { namespace: 'default', ingress: 'shop', versionsOf: 'shop' } }],
    ['a log of nginx', { nginx: { log: 'edge' } }],
  ];
  test('exporters of other routers, in their documented formats, is scoped to the version', async () => {
    const all = await Promise.all(formats.map(async ([name, exporter]) => ({ name, source: await sourceOf({ exporter }) })));
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
    const source = await sourceOf({ exporter: { haproxy: { proxy: 'exact', servers: '{{version}}-{{n}}' } } });
    assert.deepEqual([source.capabilities.counts, source.capabilities.latency], [true, false]);
    await begun(source);
    const [stable, candidate] = versions;
    for (let i = 0; i < 60; i += 1) await get(edge);
    // A third of all goes to 1.1.0-rc, which is neither of the two.
    assert.deepEqual([stable.served, candidate.served], [40, 20]);
    assert.deepEqual(await totals('HAProxy', source, 40), {
      stable: { n: 20, errors: 0, slow: 0 },
      // Five are every fourth, four are every fifth, and one is both.
      candidate: { n: 20, errors: 8, slow: 0 },
    });
  });

  test('nginx’s stub_status cannot tell versions apart, and is refused before a release', async () => {
    const source = await sourceOf({ requests: 'nginx_http_requests_total', errors: 'nginx_http_errors_total' });
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
        { 'ingress-nginx': { namespace: 'other', ingress: 'shop', versionsOf: 'shop' } },
        /ingress-nginx cannot .* write exported: true$/,
      ],
      [{ haproxy: { proxy: 'shop', servers: 'shop_{{version}}_{{n}}' } }, /haproxy cannot .* name the servers of backend shop/],
      [{ nginx: { log: 'edge' } }, /nginx cannot .* let the exporter take the label release from the log/],
    ];
    for (const [exporter, problem] of wrong) {
      const [found = ''] = await (await sourceOf({ exporter, versionLabel: 'release' })).check('1.0.0', never);
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
