import type { Sample } from '../analysis/sample.ts';
import { messageOf } from '../errors.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';
import type { TrafficRouter } from '../routers/router.ts';
import { gaugesOfQueries, gaugesOfRouter, gaugesOfSilence, queryTexts } from '../signals/gauges.ts';
import { signalPolicy } from '../signals/policy.ts';
import type { MetricSource } from '../sources/source.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import type { WorkloadTarget } from '../targets/target.ts';
import type { SignalKeeper } from './signal-keeper.ts';

/** Between two looks at the counts of a service that no release is under way for: with traffic, and without. */
const everyMs = 2_000;
const quietEveryMs = 10_000;
/** The same for what its instances use, and what its users ask for. */
const usageEveryMs = 10_000;
const quietUsageEveryMs = 30_000;

/** Seconds of a source that are asked for at once, and how often at most. */
const sourceSeconds = 120;
const sourceEveryMs = 10_000;

/** Seconds of a router that are asked for at once: all that it remembers. */
const limit = 900;

/**
 * The looks of one service that feed its golden signals. While a release is under way they are what the guard's looks bring; without
 * one they are looks of their own, and few where nothing happens.
 */
export class SignalLook {
  readonly #service: string;
  readonly #keeper: SignalKeeper;
  #routerAtMs = 0;
  #sourceAtMs = 0;
  #usageAtMs = 0;
  #trafficAtMs = 0;
  #queriesAtMs = 0;
  #isQuerying = false;
  #isQuiet = false;
  #isCaughtUp = false;

  constructor(service: string, keeper: SignalKeeper) {
    this.#service = service;
    this.#keeper = keeper;
  }

  /** Once after a start, while a release is under way: what came before the guard's own next look. */
  async catchUp(router: TrafficRouter, { plan, version }: ReleaseState, signal: AbortSignal): Promise<void> {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    const versions = { stable: plan.stable, candidate: version };
    const afterSecond = this.#keeper.lastSecond(this.#service);
    const samples = await router.samples({ ...versions, afterSecond, limit }, signal);
    if (!signal.aborted && samples.length > 0) this.#keeper.take(this.#service, samples, versions);
  }

  /** What the guard's looks have brought. */
  heard(samples: readonly Sample[], { plan, version }: ReleaseState): void {
    if (samples.length === 0) return;
    this.#isQuiet = false;
    this.#keeper.takeLater(this.#service, samples, { stable: plan.stable, candidate: version });
  }

