import type { TestContext } from 'node:test';
import type { Prometheus } from '../../../test/programs/prometheus.ts';
import { Relay } from '../../../test/programs/relay.ts';
import type { PushedSeries } from '../../../test/programs/remote-write.ts';
import type { MetricQuery } from '../../spec/types.ts';
import type { Served, SourceUnderTest } from '../conformance.ts';
import type { SourceContext } from '../source.ts';
import { prometheus as plugin } from './index.ts';

const everyS = 15;
const delayMs = 2_000;
/** Edges of the classic histogram, in seconds. */
const edges = [0.025, 0.05, 0.1, 0.25, 0.5, 1];
const schema = 3;

let shops = 0;

/** One running copy of a version, as its counters stand. */
type Instance = { readonly labels: Readonly<Record<string, string>>; readonly counts: Map<string, number>; queue: number | null };

/**
 * A service whose counters a real Prometheus holds, under a job of its own. Its time is a test's own: it begins a while ago and goes on
 * with each `pass`, so nobody has to wait.
 */
export class Shop {
  readonly job = `shop-${process.pid}-${(shops += 1)}`;
  readonly #prometheus: Prometheus;
  readonly #instances = new Map<string, Instance>();
  nowMs = Math.floor(Date.now() / 1_000 / everyS) * everyS * 1_000 - 1_500_000 + delayMs + 100;

  constructor(prometheus: Prometheus) {
    this.#prometheus = prometheus;
  }

  get nowS(): number {
    return Math.floor(this.nowMs / 1_000);
  }

  /** The last moment that can be asked about. */
  get readingS(): number {
    return Math.floor((this.nowMs - delayMs) / 1_000 / everyS) * everyS;
  }

  readonly metrics: readonly MetricQuery[] = [
    {
      kind: 'ratio',
      name: 'declined',
      bad: `payments_total{job="${this.job}",result="declined"}`,
      of: `payments_total{job="${this.job}"}`,
    },
    { kind: 'gauge', name: 'queue', query: `queue_length{job="${this.job}"}` },
  ];

  /** What a document would say, in the form of the schema. */
  document(url: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    return {
      url,
      requests: `http_requests_total{job="${this.job}"}`,
      errors: { where: 'code=~"5.."' },
      latency: { classic: `http_request_duration_seconds{job="${this.job}"}` },
      timeout: '2s',
      ...more,
    };
  }

  source(document: unknown, context: Partial<SourceContext> = {}) {
    return plugin.create(plugin.schema.parse(document), {
      service: 'shop',
      edgesMs: [100],
      metrics: this.metrics,
      environment: {},
      now: () => this.nowMs,
      ...context,
    });
  }

  serve(version: string, served: Served, instance = '0'): void {
    const { requests, errors = 0, latencyMs = 10, declined = 0, queue } = served;
    const one = this.instance(version, instance);
    const add = (series: string, count: number, always = false) => {
      if (count > 0 || always) one.counts.set(series, (one.counts.get(series) ?? 0) + count);
    };
    add('http_requests_total code 200', requests - errors, true);
    add('http_requests_total code 500', errors);
    add('payments_total result ok', requests - declined, true);
    add('payments_total result declined', declined);
    add('latency sum', (requests * latencyMs) / 1_000, true);
    add('latency count', requests, true);
    for (const edge of edges) add(`latency le ${edge}`, latencyMs / 1_000 <= edge ? requests : 0, true);
    add(`latency bucket ${Math.ceil(Math.log2(latencyMs / 1_000) * 2 ** schema)}`, requests);
    if (queue !== undefined) one.queue = queue;
  }

  /** The process has begun anew: all of its counters stand at 0. */
  restart(version: string, instance = '0'): void {
    this.#instances.delete(`${version} ${instance}`);
  }

  /** It can be asked about everything so far at the next reading. */
  async pass(): Promise<void> {
    this.nowMs = (this.readingS + everyS) * 1_000 + delayMs + 100;
    await this.#prometheus.push([...this.#instances.values()].flatMap((one) => this.#series(one, this.readingS * 1_000 - 500)));
  }

  /** Marks all series of an instance as ended, as after a scrape that failed. */
  async end(version: string, instance = '0'): Promise<void> {
    const one = this.instance(version, instance);
    const ended = this.#series(one, this.readingS * 1_000 + 1_000);
    await this.#prometheus.push(
      ended.map(({ labels, samples = [] }) => ({ labels, samples: samples.map(([at]) => [at, 'stale']) })),
    );
    this.#instances.delete(`${version} ${instance}`);
  }

  instance(version: string, instance: string): Instance {
    const key = `${version} ${instance}`;
    const found = this.#instances.get(key) ?? {
      labels: { job: this.job, version, instance },
      counts: new Map(),
      queue: null,
    };
    this.#instances.set(key, found);
    return found;
  }

  #series({ labels, counts, queue }: Instance, atMs: number): readonly PushedSeries[] {
    const one = (name: string, value: number, more: Readonly<Record<string, string>> = {}): PushedSeries => ({
      labels: { __name__: name, ...labels, ...more },
      samples: [[atMs, value]],
    });
    const plain = [...counts].flatMap(([series, count]) => {
      const [name = '', label = '', value = ''] = series.split(' ');
      return name === 'latency' ? [] : [one(name, count, { [label]: value })];
    });
    const of = (name: string) => counts.get(`latency ${name}`) ?? 0;
    const classic = [...edges.map((edge) => [String(edge), of(`le ${edge}`)] as const), ['+Inf', of('count')] as const];
    const filled = [...counts].flatMap(([series, count]) => {
      const [, bucket] = /^latency bucket (-?\d+)$/.exec(series) ?? [];
      return bucket === undefined ? [] : [[Number(bucket), count] as const];
    });
    const first = Math.min(...filled.map(([bucket]) => bucket));
    const dense = filled.length === 0 ? [] : Array<number>(Math.max(...filled.map(([bucket]) => bucket)) - first + 1).fill(0);
    for (const [bucket, count] of filled) dense[bucket - first] = count;
    return [
      ...plain,
      ...classic.map(([le, count]) => one('http_request_duration_seconds_bucket', count, { le })),
      ...(queue === null ? [] : [one('queue_length', queue)]),
      {
        labels: { __name__: 'native_duration_seconds', ...labels },
        histograms: [{ atMs, schema, first: filled.length === 0 ? 0 : first, counts: dense, sum: of('sum') }],
      },
    ];
  }
}

/** A shop, its source and a network in between that can fail. */
export async function shopUnderTest(
  t: TestContext,
  prometheus: Prometheus,
  more: (shop: Shop) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<SourceUnderTest & { readonly shop: Shop }> {
  const shop = new Shop(prometheus);
  const relay = await Relay.to(prometheus.port);
  t.after(() => relay.cut());
  return {
    shop,
    source: shop.source(shop.document(relay.url, more(shop))),
    serve: (version, served) => shop.serve(version, served),
    pass: () => shop.pass(),
    nowS: () => shop.nowS,
    cut: () => relay.cut(),
    silence: () => relay.silence(),
    mend: () => relay.mend(),
  };
}
