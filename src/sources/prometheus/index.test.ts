import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPrometheus } from '../../../test/programs/shared-prometheus.ts';
import type { Sample } from '../../analysis/sample.ts';
import { sourceConformance } from '../conformance.ts';
import type { MetricSource } from '../source.ts';
import { Shop, shopUnderTest } from './shop.fixture.ts';

const shared = await sharedPrometheus();
const { skip } = shared;

const never = new AbortController().signal;

sourceConformance('prometheus', skip, (t) => shopUnderTest(t, shared.prometheus));
sourceConformance('prometheus with native histograms', skip, (t) =>
  shopUnderTest(t, shared.prometheus, ({ job }) => ({ latency: { native: `native_duration_seconds{job="${job}"}` } })),
);
sourceConformance('prometheus with queries of the user', skip, (t) =>
  shopUnderTest(t, shared.prometheus, ({ job }) => ({
    requests: `sum by (instance) (http_requests_total{job="${job}",version="{{version}}"})`,
    errors: `sum by (instance) (http_requests_total{job="${job}",version=~"{{version}}",code=~"5.."})`,
    latency: { classic: `http_request_duration_seconds_bucket{job="${job}",version="{{version}}"} * 1`, unit: 's' },
  })),
);

/** The newest sample of the pair, after both have been seen once. */
async function newest(source: MetricSource): Promise<Sample> {
  const samples = await source.samples({ stable: '1.0.0', candidate: '1.1.0', afterSecond: 0, limit: 900 }, never);
  return samples.at(-1) ?? assert.fail('no sample');
}

async function begun(shop: Shop, more: Readonly<Record<string, unknown>> = {}): Promise<MetricSource> {
  const source = shop.source(shop.document(shared.prometheus.url, more));
  shop.serve('1.0.0', { requests: 500, errors: 5 });
  shop.serve('1.1.0', { requests: 50 });
  await shop.pass();
  await newest(source);
  return source;
}

test('a counter that begins anew counts from 0, also while others go on', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop);
  shop.serve('1.0.0', { requests: 100 }, '1');
  await shop.pass();
  await newest(source);
  shop.restart('1.0.0');
  shop.serve('1.0.0', { requests: 30, errors: 2, latencyMs: 200 });
  shop.serve('1.0.0', { requests: 40 }, '1');
  await shop.pass();
  const { stable } = await newest(source);
  assert.equal(stable?.n, 70);
  assert.equal(stable?.errors, 2);
  assert.deepEqual(stable?.slower, [30]);
});

test('when a sum over counters falls, what has come is not known', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop, {
    requests: `sum by (job) (http_requests_total{job="${shop.job}",version="{{version}}"})`,
    errors: `sum by (job) (http_requests_total{job="${shop.job}",version="{{version}}",code="500"})`,
  });
  shop.serve('1.0.0', { requests: 100 }, '1');
  await shop.pass();
  assert.equal((await newest(source)).stable?.n, 100);
  shop.restart('1.0.0');
  shop.serve('1.0.0', { requests: 10 });
  shop.serve('1.0.0', { requests: 10 }, '1');
  shop.serve('1.1.0', { requests: 10 });
  await shop.pass();
  const fallen = await newest(source);
  assert.equal(fallen.stable, null);
  assert.equal(fallen.candidate?.n, 10);
  shop.serve('1.0.0', { requests: 10 });
  await shop.pass();
  assert.equal((await newest(source)).stable?.n, 10);
});

test('series that were away for a while go on from where they stood', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop);
  const away = structuredClone(shop.instance('1.0.0', '0'));
  await shop.end('1.0.0');
  shop.serve('1.1.0', { requests: 5 });
  await shop.pass();
  const without = await newest(source);
  assert.equal(without.stable?.n, 0);
  assert.equal(without.candidate?.n, 5);
  // It is scraped again and has served on meanwhile.
  for (const [series, count] of away.counts) shop.instance('1.0.0', '0').counts.set(series, count);
  shop.serve('1.0.0', { requests: 20 });
  await shop.pass();
  assert.equal((await newest(source)).stable?.n, 20);
});

