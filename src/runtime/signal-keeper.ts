import { availableParallelism } from 'node:os';
import type { Sample } from '../analysis/sample.ts';
import { gaugesOfUsage, merged, silenced, valuesOf } from '../signals/gauges.ts';
import type { Traffic } from '../signals/traffic.ts';
import type { Gauge } from '../signals/types.ts';
import type { InstanceUsage } from '../targets/target.ts';
import { nothingBeside, noUsage, ServiceSignals, type SignalEvery, type SignalPoint } from '../views/signal-track.ts';
import type { Signals } from '../views/signals.ts';
import type { SignalStore } from './signal-store.ts';

const dayS = 86_400;
/** Between two writes of closed minutes. */
const flushEveryS = 10;

/** Counts of live releases wait so long, until the guards have judged theirs, and are then taken in so many at a time. */
const waitMs = 250;
const atOnce = 50;

export type Versions = { readonly stable: string | null; readonly candidate: string | null };

/** Somebody else who wants the same counts. */
export type CountsListener = {
  /** Counts of a service, oldest first; a second may come twice. */
  take(service: string, samples: readonly Sample[], versions: Versions): void;
  /** How far he has them (unix second): what he has not is asked for again. Infinite where he wants none; left out: he takes what comes. */
  lastSecond?(service: string): number;
};

/** How long what was said of gauges and traffic holds without another word: some of their looks. */
const besideMs = 120_000;
/** Processor time is a mean over so long: whoever is busy for a moment is not full. */
const cpuMeanMs = 60_000;

/** Who says how full things are; a later one is believed before an earlier one. */
const tellers = ['target', 'router', 'source'] as const;
type Teller = (typeof tellers)[number];

type Kept = {
  readonly signals: ServiceSignals;
  /** Processor time of each instance as it was last read. */
  cpuMs: ReadonlyMap<string, number>;
  readAtMs: number;
  /** Shares of processor time of the last minute, each with its span. */
  cpuShares: readonly { readonly toMs: number; readonly spanMs: number; readonly share: number }[];
  readonly gauges: Map<Teller, { readonly atMs: number; readonly gauges: readonly Gauge[] }>;
  traffic: { readonly atMs: number; readonly traffic: Traffic } | null;
};

/** The golden signals of every service, for whoever looks. Fed by the looks at the world; nothing is decided by it. */
export class SignalKeeper {
  readonly #store: SignalStore;
  readonly #cores: number;
  readonly #services = new Map<string, Kept>();
  #flushedAtS = 0;
  readonly #listeners = new Set<CountsListener>();
  #waiting: (readonly [service: string, samples: readonly Sample[], versions: Versions])[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** @param cores - Processors of the machine that the instances run on. */
  constructor(store: SignalStore, cores = availableParallelism()) {
    this.#store = store;
    this.#cores = cores;
  }

