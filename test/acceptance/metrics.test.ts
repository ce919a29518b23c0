import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Sample } from '../../src/analysis/sample.ts';
import { recordedIn } from '../../src/runtime/record.ts';
import { openSqliteLog } from '../../src/stores/sqlite/index.ts';
import type { SignalAssessment } from '../../src/views/signal-view.ts';
import { Prometheus, prometheusProgram } from '../programs/prometheus.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
const program = await prometheusProgram();
let prometheus: Prometheus;

/** What the log has of a release's samples. */
async function samplesOnRecord(release: string): Promise<readonly Sample[]> {
  const log = await openSqliteLog(join(stage.data, 'log.db'), { verifyTail: 0 });
  try {
    const events = (await log.readRelease(release, 0, 10_000)).map((logged) => recordedIn(logged).event);
    return events.flatMap((event) => (event.kind === 'sampled' ? event.samples : []));
  } finally {
    await log.close();
  }
}

/** What a Prometheus has of a query now, as one number; 0 when it knows nothing. */
async function value(query: string): Promise<number> {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

describe('metrics from a Prometheus beside the router', { skip: 'missing' in program ? program.missing : false }, () => {
  before(async () => {
    if (!('path' in program)) return;
    const targets = join(stage.folder, 'targets');
    mkdirSync(targets);
    // Prometheus is another user, and may read these files and no others.
    chmodSync(stage.folder, 0o711);
    chmodSync(targets, 0o755);
    prometheus = await Prometheus.start(
      program.path,
      `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    file_sd_configs: [{ files: ['${targets}/*.json'], refresh_interval: 1s }]
`,
    );
    await stage.up();
  });
  after(async () => {
    await stage.close();
    if ('path' in program) await prometheus.close();
  });

  test('take a candidate back that is worse in nothing else, and are on record with the counts', async () => {
    const shop = await stage.place('shop', {
      source: `{ prometheus: { url: ${prometheus.url}, interval: 1s, delay: 1s } }`,
      signals: `{ databasePool: { gauge: 'count(payments_total{job="shop",version="1.0.0"}) * 0 + 7.5', limit: 10 }, queue: { gauge: jobs_of_nobody } }`,
      release: {
        strategy: '{ canary: { steps: [ { weight: 50%, for: 40s } ] } }',
        guard: `
      errors: { worseBy: 10%, max: 12% }
      latency: { p95: { worseBy: off, max: 5s } }
      minRequests: 5
      metrics:
        - name: payments-declined
          ratio: { bad: 'payments_total{job="shop",result="declined"}', of: 'payments_total{job="shop"}' }
          worseBy: 5%
          max: 30%`,
      },
    });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      await until(
        'Prometheus has heard of stable and its users',
        async () => (await value('sum(payments_total{version="1.0.0"})')) > 30,
      );
      stage.behaves('2.0.0', { declineEvery: 2 });
      const id = await stage.begin(shop, '2.0.0');
      const declined = (side: 'stable' | 'candidate', samples: readonly Sample[]) => {
        const all = samples.flatMap((sample) => sample[side]?.metrics?.['payments-declined'] ?? []);
        const of = (what: 'bad' | 'n') =>
          all.reduce((sum, reading) => sum + ('bad' in reading ? reading[what] : assert.fail()), 0);
        return { bad: of('bad'), n: of('n') };
      };
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert.match(summary.reason, /payments-declined/);
      const samples = await samplesOnRecord(id);
      const stable = declined('stable', samples);
      const candidate = declined('candidate', samples);
      assert.equal(stable.bad, 0);
      assert(stable.n >= 20, `${stable.n} payments of stable`);
      assert(Math.abs(candidate.bad / candidate.n - 0.5) < 0.1, `${candidate.bad} of ${candidate.n} declined`);
      // Neither is more than there was, and nothing else tells the two apart.
      const served = samples.reduce((sum, sample) => sum + (sample.candidate?.n ?? 0), 0);
      assert(candidate.n <= served + 60, `${candidate.n} payments of ${served} requests`);
      assert.equal(users.failed, 0, users.examples.join('; '));
      assert.equal((await stage.service('shop')).stable?.version, '1.0.0');
      // What the document asks for its golden signals is asked beside the guard, and known as what was answered.
      const { body } = await stage.ask('GET', '/api/v1/services/shop/signals');
      const { groups, health } = (body as { assessment: SignalAssessment }).assessment;
      const saturation = groups.find(({ group }) => group === 'saturation');
      assert.equal(saturation?.state, 'warning');
      const told = 'database pool is 75 % (7.5 of 10), more than 70 %';
      assert.equal(saturation.sentence, `${told}; queue: not known: no series: jobs_of_nobody`);
      assert.equal(health.level, 'degraded');
      assert(health.reasons.includes(told), health.reasons.join('; '));
    } finally {
      await users.stop();
    }
  });

  test('that cannot be had are told, and hold up neither a release nor its way back', async () => {
    const shop = await stage.place('quiet', {
      source: '{ prometheus: { url: "http://127.0.0.1:9", interval: 1s } }',
      release: {
        guard: `
      errors: { worseBy: 10%, max: 12% }
      latency: { p95: { worseBy: off, max: 5s } }
      minRequests: 5
      metrics: [ { name: queue, gauge: queue_length, max: 9 } ]`,
      },
    });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      stage.behaves('2.0.0-quiet', { failEvery: 2 });
      const id = await stage.begin(shop, '2.0.0-quiet');
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back', summary.reason);
      assert.match(summary.reason, /fails/);
    } finally {
      await users.stop();
    }
    assert.match(readFileSync(stage.upLog, 'utf8'), /Prometheus cannot be asked/);
  });
});
