import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { AsGrafana, type Found } from '../../src/generators/grafana/asked.fixture.ts';
import { grafana } from '../../src/generators/grafana/index.ts';
import { services } from '../../src/generators/grafana/services.fixture.ts';
import { documentsIn } from '../../src/runtime/documents.ts';
import { Served } from '../../src/server/access/server.fixture.ts';
import type { ReleaseView } from '../../src/views/service-view.ts';
import { Prometheus, prometheusProgram } from '../programs/prometheus.ts';
import { freePort, until } from './stage.ts';
import { Users } from './users.ts';

const served = new Served();
const program = await prometheusProgram();
const example = fileURLToPath(new URL('../../examples/shop', import.meta.url));

describe('dashboards, asked as Grafana would ask', { skip: 'missing' in program ? program.missing : false }, () => {
  let prometheus: Prometheus;
  let asGrafana: AsGrafana;
  let users: Users | null = null;
  let document = '';
  const beganMs = Date.now();

  before(async () => {
    if (!('path' in program)) return;
    const { url } = await served.up();
    const { secret } = await served.token('prometheus', [{ role: 'viewer', services: '*' }]);
    prometheus = await Prometheus.start(
      program.path,
      `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: rampart
    authorization: { credentials: ${secret} }
    static_configs: [{ targets: ['${new URL(url).host}'] }]
`,
    );
    asGrafana = new AsGrafana(prometheus.url, 1);
    const port = await freePort();
    document = readFileSync(join(example, 'shop.yaml'), 'utf8')
      .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
      .replace('bake: 5s', 'bake: 1s')
      .replace('weight: 10%, for: 5s', 'weight: 40%, for: 2m');
    const release = async (version: string): Promise<string> => {
      const body = { document, folder: example, version, by: 'tests' };
      return (await served.own<{ release: string }>('POST', '/api/v1/releases', body)).release;
    };
    const view = (id: string) => served.own<ReleaseView>('GET', `/api/v1/releases/${id}`);
    const first = await release('1.0.0');
    await until('the first version is there', async () => (await view(first)).summary?.outcome === 'succeeded');
    users = new Users(port, 60);
    const id = await release('1.3.0');
    const rate = (version: string) => ({ expr: `sum(rate(rampart_requests_total{version="${version}"}[4s]))`, isNow: true });
    await until('Prometheus has both versions', async () => {
      assert.equal((await view(id)).summary, null);
      const found = await Promise.all(['1.0.0', '1.3.0'].map((version) => asGrafana.ask(rate(version))));
      return found.every((one) => typeof one !== 'string' && (one[0]?.value ?? 0) > 10);
    });
  });
  after(async () => {
    await users?.stop();
    await served.close();
    if ('path' in program) await prometheus.close();
  });

  const boards = async (): Promise<readonly Dashboard[]> => {
    const { files } = await grafana.generate(documentsIn(document, 'shop.yaml', example));
    return files.filter(({ name }) => name.endsWith('.json')).map(({ text }) => JSON.parse(text) as Dashboard);
  };

  /** What each place of a dashboard has found. Fails where Prometheus has something against a query. */
  const askAll = async (all: readonly Dashboard[]): Promise<ReadonlyMap<string, Found>> => {
    const answers = new Map<string, Found | string>();
    const found = new Map<string, Found>();
    const problems: string[] = [];
    for (const board of all)
      for (const { where, expr, isNow } of await asGrafana.queries(board)) {
        // Dashboards have queries in common, and one at a time is fast.
        const answer = answers.get(`${isNow} ${expr}`) ?? (await asGrafana.ask({ expr, isNow }));
        answers.set(`${isNow} ${expr}`, answer);
        if (typeof answer === 'string') problems.push(`${where}: ${answer}\n  ${expr}`);
        else found.set(where, [...(found.get(where) ?? []), ...answer]);
      }
    assert.deepEqual(problems, []);
    return found;
  };

  test('no query fails, and what a release shows is there', async () => {
    const found = await askAll(await boards());
    const at = (where: string): Found => found.get(`shop: ${where}`) ?? assert.fail(`there is no ${where}`);
    const empty = filled.filter((where) => at(where).length === 0);
    assert.deepEqual(empty, []);
    for (const where of byVersion) {
      const versions = at(where).flatMap(({ metric }) => metric.version ?? []);
      assert.deepEqual(new Set(versions), new Set(['1.0.0', '1.3.0']), where);
    }
    const [share] = at('deployment / Share of requests').filter(({ metric }) => metric.version === '1.3.0');
    assert(share && Math.abs(share.value - 0.4) < 0.15, `${share?.value} of the requests`);
    assert.equal(at('SLO and error budget / Budget left')[0]?.value, 1, 'nothing has failed');
    const steps = at('golden signals / Steps of releases');
    const weight = steps.find(({ metric }) => metric.version === '1.3.0' && metric.kind === 'weight');
    assert(weight && weight.value > beganMs && weight.value < Date.now(), `${weight?.value} is when the weight was set, in ms`);
    assert.match(weight.metric.text ?? '', /40 %/);
    const ends = at('golden signals / Releases that ended otherwise').map(({ metric }) => `${metric.version} ${metric.kind}`);
    assert.deepEqual(ends, ['1.0.0 succeeded']);
  });

  test('no query fails of documents of any kind', async () => {
    const { files } = await grafana.generate(services);
    await askAll(files.filter(({ name }) => name.endsWith('.json')).map(({ text }) => JSON.parse(text) as Dashboard));
  });
});

/** What has to show something while a release is under way. */
const filled = [
  'golden signals / Traffic',
  'golden signals / Latency P95',
  'golden signals / Errors',
  'golden signals / Requests by method and endpoint',
  'golden signals / Requests by status',
  'golden signals / Latency P50, P95, P99',
  'golden signals / Failed requests',
  'golden signals / Availability budget',
  'golden signals / Latency budget',
  'golden signals / Error rate budget',
  'SLO and error budget / Good',
  'SLO and error budget / Budget left',
  'SLO and error budget / Bad events',
  'SLO and error budget / Burn rate by window',
  'SLO and error budget / Budget left over time',
  'incident / Alerts: P0',
  'incident / Alerts: all',
  'incident / Latency',
  'incident / Failed requests by endpoint and kind',
  'incident / Since the last step of a release',
  'incident / Failed requests in an hour',
  'incident / Release under way',
  'deployment / Weight of the candidate',
  'deployment / Time in this step',
  'deployment / Now',
  'deployment / Weight',
  'deployment / Steps',
  'deployment / Releases that ended',
];
const byVersion = [
  'incident / Traffic',
  'incident / Latency P95 by version',
  'deployment / Requests by version',
  'deployment / Share of requests',
  'deployment / Errors by version',
  'deployment / Latency P95 by version',
  'deployment / Latency P99 by version',
  'deployment / Latency P50 by version',
  'deployment / Failed requests by version',
];