test('while nothing is scraped nothing is said, and what came meanwhile is one sample', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop, {});
  // Gauges would be news in any case.
  const counted = shop.source(shop.document(shared.prometheus.url), { metrics: [] });
  const first = (await newest(counted)).second;
  shop.nowMs += 15_000;
  assert.equal((await newest(counted)).second, first);
  shop.serve('1.0.0', { requests: 60 });
  shop.serve('1.1.0', { requests: 6 });
  await shop.pass();
  const sample = await newest(counted);
  assert.deepEqual([sample.second - first, sample.seconds], [30, 30]);
  assert.deepEqual([sample.stable?.n, sample.candidate?.n], [60, 6]);
  // After half a minute it is told all the same: there may be no users.
  shop.nowMs += 30_000;
  const silent = await newest(counted);
  assert.deepEqual([silent.seconds, silent.stable?.n, silent.candidate?.n], [30, 0, 0]);
  await newest(source);
});

test('versions with other buckets are compared over the edges that both have', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop);
  for (const le of ['0.025', '0.1', '0.5']) shop.instance('1.1.0', '0').counts.delete(`latency le ${le}`);
  const coarse = shop.document(shared.prometheus.url, {
    latency: {
      classic: `http_request_duration_seconds_bucket{job="${shop.job}",version="{{version}}",version="1.0.0"} or http_request_duration_seconds_bucket{job="${shop.job}",version="{{version}}",le!~"0.025|0.1|0.5"}`,
    },
  });
  const other = shop.source(coarse);
  await newest(other);
  shop.serve('1.0.0', { requests: 10, latencyMs: 80 });
  shop.serve('1.0.0', { requests: 10, latencyMs: 40 });
  shop.serve('1.1.0', { requests: 10, latencyMs: 80 });
  await shop.pass();
  const { stable, candidate } = await newest(other);
  // 0.05 and 0.25 are what both have: 40 ms lies below, 80 ms between them.
  assert.deepEqual(stable?.histogram, [34, 10, 48, 10]);
  assert.deepEqual(candidate?.histogram, [48, 10]);
  await newest(source);
});

test('requests without a histogram of their times are refused instead of looking fast', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = shop.source(shop.document(shared.prometheus.url, { latency: { classic: 'no_such_histogram' } }));
  shop.serve('1.0.0', { requests: 10 });
  await shop.pass();
  await newest(source);
  shop.serve('1.0.0', { requests: 10 });
  await shop.pass();
  await assert.rejects(newest(source), { code: 'E_SOURCE_ANSWER', message: /no histogram of how long they took/ });
  // The moment is passed over: the next one is not read from it again.
  await shop.pass();
  await newest(source);
});

test('without a counter of requests the histogram counts them', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop, { requests: undefined, errors: `http_requests_total{job="${shop.job}",code="500"}` });
  shop.serve('1.1.0', { requests: 12, errors: 3 });
  await shop.pass();
  const { candidate } = await newest(source);
  assert.deepEqual([candidate?.n, candidate?.errors], [12, 3]);
});

test('with metrics alone there are no counts, and a metric that is not there is not read', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const more = { requests: undefined, errors: undefined, latency: undefined };
  const metrics = [...shop.metrics, { kind: 'gauge' as const, name: 'none', query: 'no_such_gauge' }];
  const source = shop.source(shop.document(shared.prometheus.url, more), { metrics });
  assert.deepEqual(source.capabilities, { counts: false, latency: false, everyS: 15 });
  shop.serve('1.0.0', { requests: 10 });
  await shop.pass();
  await newest(source);
  shop.serve('1.0.0', { requests: 10, declined: 4, queue: 7 });
  await shop.pass();
  const { stable, candidate } = await newest(source);
  assert.deepEqual(stable, {
    n: 0,
    errors: 0,
    classes: {},
    histogram: [],
    slower: [],
    metrics: { declined: { bad: 4, n: 10 }, queue: { value: 7 } },
  });
  assert.deepEqual(candidate?.metrics, { declined: { bad: 0, n: 0 } });
});

test('the first reading brings the last five minutes of stable', skip, async () => {
  const shop = new Shop(shared.prometheus);
  for (let round = 0; round < 24; round += 1) {
    shop.serve('1.0.0', { requests: 30, errors: 1 });
    await shop.pass();
  }
  const source = shop.source(shop.document(shared.prometheus.url));
  const samples = await source.samples({ stable: '1.0.0', candidate: '1.1.0', afterSecond: 0, limit: 900 }, never);
  assert.equal(samples.length, 20);
  for (const { seconds, stable, candidate } of samples) {
    assert.deepEqual([seconds, stable?.n, stable?.errors, candidate?.n], [15, 30, 1, 0]);
  }
  assert.deepEqual(
    await source.samples({ stable: '1.0.0', candidate: '1.1.0', afterSecond: shop.readingS - 31, limit: 900 }, never),
    samples.slice(-2),
  );
});

