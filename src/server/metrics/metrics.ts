import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { livePhases, phaseName } from '../../release/phase-name.ts';
import { outcomes, type ServiceState } from '../../release/types.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { streamOf } from '../../runtime/record.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Flags } from '../flags/flags.ts';

const verdicts = ['pass', 'fail', 'undecided', 'blind'] as const;
/** What the key of an effect begins with. */
const effects = ['validate', 'route', 'read', 'hook', 'undo', 'smoke', 'retire'] as const;

/** Of the usual metrics of a process, those that break the rules for names: a gauge is no total. */
const misnamed = ['active_handles_total', 'active_requests_total', 'active_resources_total'];

export type MetricsOptions = {
  readonly controller: Controller;
  readonly log: PublishingLog;
  readonly version: string;
  readonly flags: Flags;
  /** How many live views are open. */
  readonly streamsOpen: () => number;
};

/**
 * What the controller tells a Prometheus about itself. Labels have few values, whatever is released and whoever asks: no services,
 * no versions, no people; `ServiceMetrics` has those. Counters begin at 0 with the process.
 */
export class ControllerMetrics {
  readonly #registry = new Registry();
  readonly #options: MetricsOptions;
  readonly #endings: readonly (() => void)[];
  readonly #outcomes: Counter<'outcome'>;
  readonly #verdicts: Counter<'kind'>;
  readonly #failures: Counter<'effect'>;
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #durations: Histogram<'method' | 'route'>;
  /** By service, the release that ended last, and what the guard said of the live one. */
  readonly #seen = new Map<
    string,
    { readonly ended: string | null; readonly live: string | null; readonly verdict: string | null }
  >();

  constructor(options: MetricsOptions) {
    const { controller, log, version } = options;
    this.#options = options;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, prefix: 'rampart_' });
    for (const name of misnamed) this.#registry.removeSingleMetric(`rampart_nodejs_${name}`);
    new Gauge({
      name: 'rampart_build_info',
      help: 'Always 1. The version of Rampart and of Node.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version, node: process.version }, 1);
    new Gauge({
      name: 'rampart_services',
      help: 'Services under control.',
      registers,
      collect: gauged(() => controller.services.length),
    });
    new Gauge({
      name: 'rampart_releases',
      help: 'Releases that have not ended, by state.',
      labelNames: ['state'],
      registers,
      collect() {
        const counts = new Map<string, number>(livePhases.map((state) => [state, 0]));
        for (const { live, queued } of controller.services)
          for (const release of [live, queued])
            if (release) counts.set(phaseName(release), (counts.get(phaseName(release)) ?? 0) + 1);
        for (const [state, count] of counts) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'rampart_turn_lateness_seconds',
      help: 'How much later than due the last look at all services began.',
      registers,
      collect: gauged(() => controller.health.latenessMs / 1_000),
    });
    new Gauge({
      name: 'rampart_effect_retries',
      help: 'Effects that have failed and wait for another try.',
      registers,
      collect: gauged(() => controller.services.reduce((sum, { retries }) => sum + Object.keys(retries).length, 0)),
    });
    new Gauge({
      name: 'rampart_log_failing',
      help: '1 while the log takes nothing: no release is begun, traffic is still taken back.',
      registers,
      collect: gauged(() => (controller.health.logProblem === null ? 0 : 1)),
    });
    new Gauge({
      name: 'rampart_streams_open',
      help: 'Live views that are open.',
      registers,
      collect: gauged(options.streamsOpen),
    });
    this.#outcomes = counted(
      'rampart_release_outcomes_total',
      'Releases that have ended, by outcome.',
      'outcome',
      outcomes,
      registers,
    );
    this.#verdicts = counted(
      'rampart_verdicts_total',
      'Verdicts of the guard: one whenever it has turned.',
      'kind',
      verdicts,
      registers,
    );
    this.#failures = counted(
      'rampart_effect_failures_total',
      'Effects on routers, targets and hooks that have failed; they are tried again.',
      'effect',
      [...effects, 'other'],
      registers,
    );
    new Counter({
      name: 'rampart_flag_evaluations_total',
      help: 'Evaluations of feature flags, by what they came to: a value, or an error of OpenFeature.',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        for (const [outcome, count] of Object.entries(options.flags.outcomes)) this.inc({ outcome }, count);
      },
    });
    const appends = new Histogram({
      name: 'rampart_log_append_seconds',
      help: 'How long records took until they were durable.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    const failedAppends = new Counter({
      name: 'rampart_log_append_failures_total',
      help: 'Appends that the log refused.',
      registers,
    });
    this.#requests = new Counter({
      name: 'rampart_http_requests_total',
      help: 'Answers of the API, by route as it is described.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'rampart_http_request_duration_seconds',
      help: 'How long answers of the API took; live views aside.',
      labelNames: ['method', 'route'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
      registers,
    });
    for (const state of controller.services) this.#seen.set(state.name, seenIn(state));
    this.#endings = [
      log.subscribe((events) => this.#happened(events)),
      log.timed((ms, ok) => (ok ? appends.observe(ms / 1_000) : failedAppends.inc())),
    ];
  }

  /** Counts every answer of a server. */
  count(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      // By what is described, not by what was asked: nobody makes a new series with a path of his own.
      const route = request.routeOptions.url ?? 'none';
      const method = request.routeOptions.url === undefined ? 'any' : request.method;
      this.#requests.inc({ method, route, status: String(reply.statusCode) });
      if (!route.endsWith('/stream')) this.#durations.observe({ method, route }, reply.elapsedTime / 1_000);
    });
  }

  /** In the text format of Prometheus. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  close(): void {
    for (const end of this.#endings) end();
    this.#registry.clear();
  }

  #happened(events: readonly LoggedEvent[]): void {
    const streams = new Set<string>();
    for (const { kind, stream, data } of events) {
      streams.add(stream);
      if (kind !== 'effect-failed') continue;
      const { key = '' } = (data as { readonly event?: { readonly key?: string } }).event ?? {};
      this.#failures.inc({ effect: effects.find((name) => key.startsWith(`${name}:`)) ?? 'other' });
    }
    for (const stream of streams) {
      const state = this.#options.controller.service(stream.slice(streamOf('').length));
      if (state && stream === streamOf(state.name)) this.#compare(state);
    }
  }

  /** What has changed in a service: one record can end two releases, so it is not told by records. */
  #compare(state: ServiceState): void {
    const before = this.#seen.get(state.name);
    const now = seenIn(state);
    this.#seen.set(state.name, now);
    for (const { id, phase } of state.ended) {
      if (id === before?.ended) break;
      if (phase.kind === 'ended') this.#outcomes.inc({ outcome: phase.outcome });
    }
    const isTurned = now.live !== before?.live || now.verdict !== before?.verdict;
    if (isTurned && now.verdict !== null) this.#verdicts.inc({ kind: now.verdict });
  }
}

function seenIn({ live, ended }: ServiceState) {
  return { ended: ended[0]?.id ?? null, live: live?.id ?? null, verdict: live?.verdict?.kind ?? null };
}

function gauged(value: () => number) {
  return function (this: Gauge): void {
    this.set(value());
  };
}

/** A counter whose few values are there from the beginning: a rate of what was never seen is 0 and not unknown. */
function counted<Label extends string>(
  name: string,
  help: string,
  label: Label,
  values: readonly string[],
  registers: Registry[],
): Counter<Label> {
  const counter = new Counter({ name, help, labelNames: [label], registers });
  for (const value of values) counter.inc({ [label]: value } as Record<Label, string>, 0);
  return counter;
}
