import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Prometheus, prometheusProgram } from '../../../test/programs/prometheus.ts';
import { checkConformance } from '../conformance.ts';
import { silentAddress } from '../servers.fixture.ts';
import { prometheus } from './index.ts';
import { retentionMs } from './retention.ts';

const program = await prometheusProgram();

const healthy = 'groups: [{ name: shop, rules: [{ alert: HighErrorRate, expr: "errors > 0.01" }, { record: a:b, expr: "1" }] }]';
// Prometheus notices this only when it evaluates it.
const ailing = `groups: [{ name: shop, rules: [{ alert: Ailing, expr: 'label_replace(vector(1), "1bad", "", "", "")' }] }]`;
const page =
  'errors 0.004\n# TYPE took_seconds histogram\ntook_seconds_bucket{le="+Inf"} 2\ntook_seconds_sum 0.1\ntook_seconds_count 2\nqueue{shard="1"} 3\nqueue{shard="2"} 70\n';

function configuration(target: string): string {
  const scrape = `{ job_name: shop, static_configs: [{ targets: ["${target}"] }] }`;
  return `global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }\nrule_files: [rules.yml]\nscrape_configs: [${scrape}]\n`;
}

/** Whether it has scraped and evaluated whatever it has. */
async function hasLooked({ url }: Prometheus): Promise<boolean> {
  const texts = await Promise.all(['rules', 'targets'].map(async (path) => await (await fetch(`${url}/api/v1/${path}`)).text()));
  return texts.every((text) => text.includes('"health":"') && !text.includes('"health":"unknown"'));
}

describe('a real Prometheus', { skip: 'missing' in program ? program.missing : false }, () => {
  const service = createServer((_, response) => void response.setHeader('content-type', 'text/plain').end(page));
  let good: Prometheus;
  let bad: Prometheus;
  before(async () => {
    if ('missing' in program) return;
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    // It begins to scrape what it has discovered only after 5 s otherwise.
    const soon = ['--scrape.discovery-reload-interval=200ms'];
    const flags = [...soon, '--storage.tsdb.retention.time=10d', '--storage.tsdb.retention.size=1GB'];
    [good, bad] = await Promise.all([
      Prometheus.start(program.path, configuration(`127.0.0.1:${port}`), null, { files: { 'rules.yml': healthy }, flags: soon }),
      Prometheus.start(program.path, configuration('127.0.0.1:1'), null, { files: { 'rules.yml': ailing }, flags }),
    ]);
    await until('they have looked', async () => (await hasLooked(good)) && (await hasLooked(bad)));
  });
  after(async () => {
    service.close();
    await Promise.all([good?.close(), bad?.close()]);
  });

  checkConformance('prometheus', prometheus, [
    {
      name: 'rules, targets, retention, queries and metrics are as they should be',
      given: () => ({
        url: good.url,
        rules: ['HighErrorRate'],
        targets: ['shop'],
        retention: '15d',
        queries: [{ query: 'errors', below: 0.01 }],
        metrics: ['errors', 'took_seconds'],
      }),
      status: 'pass',
      found: /^2 rules \(1 alerts\), healthy; 1 targets, all up; data is kept for 15d; errors is 0\.004; 2 metrics are there$/,
    },
    {
      name: 'rules that cannot be evaluated, and an alert that is not loaded',
      given: () => ({ url: bad.url, rules: ['HighErrorRate'] }),
      status: 'fail',
      found: /^shop\/Ailing cannot be evaluated: .*1bad.*; the alert HighErrorRate is not loaded$/,
    },
    {
      name: 'a target that is down, and a job without any',
      given: () => ({ url: bad.url, targets: ['shop', 'billing'] }),
      status: 'fail',
      found: /^shop 127\.0\.0\.1:1 is down: .*refused.*; the job billing has no targets$/,
    },
    {
      name: 'data that goes too early',
      given: () => ({ url: bad.url, retention: '15d' }),
      status: 'fail',
      found: /^data is kept for 10d/,
      fix: /retention\.time=15d/,
    },
    {
      name: 'data that may go for want of space',
      given: () => ({ url: bad.url, retention: '7d' }),
      status: 'warn',
      found: /10d or .*: it may go earlier$/,
    },
    {
      name: 'the worst of several series is out of bounds',
      given: () => ({ url: good.url, queries: [{ name: 'queue', query: 'queue', atMost: 50 }] }),
      status: 'fail',
      found: /^queue is 70 \(.*shard="2".*\), and not ≤ 50$/,
    },
    {
      name: 'a query without data',
      given: () => ({ url: good.url, queries: [{ query: 'nothing_like_it', below: 1 }] }),
      status: 'unproven',
      found: /no data/,
    },
    {
      name: 'a series without a number beside one that is well',
      given: () => ({ url: good.url, queries: [{ name: 'ratio', query: 'queue / (queue > bool 50)', below: 100 }] }),
      status: 'unproven',
      found: /^ratio: no number in 1 series/,
    },
    {
      name: 'a query that is none',
      given: () => ({ url: good.url, queries: [{ query: 'sum(', below: 1 }] }),
      status: 'unproven',
      found: /^sum\(: .*parse error/,
    },
    {
      name: 'metrics that are not there',
      given: () => ({ url: good.url, metrics: ['errors', 'cache_hits_total', 'a.b'] }),
      status: 'fail',
      found: /^cache_hits_total has no samples; a\.b has no samples$/,
    },
    {
      name: 'an address of something else',
      given: () => ({ url: `http://127.0.0.1:${(service.address() as AddressInfo).port}`, rules: true }),
      status: 'fail',
      found: /is not answered as Prometheus does/,
    },
  ]);
});

checkConformance(
  'prometheus',
  prometheus,
  [{ name: 'nobody answers', given: () => ({ url: 'http://127.0.0.1:1', rules: true }), status: 'fail', found: /refused/ }],
  async (t) => ({ url: await silentAddress(t), rules: true }),
);

test('retention is read as Prometheus writes it', () => {
  const day = 86_400_000;
  const cases: readonly (readonly [string, number | null])[] = [
    ['15d', 15 * day],
    ['2w', 14 * day],
    ['1y2w', 379 * day],
    ['1y', 365 * day],
    ['15d or 10GiB', 15 * day],
    ['36h', 1.5 * day],
    ['10GiB', null],
    ['', null],
  ];
  for (const [text, wanted] of cases) assert.equal(retentionMs(text), wanted, text);
});
