import { Gauge, Registry } from 'prom-client';
import { phaseName } from '../../release/phase-name.ts';
import type { ServiceState } from '../../release/types.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { streamOf } from '../../runtime/record.ts';
import type { SignalKeeper } from '../../runtime/signal-keeper.ts';
import { releaseWeight } from '../../views/release-weight.ts';
import { type Moment, positionOf, ReleaseMoments } from './release-moments.ts';
import { RequestTotals } from './request-totals.ts';

/** What is told of each service: for whoever may see it, because it names services, versions and what a release does. */
export class ServiceMetrics {
  readonly #controller: Controller;
  readonly #moments = new Map<string, ReleaseMoments>();
  readonly #totals = new RequestTotals();
  readonly #signals: SignalKeeper;
  readonly #endings: readonly (() => void)[];

  constructor({ controller, log, signals }: { controller: Controller; log: PublishingLog; signals: SignalKeeper }) {
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
    saturation(
      registry,
      states.map(({ name }) => [name, this.#signals.signals(name, Date.now())?.cpuShare ?? null] as const),
    );
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
  const gauge = new Gauge({
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
  const gauge = new Gauge({
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
  const gauge = new Gauge({
    name: 'rampart_release_step_started_timestamp_seconds',
    help: 'When each step or state of the last two releases of a service began; unix time. Since the controller was started.',
    labelNames: ['service', 'release', 'version', 'kind', 'step', 'text'],
    registers: [registry],
  });
  for (const [service, { atMs, ...labels }] of moments) gauge.set({ service, ...labels }, atMs / 1_000);
}

function saturation(registry: Registry, used: readonly (readonly [service: string, cpuShare: number | null])[]): void {
  const gauge = new Gauge({
    name: 'rampart_saturation_ratio',
    help: 'How much is used of what there is (0 to 1), by signal: of cpu, of the processors of the machine.',
    labelNames: ['service', 'signal'],
    registers: [registry],
  });
  for (const [service, share] of used) if (share !== null) gauge.set({ service, signal: 'cpu' }, share);
}
