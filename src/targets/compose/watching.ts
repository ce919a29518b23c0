import { setTimeout as wait } from 'node:timers/promises';
import type { Endpoint } from '../../routers/router.ts';
import { type CheckResult, probe } from '../probe.ts';
import { type Readiness, readinessAfter, unchecked } from '../readiness.ts';
import type { Watch } from './container.ts';

/** Until it is ready for the first time, a container is asked this often. */
const startIntervalMs = 100;
/** Longest time that the first check of a container may hold up the look that found it. */
const firstTimeoutMs = 1_000;

/** One life of a container, asked over HTTP until it is over. */
export class WatchedLife {
  readonly #endpoint: Endpoint;
  readonly #changed: () => void;
  readonly #end = new AbortController();
  #watch: Watch;
  #readiness: Readiness = unchecked;

  /** @param changed - Called when it has become ready, or is not any more. */
  constructor(endpoint: Endpoint, watch: Watch, changed: () => void) {
    this.#endpoint = endpoint;
    this.#watch = watch;
    this.#changed = changed;
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** How it is asked from the next check on. */
  use(watch: Watch): void {
    this.#watch = watch;
  }

  /** Begins to ask. Resolves after the first check, which tells of nothing: whoever waits for it sees it. */
  async begin(path: string): Promise<void> {
    const { timeoutMs } = this.#watch;
    const result = await probe(this.#endpoint, path, Math.min(timeoutMs, firstTimeoutMs), this.#end.signal);
    if (this.#end.signal.aborted) return;
    this.#take(result);
    void this.#goOn(path);
  }

  end(): void {
    this.#end.abort();
  }

  async #goOn(path: string): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      const { intervalMs } = this.#watch;
      const pauseMs = this.#readiness.wasReady ? intervalMs : Math.min(intervalMs, startIntervalMs);
      // A controller with nothing else to do may end: the next one watches on.
      await wait(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted) return;
      const result = await probe(this.#endpoint, this.#watch.path ?? path, this.#watch.timeoutMs, signal);
      if (signal.aborted) return;
      if (this.#take(result)) this.#changed();
    }
  }

  #take(result: CheckResult): boolean {
    const before = this.#readiness;
    this.#readiness = readinessAfter(before, result, this.#watch.unhealthyAfter, Date.now());
    return (before.readySinceMs === null) !== (this.#readiness.readySinceMs === null);
  }
}
