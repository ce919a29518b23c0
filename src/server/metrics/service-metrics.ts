import { setImmediate } from 'node:timers/promises';
import { phaseName } from '../../release/phase-name.ts';
import type { ServiceState } from '../../release/types.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { streamOf } from '../../runtime/record.ts';
import type { SignalKeeper } from '../../runtime/signal-keeper.ts';
import type { Traffic } from '../../signals/traffic.ts';
import type { Gauge } from '../../signals/types.ts';
import { releaseWeight } from '../../views/release-weight.ts';
import { Exposition, type Family } from './exposition.ts';
import { positionOf, ReleaseMoments } from './release-moments.ts';
import { RequestTotals, requestFamilies } from './request-totals.ts';

/** Services that are told before others have their turn. */
const atOnce = 20;

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
    this.#endings = [follow, signals.listen({ take: (...counts) => this.#totals.take(...counts) })];
  }

  /** In the text format of Prometheus: the services that `may` allows. Others have their turn in between. */
  async text(may: (service: string) => boolean): Promise<string> {
    const text = new Exposition(families);
    const nowMs = Date.now();
    let told = 0;
    for (const state of this.#controller.services) {
      const { name } = state;
      if (!may(name)) continue;
      tellWeights(text, state);
      tellStep(text, state);
      for (const { atMs, ...labels } of this.#momentsOf(name).all) text.add(started, { service: name, ...labels }, atMs / 1_000);
      tellSaturation(text, name, this.#signals.gauges(name, nowMs));
      tellTraffic(text, name, this.#signals.traffic(name, nowMs));
      this.#totals.tell(text, name);
      told += 1;
      if (told % atOnce !== 0) continue;
      text.write();
      await setImmediate();
    }
    return text.toString();
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

function gauge(name: string, help: string): Family {
  return { name, type: 'gauge', help };
}

const weight = gauge(
  'rampart_release_weight',
  'Share of requests that a version is to have (0 to 1). Of stable, release is the one that has made it so.',
);
const step = gauge('rampart_release_step_info', 'Always 1. What the release that is under way does now.');
const started = gauge(
  'rampart_release_step_started_timestamp_seconds',
  'When each step or state of the last two releases of a service began; unix time. Since the controller was started.',
);
const ratio = gauge('rampart_saturation_ratio', 'How much is used of what there is (0 to 1), by golden signal.');
const used = gauge('rampart_saturation_used', 'How much is used of what has no limit, by golden signal.');
const endpointRequests = gauge('rampart_endpoint_requests_per_second', 'Requests of the last minute by endpoint.');
const endpointFailed = gauge('rampart_endpoint_failed_ratio', 'Failed of all requests of the last minute (0 to 1).');
const endpointLatency = gauge('rampart_endpoint_latency_seconds', 'Quantiles of latency of the last minute.');
const answers = gauge('rampart_answers_per_second', 'Answers of the last minute by status, or its class.');

const families: readonly Family[] = [
  weight,
  step,
  started,
  ratio,
  used,
  endpointRequests,
  endpointFailed,
  endpointLatency,
  answers,
  ...requestFamilies,
];

function tellWeights(text: Exposition, state: ServiceState): void {
  const { name: service, stable, live } = state;
  const candidate = live && live.version !== stable?.version ? live : null;
  const share = candidate ? releaseWeight(candidate, state) / 100 : 0;
  if (stable) text.add(weight, { service, version: stable.version, release: stable.release, side: 'stable' }, 1 - share);
  if (candidate) text.add(weight, { service, version: candidate.version, release: candidate.id, side: 'candidate' }, share);
}

function tellStep(text: Exposition, { name: service, live }: ServiceState): void {
  if (!live) return;
  const steps = String(live.plan.steps.length);
  text.add(step, { service, ...positionOf(live), state: phaseName(live), steps }, 1);
}

/** What is known of how full things are: of a limit as a share of it, without one as it is counted. */
function tellSaturation(text: Exposition, service: string, gauges: readonly Gauge[]): void {
  for (const { name: signal, used: now, limit } of gauges) {
    if (now === null || limit === 0) continue;
    if (limit === null) text.add(used, { service, signal }, now);
    else text.add(ratio, { service, signal }, now / limit);
  }
}

/** What users have asked for in the last minute, where somebody tells requests apart. */
function tellTraffic(text: Exposition, service: string, traffic: Traffic | null): void {
  for (const { method, endpoint, requestsPerSecond, errorShare, p50, p95, p99 } of traffic?.endpoints ?? []) {
    const labels = { service, method: method ?? '', endpoint: endpoint ?? '' };
    text.add(endpointRequests, labels, requestsPerSecond);
    if (errorShare !== null) text.add(endpointFailed, labels, errorShare);
    for (const [quantile, ms] of Object.entries({ 0.5: p50, 0.95: p95, 0.99: p99 }))
      if (ms !== null) text.add(endpointLatency, { ...labels, quantile }, ms / 1_000);
  }
  for (const [status, perSecond] of Object.entries(traffic?.byStatus ?? {})) text.add(answers, { service, status }, perSecond);
}
