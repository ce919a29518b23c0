import { type Clock, steady } from '../../src/runtime/clock.ts';

type Timer = { readonly at: number; readonly order: number; readonly fire: () => void; cancelled: boolean };

/** Whether a controller still exists: a killed one hears nothing any more, not even its own timers. */
export type Life = { dead: boolean };

/** Time that passes only when the simulation says so. */
export class VirtualTime {
  /** Milliseconds that have really passed, on top of the start. */
  elapsedMs = 0;
  /** What somebody did to the wall clock. */
  skewMs = 0;
  readonly #startMs: number;
  readonly #timers: Timer[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** The true time, as the routers have it. */
  get trueMs(): number {
    return this.#startMs + this.elapsedMs;
  }

  schedule(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.elapsedMs + Math.max(0, ms), order: (this.#order += 1), fire, cancelled: false };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** A clock for one controller. */
  clock(life: Life): Clock {
    return {
      now: steady(
        () => this.trueMs + this.skewMs,
        () => this.elapsedMs,
      ),
      after: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const cancel = this.schedule(ms, done);
          function done(): void {
            cancel();
            signal?.removeEventListener('abort', done);
            if (!life.dead) resolve();
          }
          signal?.addEventListener('abort', done, { once: true });
        }),
    };
  }

  /** Waits in simulated time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve));
  }

  /** Lets time pass until `ms` have elapsed since the start, firing what is due in order. */
  async runUntil(ms: number): Promise<void> {
    await settle();
    for (;;) {
      const timer = this.#timers[0];
      if (!timer || timer.at > ms) break;
      this.#pop();
      if (timer.cancelled) continue;
      this.elapsedMs = Math.max(this.elapsedMs, timer.at);
      timer.fire();
      await settle();
    }
    this.elapsedMs = ms;
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent])) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && isBefore(heap[left + 1] as Timer, heap[left]) ? left + 1 : left;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Timer, b: Timer | undefined): boolean {
  return b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Lets everything that has become possible happen before time goes on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
