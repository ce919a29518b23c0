import type { Instance, RestartOrder } from '../../src/targets/target.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a simulated version is like. Times are milliseconds after its start, or after its first traffic where said so. */
export type Nature = {
  readonly readyAfterMs: number | null;
  readonly crashAfterMs: number | null;
  /** Share of its requests that fail, from `faultAfterMs` after its first request on. */
  readonly errorShare: number;
  readonly faultAfterMs: number;
  readonly latencyMs: number;
};

export const good: Nature = { readyAfterMs: 800, crashAfterMs: null, errorShare: 0.001, faultAfterMs: 0, latencyMs: 10 };

/** An instance of a version. One that was asked to end takes its time. */
type Process = {
  readonly version: string;
  readonly ordinal: number;
  crashes: number;
  /** Starts that somebody has asked for. */
  restarts: number;
  upAgainMs: number;
  endsAtMs: number;
};

/** How long an instance takes to end when there are to be fewer. */
const endingMs = 1_500;

/** The instances of all versions of a simulated service. */
export class Instances {
  readonly #time: VirtualTime;
  readonly #natures: ReadonlyMap<string, Nature>;
  readonly #processes = new Map<string, Process>();
  readonly #lastReadyMs = new Map<string, number>();

  /** @param natures - A version that is not in it is good. */
  constructor(time: VirtualTime, natures: ReadonlyMap<string, Nature>) {
    this.#time = time;
    this.#natures = natures;
  }

  /** Versions that have any. */
  get versions(): readonly string[] {
    return [...new Set([...this.#processes.values()].map(({ version }) => version))].sort();
  }

  has(version: string): boolean {
    return this.#of(version).length > 0;
  }

  /**
   * Brings about so many instances of a version. Answers whether that started the version.
   *
   * @param ends - Hears of each that is told to end.
   */
  ensure(version: string, replicas: number, ends: (port: number, name: string) => void): boolean {
    const now = this.#time.trueMs;
    const all = this.#of(version);
    const known = new Set(all.map(({ ordinal }) => ordinal));
    for (const process of all) {
      if (process.ordinal < replicas || process.endsAtMs !== Number.POSITIVE_INFINITY) continue;
      ends(portOf(process), nameOf(process));
      process.endsAtMs = now + endingMs;
    }
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      if (known.has(ordinal)) continue;
      const process: Process = { version, ordinal, crashes: 0, restarts: 0, upAgainMs: now, endsAtMs: Number.POSITIVE_INFINITY };
      this.#processes.set(nameOf(process), process);
    }
    return known.size === 0 && replicas > 0;
  }

  /**
   * Starts instances anew that have not been since.
   *
   * @param ends - Hears of each that is told to end.
   */
  restart(version: string, wanted: RestartOrder['instances'], ends: (port: number, name: string) => void): void {
    for (const process of this.#of(version)) {
      const { id, life = null } = this.#told(process);
      const isOrdered = wanted.some((one) => one.id === id && one.life === life);
      if (!isOrdered || process.endsAtMs < Number.POSITIVE_INFINITY) continue;
      if (this.#isUp(process)) ends(portOf(process), nameOf(process));
      process.restarts += 1;
      process.crashes = 0;
      process.upAgainMs = this.#time.trueMs + endingMs;
    }
  }

  /** Ends all instances of a version at once. */
  end(version: string): void {
    for (const process of this.#of(version)) this.#processes.delete(nameOf(process));
  }

  /** As a target tells of them. */
  told(version: string): readonly Instance[] {
    return this.#of(version).map((process) => this.#told(process));
  }

  /** Ports of the instances that exist, by version. */
  ports(version: string): readonly { readonly port: number; readonly isUp: boolean }[] {
    return this.#of(version).map((process) => ({ port: portOf(process), isUp: this.#isUp(process) }));
  }

  /** Whether any instance of a version is ready. */
  isReady(version: string): boolean {
    const ready = this.#of(version).filter((process) => this.#isUp(process)).length > 0;
    if (ready) this.#lastReadyMs.set(version, this.#time.trueMs);
    return ready;
  }

  /** When an instance of a version was last ready, as far as anybody has looked since; undefined: never. */
  lastReadyMs(version: string): number | undefined {
    return this.#lastReadyMs.get(version);
  }

  nature(version: string): Nature {
    return this.#natures.get(version) ?? good;
  }

  /** Instances of a version by ordinal, without those that have ended meanwhile. */
  #of(version: string): readonly Process[] {
    const found = [...this.#processes.values()].filter((process) => process.version === version);
    for (const process of found) if (this.#time.trueMs >= process.endsAtMs) this.#processes.delete(nameOf(process));
    return found.filter(({ endsAtMs }) => this.#time.trueMs < endsAtMs).sort((a, b) => a.ordinal - b.ordinal);
  }

  #told(process: Process): Instance {
    this.#crash(process);
    const { version, ordinal, crashes: restarts } = process;
    const life = `${process.restarts}.${restarts}`;
    const endpoint = { host: '127.0.0.1', port: portOf(process) };
    const id = ordinal === 0 ? version : nameOf(process);
    if (process.endsAtMs < Number.POSITIVE_INFINITY) return { id, version, endpoint, state: 'stopping', restarts };
    if (this.#time.trueMs < process.upAgainMs && restarts > 0)
      return { id, version, endpoint, state: 'crashed', restarts, problem: 'exit code 1' };
    const state = this.#isUp(process) ? 'ready' : 'starting';
    return { id, version, endpoint, state, restarts, life, ...(restarts > 0 ? { problem: 'exit code 1' } : {}) };
  }

  #isUp(process: Process): boolean {
    const { readyAfterMs } = this.nature(process.version);
    this.#crash(process);
    return (
      readyAfterMs !== null &&
      process.endsAtMs === Number.POSITIVE_INFINITY &&
      this.#time.trueMs >= process.upAgainMs + (process.crashes > 0 ? 0 : readyAfterMs)
    );
  }

  #crash(process: Process): void {
    const { crashAfterMs, readyAfterMs } = this.nature(process.version);
    if (crashAfterMs === null || this.#time.trueMs < process.upAgainMs + crashAfterMs) return;
    // A life that is shorter than the time between two looks of the world was ready all the same, for whoever looked in it.
    const wasReady = readyAfterMs !== null && (process.crashes > 0 || readyAfterMs < crashAfterMs);
    const lastMs = process.upAgainMs + crashAfterMs;
    if (wasReady && lastMs > (this.#lastReadyMs.get(process.version) ?? 0)) this.#lastReadyMs.set(process.version, lastMs);
    process.crashes += 1;
    process.upAgainMs = this.#time.trueMs + 6_000 * 2 ** Math.min(process.crashes, 3);
  }
}

function nameOf({ version, ordinal }: Process): string {
  return `${version}/${ordinal}`;
}

function portOf({ version, ordinal }: Process): number {
  return 1_000 + Number(version.split('.')[0]) + 10 * ordinal;
}
