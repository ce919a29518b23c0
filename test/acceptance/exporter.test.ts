import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Caddy, caddyProgram } from '../programs/caddy.ts';
import { Haproxy, haproxyProgram } from '../programs/haproxy.ts';
import { Prometheus, prometheusProgram } from '../programs/prometheus.ts';
import { freePort, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const programs = [await prometheusProgram(), await haproxyProgram(), await caddyProgram()] as const;
const [missing] = programs.flatMap((program) => ('missing' in program ? [program.missing] : []));

/** What a change of Caddy's configuration may do to a request on an idle connection: it never began, and only its client can repeat it. */
const idleReset = /^none: (socket hang up|read ECONNRESET|write EPIPE)$/;

describe('a router that does not count, and HAProxy’s exporter in front of the instances', { skip: missing ?? false }, () => {
  const stage = new Stage();
  let prometheus: Prometheus;
  let haproxy: Haproxy;
  let caddy: Caddy;

  before(async () => {
    const [metrics, balancer, splitter] = programs;
    if (!('path' in metrics && 'path' in balancer && 'path' in splitter)) return;
    const [stats, doorOne, doorTwo, one, two] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
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
    haproxy = await Haproxy.start(balancer.path, {
      keepsServers: false,
      backend: [
        `use-server 1.0.0-1 if { dst_port ${doorOne} }`,
        `use-server 2.0.0-1 if { dst_port ${doorTwo} }`,
        `server 1.0.0-1 127.0.0.1:${one}`,
        `server 2.0.0-1 127.0.0.1:${two}`,
      ],
      sections: `frontend doors
  bind 127.0.0.1:${doorOne}
  bind 127.0.0.1:${doorTwo}
  default_backend shop
frontend stats
  bind 127.0.0.1:${stats}
  http-request use-service prometheus-exporter
`,
    });
    const scrape = `scrape_configs: [{ job_name: edge, scrape_interval: 1s, static_configs: [{ targets: ['127.0.0.1:${stats}'] }] }]\n`;
    [prometheus, caddy] = await Promise.all([
      Prometheus.start(metrics.path, scrape),
      Caddy.start(splitter.path, { logs: false }),
      stage.up(),
    ]);
  });
  after(async () => {
    await stage.close(() => void caddy?.close());
    await Promise.all([prometheus?.close(), haproxy?.close()]);
  });

  test('take a version that fails back by the counts that Prometheus has of it alone', async () => {
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
    const users = new Users(caddy.port, 60);
    try {
      await until('Prometheus has heard of stable and its users', async () => (await served('1.0.0-1')) > 60);
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

  /** Answers of one server, as Prometheus has them. */
  async function served(server: string): Promise<number> {
    const query = `sum(haproxy_server_http_responses_total{proxy="shop",server="${server}"})`;
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  }
});