test('a service that is scraped less often than it is asked about is said before the release', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = shop.source(shop.document(shared.prometheus.url, { interval: '5s' }));
  for (let round = 0; round < 6; round += 1) {
    shop.serve('1.0.0', { requests: 10 });
    await shop.pass();
  }
  const problems = await source.check('1.0.0', never);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /interval is 5 s, and shop is scraped every 15 s: use at least that/);
});

test('a query that Prometheus refuses is said before the release, with its own words', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const metrics = [{ kind: 'gauge' as const, name: 'cpu', query: 'max(cpu{version="{{version}}"}' }];
  const source = shop.source(shop.document(shared.prometheus.url), { metrics });
  const problems = await source.check('1.0.0', never);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? '',
    /Prometheus refuses a query: .*unclosed left parenthesis.*correct the query: max\(cpu\{version="1\.0\.0"\}/,
  );
  await assert.rejects(newest(source), { code: 'E_SOURCE_REFUSED' });
});

test('a Prometheus that was stopped and has started again has lost nothing', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = await begun(shop);
  await shared.prometheus.down();
  shop.serve('1.0.0', { requests: 60 });
  shop.nowMs += 15_000;
  await assert.rejects(newest(source), { code: 'E_SOURCE_UNREACHABLE', message: /ECONNREFUSED/ });
  await shared.prometheus.up();
  shop.serve('1.1.0', { requests: 7 });
  await shop.pass();
  const all = await source.samples({ stable: '1.0.0', candidate: '1.1.0', afterSecond: shop.readingS - 31, limit: 900 }, never);
  assert.equal(
    all.reduce((sum, { stable }) => sum + (stable?.n ?? 0), 0),
    60,
  );
  assert.equal(
    all.reduce((sum, { candidate }) => sum + (candidate?.n ?? 0), 0),
    7,
  );
});

test('queries of the whole service read one number each, or say why not', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = shop.source(shop.document(shared.prometheus.url));
  shop.serve('1.0.0', { requests: 10, queue: 3 });
  shop.serve('1.1.0', { requests: 10, queue: 4 });
  await shop.pass();
  const queue = `queue_length{job="${shop.job}"}`;
  const queries = [`sum(${queue})`, queue, `${queue} == 77`, '20', `max(${queue}) / 0`, 'sum('];
  const readings = (await source.levels?.(queries, never)) ?? assert.fail('a source without levels');
  assert.deepEqual([readings[0], readings[3]], [{ value: 7 }, { value: 20 }]);
  const problems = readings.map((reading) => ('problem' in reading ? reading.problem : null));
  assert.match(problems[1] ?? '', /^2 series where one is expected/);
  assert.match(problems[2] ?? '', /^no series/);
  assert.match(problems[4] ?? '', /^no series/);
  assert.match(problems[5] ?? '', /^Prometheus refuses a query: /);
});

test('traffic comes by the labels that are named, and only by those', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = shop.source(shop.document(shared.prometheus.url));
  for (let pass = 0; pass < 6; pass += 1) {
    shop.serve('1.0.0', { requests: 150, errors: 15 });
    await shop.pass();
  }
  const requests = `http_requests_total{job="${shop.job}"}`;
  const traffic = await source.traffic?.({ requests, method: null, endpoint: 'version', status: 'code' }, never);
  assert(traffic?.byStatus && traffic.endpoints);
  assert.equal(traffic.byMethod, null);
  assert.equal(Math.round(traffic.byStatus['200'] ?? 0), 9);
  assert.equal(Math.round(traffic.byStatus['500'] ?? 0), 1);
  const [one] = traffic.endpoints;
  assert.deepEqual([one?.endpoint, one?.method, one?.errorShare?.toFixed(1), one?.p95], ['1.0.0', null, '0.1', null]);
});

test('a Prometheus that is away is no fault of a query', skip, async () => {
  const shop = new Shop(shared.prometheus);
  const source = shop.source(shop.document('http://127.0.0.1:9'));
  await assert.rejects(async () => await source.levels?.(['x'], never), { code: 'E_SOURCE_UNREACHABLE' });
});
