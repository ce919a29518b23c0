import { Gauge as GaugeMetric, Registry } from 'prom-client';
import { phaseName } from '../../release/phase-name.ts';
import type { ServiceState } from '../../release/types.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { streamOf } from '../../runtime/record.ts';
import type { SignalKeeper } from '../../runtime/signal-keeper.ts';
import type { Traffic } from '../../signals/traffic.ts';
import type { Gauge } from '../../signals/types.ts';
import { releaseWeight } from '../../views/release-weight.ts';
import { type Moment, positionOf, ReleaseMoments } from './release-moments.ts';
import { RequestTotals } from './request-totals.ts';

type Services = Pick<Controller, 'services' | 'service'>;

/** What is told of each service: for whoever may see it, because it names services, versions and what a release does. */
export class ServiceMetrics {
  readonly #controller: Services;
  readonly #moments = new Map<string, ReleaseMoments>();
  readonly #totals = new RequestTotals();
  readonly #signals: SignalKeeper;
  readonly #endings: readonly (() => void)[];

  constructor({
    controller,
    log,
    signals,
  }: { controller: Services; log: Pick<PublishingLog, 'subscribe'>; signals: SignalKeeper }) {
    this.#controller = controller;
    this.#signals = signals;
    for (const state of controller.services) this.#moments.set(state.name, new ReleaseMoments(state));
    const follow = log.subscribe((events) => {
      for (const stream of new Set(events.map((event) => event.stream))) {
        const state = controller.service(stream.slice(streamOf('').length));
        if (state && stream === streamOf(state.name)) this.#momentsOf(state.name).take(state);
      }
    });
    this.#endings = [follow, signals.listen((service, samples, versions) => this.#totals.take(service, samples, versions))];
  }

  /** In the text format of Prometheus: the services that `may` allows. */
  async text(may: (service: string) => boolean): Promise<string> {
    const registry = new Registry();
    const states = this.#controller.services.filter(({ name }) => may(name));
    weights(registry, states);
    steps(registry, states);
    started(
      registry,
      states.flatMap(({ name }) => this.#momentsOf(name).all.map((moment) => [name, moment] as const)),
    );
    const nowMs = Date.now();
    for (const { name } of states) {
      saturation(registry, name, this.#signals.gauges(name, nowMs));
      asked(registry, name, this.#signals.traffic(name, nowMs));
    }
    return (await registry.metrics()) + this.#totals.text(may);
  }

  close(): void {
    for (const end of this.#endings) end();
  }

  #momentsOf(service: string): ReleaseMoments {
    const known = this.#moments.get(service) ?? new ReleaseMoments(null);
    this.#moments.set(service, known);
    return known;
  }
}

function weights(registry: Registry, states: readonly ServiceState[]): void {
  const gauge = new GaugeMetric({
    name: 'rampart_release_weight',
    help: 'Share of requests that a version is to have (0 to 1). Its side is stable or candidate; of stable, release is the one that has made it so.',
    labelNames: ['service', 'version', 'release', 'side'],
    registers: [registry],
  });
  for (const state of states) {
    const { name: service, stable, live } = state;
    const share = live && live.version !== stable?.version ? releaseWeight(live, state) / 100 : 0;
    if (stable) gauge.set({ service, version: stable.version, release: stable.release, side: 'stable' }, 1 - share);
    if (live && live.version !== stable?.version)
      gauge.set({ service, version: live.version, release: live.id, side: 'candidate' }, share);
  }
}

function steps(registry: Registry, states: readonly ServiceState[]): void {
  const gauge = new GaugeMetric({
    name: 'rampart_release_step_info',
    help: 'Always 1. What the release that is under way does now.',
    labelNames: ['service', 'release', 'version', 'state', 'kind', 'step', 'steps', 'text'],
    registers: [registry],
  });
  for (const { name: service, live } of states) {
    if (!live) continue;
    const state = phaseName(live);
    gauge.set({ service, ...positionOf(live), state, steps: String(live.plan.steps.length) }, 1);
  }
}

function started(registry: Registry, moments: readonly (readonly [service: string, moment: Moment])[]): void {
  const gauge = new GaugeMetric({
    name: 'rampart_release_step_started_timestamp_seconds',
    help: 'When each step or state of the last two releases of a service began; unix time. Since the controller was started.',
    labelNames: ['service', 'release', 'version', 'kind', 'step', 'text'],
    registers: [registry],
  });
  for (const [service, { atMs, ...labels }] of moments) gauge.set({ service, ...labels }, atMs / 1_000);
}

/** What is known of how full things are: of a limit as a share of it, without one as it is counted. */
function saturation(registry: Registry, service: string, gauges: readonly Gauge[]): void {
  const ratio = level(registry, 'rampart_saturation_ratio', 'How much is used of what there is (0 to 1), by golden signal.', [
    'service',
    'signal',
  ]);
  const count = level(registry, 'rampart_saturation_used', 'How much is used of what has no limit, by golden signal.', [
    'service',
    'signal',
  ]);
  for (const { name: signal, used, limit } of gauges) {
    if (used === null || limit === 0) continue;
    if (limit === null) count.set({ service, signal }, used);
    else ratio.set({ service, signal }, used / limit);
  }
}

/** What users have asked for in the last minute, where somebody tells requests apart. */
function asked(registry: Registry, service: string, traffic: Traffic | null): void {
  const of = ['service', 'method', 'endpoint'];
  const requests = level(registry, 'rampart_endpoint_requests_per_second', 'Requests of the last minute by endpoint.', of);
  const failed = level(registry, 'rampart_endpoint_failed_ratio', 'Failed of all requests of the last minute (0 to 1).', of);
  const latency = level(registry, 'rampart_endpoint_latency_seconds', 'Quantiles of latency of the last minute.', [
    ...of,
    'quantile',
  ]);
  const answers = level(registry, 'rampart_answers_per_second', 'Answers of the last minute by status, or its class.', [
    'service',
    'status',
  ]);
  for (const { method, endpoint, requestsPerSecond, errorShare, ...quantiles } of traffic?.endpoints ?? []) {
    const labels = { service, method: method ?? '', endpoint: endpoint ?? '' };
    requests.set(labels, requestsPerSecond);
    if (errorShare !== null) failed.set(labels, errorShare);
    for (const [quantile, ms] of [
      ['0.5', quantiles.p50] as const,
      ['0.95', quantiles.p95] as const,
      ['0.99', quantiles.p99] as const,
    ])
      if (ms !== null) latency.set({ ...labels, quantile }, ms / 1_000);
  }
  for (const [status, perSecond] of Object.entries(traffic?.byStatus ?? {})) answers.set({ service, status }, perSecond);
}

/** A gauge that several services share. */
function level(registry: Registry, name: string, help: string, labelNames: readonly string[]): GaugeMetric {
  const known = registry.getSingleMetric(name) as GaugeMetric | undefined;
  return known ?? new GaugeMetric({ name, help, labelNames: [...labelNames], registers: [registry] });
}