  /** The last second (unix) whose counts are known to everybody; 0: none. */
  lastSecond(service: string): number {
    const own = this.#services.get(service)?.signals.lastSecond ?? 0;
    return Math.min(own, ...[...this.#listeners].map((listener) => listener.lastSecond?.(service) ?? own));
  }

  /** Tells of all counts that come in from now on. Answers how to stop. */
  listen(listener: CountsListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Counts of a service, oldest first, and whose the sides of the samples are. */
  take(service: string, samples: readonly Sample[], versions: Versions): void {
    const last = samples.at(-1)?.second;
    if (last === undefined) return;
    for (const listener of this.#listeners) listener.take(service, samples, versions);
    const minutes = this.#of(service, last).signals.take(samples, versions);
    // A minute without a request says nothing that its absence does not.
    this.#store.add(minutes.filter(({ requests }) => requests > 0).map((point) => ({ service, point })));
    if (last - this.#flushedAtS < flushEveryS) return;
    this.#flushedAtS = last;
    this.#store.flush(last);
  }

  /** The same a moment later: a thousand releases are judged in the same second, and nobody's chart is worth a late verdict. */
  takeLater(service: string, samples: readonly Sample[], versions: Versions): void {
    this.#waiting.push([service, samples, versions]);
    this.#timer ??= setTimeout(() => this.#takeSome(), waitMs).unref();
  }

  #takeSome(): void {
    for (const [service, samples, versions] of this.#waiting.splice(0, atOnce)) this.take(service, samples, versions);
    this.#timer = this.#waiting.length === 0 ? null : setTimeout(() => this.#takeSome(), 1).unref();
  }

  /** What the instances of a service have used by a moment (unix milliseconds). */
  used(service: string, instances: readonly InstanceUsage[], atMs: number): void {
    const kept = this.#of(service, Math.floor(atMs / 1_000));
    const before = kept.cpuMs;
    const spanMs = atMs - kept.readAtMs;
    kept.cpuMs = new Map(instances.map(({ id, cpuMs }) => [id, cpuMs]));
    kept.readAtMs = atMs;
    if (instances.length === 0) {
      kept.cpuShares = [];
      kept.signals.usage = noUsage;
      this.measured(service, 'target', [], atMs);
      return;
    }
    // One that has begun anew counts from its beginning.
    const usedMs = instances.reduce((sum, { id, cpuMs }) => sum + cpuMs - Math.min(before.get(id) ?? cpuMs, cpuMs), 0);
    const isFirst = before.size === 0 || spanMs <= 0;
    const share = usedMs / (spanMs * this.#cores);
    kept.signals.usage = {
      cpuShare: isFirst ? null : Number(share.toPrecision(4)),
      memoryBytes: instances.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    };
    if (!isFirst)
      kept.cpuShares = [...kept.cpuShares, { toMs: atMs, spanMs, share }].filter(({ toMs }) => toMs > atMs - cpuMeanMs);
    this.measured(service, 'target', gaugesOfUsage(instances, meanOf(kept.cpuShares)), atMs);
  }

  /** Whether processor time was read often enough to be a share. */
  knowsProcessor(service: string): boolean {
    return (this.#services.get(service)?.cpuShares.length ?? 0) > 0;
  }

  /** How full things are, as somebody has said at a moment (unix milliseconds). */
  measured(service: string, teller: Teller, gauges: readonly Gauge[], atMs: number): void {
    const kept = this.#of(service, Math.floor(atMs / 1_000));
    kept.gauges.set(teller, { atMs, gauges });
    this.#putBeside(kept, atMs);
  }

  /** What users ask for, as somebody has said at a moment (unix milliseconds). */
  heardOf(service: string, traffic: Traffic, atMs: number): void {
    const kept = this.#of(service, Math.floor(atMs / 1_000));
    kept.traffic = { atMs, traffic };
    this.#putBeside(kept, atMs);
  }

  /** What is known of how full things are at a moment (unix milliseconds). */
  gauges(service: string, nowMs: number): readonly Gauge[] {
    const kept = this.#services.get(service);
    return kept ? gaugesAt(kept, nowMs) : [];
  }

  /** What users asked for in the last minute; null: not known. */
  traffic(service: string, nowMs: number): Traffic | null {
    const known = this.#services.get(service)?.traffic;
    return known && nowMs - known.atMs < besideMs ? known.traffic : null;
  }

  /** The last minute of a service at a moment (unix milliseconds); null when nothing is known. The same object while it is the same. */
  signals(service: string, nowMs: number): Signals | null {
    return this.#services.get(service)?.signals.signals(Math.floor(nowMs / 1_000)) ?? null;
  }

  /** Points of a service that begin after a second (unix), oldest first. */
  points(service: string, every: SignalEvery, after: number, nowMs: number): readonly SignalPoint[] {
    return this.#of(service, Math.floor(nowMs / 1_000)).signals.points(every, after);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const [service, samples, versions] of this.#waiting.splice(0)) this.take(service, samples, versions);
    this.#store.flush(this.#flushedAtS);
    this.#store.close();
  }

  #putBeside(kept: Kept, atMs: number): void {
    const { byMethod, byStatus } = kept.traffic && atMs - kept.traffic.atMs < besideMs ? kept.traffic.traffic : nothingBeside;
    kept.signals.beside = { gauges: valuesOf(gaugesAt(kept, atMs)), byMethod, byStatus };
  }

  #of(service: string, nowSecond: number): Kept {
    const known = this.#services.get(service);
    if (known) return known;
    const signals = new ServiceSignals();
    signals.restore(this.#store.read(service, nowSecond - dayS));
    const kept: Kept = { signals, cpuMs: new Map(), readAtMs: 0, cpuShares: [], gauges: new Map(), traffic: null };
    this.#services.set(service, kept);
    return kept;
  }
}

function gaugesAt({ gauges }: Kept, nowMs: number): readonly Gauge[] {
  return merged(
    tellers.flatMap((teller) => {
      const said = gauges.get(teller);
      return said ? [nowMs - said.atMs < besideMs ? said.gauges : silenced(said.gauges)] : [];
    }),
  );
}

/** The mean of shares, each for as long as it lasted; null without any. */
function meanOf(shares: Kept['cpuShares']): number | null {
  const spanMs = shares.reduce((sum, one) => sum + one.spanMs, 0);
  return spanMs === 0 ? null : Number((shares.reduce((sum, one) => sum + one.share * one.spanMs, 0) / spanMs).toPrecision(4));
}
