import { availableParallelism } from 'node:os';
import type { Sample } from '../analysis/sample.ts';
import type { InstanceUsage } from '../targets/target.ts';
import { noUsage, ServiceSignals, type SignalEvery, type SignalPoint } from '../views/signal-track.ts';
import type { Signals } from '../views/signals.ts';
import type { SignalStore } from './signal-store.ts';

const dayS = 86_400;
/** Between two writes of closed minutes. */
const flushEveryS = 10;

/** Counts of live releases wait so long, until the guards have judged theirs, and are then taken in so many at a time. */
const waitMs = 250;
const atOnce = 50;

export type Versions = { readonly stable: string | null; readonly candidate: string | null };

type Kept = {
  readonly signals: ServiceSignals;
  /** Processor time of each instance as it was last read. */
  cpuMs: ReadonlyMap<string, number>;
  readAtMs: number;
};

/** Hears of the counts of a service, oldest first; a second may come twice. */
export type CountsListener = (service: string, samples: readonly Sample[], versions: Versions) => void;

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

  /** The last second (unix) whose counts are known; 0: none. */
  lastSecond(service: string): number {
    return this.#services.get(service)?.signals.lastSecond ?? 0;
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
    for (const listener of this.#listeners) listener(service, samples, versions);
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
      kept.signals.usage = noUsage;
      return;
    }
    // One that has begun anew counts from its beginning.
    const usedMs = instances.reduce((sum, { id, cpuMs }) => sum + cpuMs - Math.min(before.get(id) ?? cpuMs, cpuMs), 0);
    const isFirst = before.size === 0 || spanMs <= 0;
    kept.signals.usage = {
      cpuShare: isFirst ? null : Number((usedMs / (spanMs * this.#cores)).toPrecision(4)),
      memoryBytes: instances.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    };
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

  #of(service: string, nowSecond: number): Kept {
    const known = this.#services.get(service);
    if (known) return known;
    const signals = new ServiceSignals();
    signals.restore(this.#store.read(service, nowSecond - dayS));
    const kept = { signals, cpuMs: new Map<string, number>(), readAtMs: 0 };
    this.#services.set(service, kept);
    return kept;
  }
}