  /** Asks a router that counts, when it is time to. */
  async askRouter(router: TrafficRouter, { stable }: ServiceState, nowMs: number, signal: AbortSignal): Promise<void> {
    if (!stable || !router.capabilities.counts || nowMs - this.#routerAtMs < (this.#isQuiet ? quietEveryMs : everyMs)) return;
    this.#routerAtMs = nowMs;
    this.#isCaughtUp = true;
    const versions = { stable: stable.version, candidate: null };
    const afterSecond = this.#keeper.lastSecond(this.#service);
    const samples = await router.samples({ ...versions, afterSecond, limit }, signal);
    if (!signal.aborted) this.#take(samples, versions);
  }

  /** Whether a source that counts in the router's place is to be asked now. */
  isSourceDue(source: MetricSource, nowMs: number): boolean {
    if (!source.capabilities.counts || nowMs - this.#sourceAtMs < Math.max(sourceEveryMs, source.capabilities.everyS * 1_000))
      return false;
    this.#sourceAtMs = nowMs;
    return true;
  }

  async askSource(source: MetricSource, stable: string, signal: AbortSignal): Promise<void> {
    const samples = await source.recent(stable, sourceSeconds, signal);
    if (!signal.aborted) this.#take(samples, { stable, candidate: null });
  }

  /** Whether a target is to be asked now what the instances use. */
  isUsageDue(target: WorkloadTarget<unknown>, nowMs: number): boolean {
    // Processor time is a difference of two readings: the second one is not waited for.
    const isSeldom = this.#isQuiet && this.#keeper.knowsProcessor(this.#service);
    if (!target.usage || nowMs - this.#usageAtMs < (isSeldom ? quietUsageEveryMs : usageEveryMs)) return false;
    this.#usageAtMs = nowMs;
    return true;
  }

  async askUsage(target: WorkloadTarget<unknown>, nowMs: () => number, signal: AbortSignal): Promise<void> {
    const usage = await target.usage?.(this.#service, signal);
    if (usage && !signal.aborted) this.#keeper.used(this.#service, usage, nowMs());
  }

  /** Whether a router is to be asked now what users ask for. */
  isTrafficDue(router: TrafficRouter, nowMs: number): boolean {
    if (!router.traffic || nowMs - this.#trafficAtMs < (this.#isQuiet ? quietUsageEveryMs : usageEveryMs)) return false;
    this.#trafficAtMs = nowMs;
    return true;
  }

  /** One that was started by an earlier version knows nothing of this, and says so. */
  async askTraffic(router: TrafficRouter, nowMs: () => number, signal: AbortSignal): Promise<void> {
    const said = await router.traffic?.(signal);
    if (!said || signal.aborted) return;
    const { inFlight, clientConnections, ...traffic } = said;
    this.#keeper.heardOf(this.#service, traffic, nowMs());
    this.#keeper.measured(this.#service, 'router', gaugesOfRouter({ inFlight, clientConnections }), nowMs());
  }

  /** Whether a source is to be asked now what the document asks it for. */
  areQueriesDue(source: MetricSource, state: ServiceState, nowMs: number): boolean {
    const policy = signalPolicy(state);
    if (!policy || this.#isQuerying || (queryTexts(policy).length === 0 && !policy.traffic)) return false;
    const everyMs = Math.max(usageEveryMs, source.capabilities.everyS * 1_000);
    if (nowMs - this.#queriesAtMs < everyMs) return false;
    this.#queriesAtMs = nowMs;
    return true;
  }

  /**
   * Asks a source what the document asks it for. What it cannot say is known as that, with its words; nothing is thrown away silently.
   *
   * @param isTrafficKnown - Whether the router knows what users ask for.
   */
  async askQueries(
    source: MetricSource,
    state: ServiceState,
    isTrafficKnown: boolean,
    nowMs: () => number,
    signal: AbortSignal,
  ): Promise<void> {
    const policy = signalPolicy(state);
    if (!policy) return;
    this.#isQuerying = true;
    try {
      await Promise.all([
        this.#askLevels(source, policy, nowMs, signal),
        isTrafficKnown || !policy.traffic || !source.traffic
          ? null
          : source.traffic(policy.traffic, signal).then((traffic) => this.#keeper.heardOf(this.#service, traffic, nowMs())),
      ]);
    } finally {
      this.#isQuerying = false;
    }
  }

  async #askLevels(source: MetricSource, policy: SignalPolicy, nowMs: () => number, signal: AbortSignal): Promise<void> {
    const texts = queryTexts(policy);
    if (texts.length === 0) return;
    try {
      const readings = (await source.levels?.(texts, signal)) ?? [];
      const byText = new Map(texts.flatMap((text, index) => (readings[index] ? [[text, readings[index]] as const] : [])));
      this.#keeper.measured(this.#service, 'source', gaugesOfQueries(policy, byText), nowMs());
    } catch (error) {
      this.#keeper.measured(this.#service, 'source', gaugesOfSilence(policy, messageOf(error)), nowMs());
      throw error;
    }
  }

  #take(samples: readonly Sample[], versions: { readonly stable: string | null; readonly candidate: string | null }): void {
    if (samples.length === 0) return;
    this.#isQuiet = samples.every(({ stable, candidate }) => (stable?.n ?? 0) + (candidate?.n ?? 0) === 0);
    this.#keeper.take(this.#service, samples, versions);
  }
}
