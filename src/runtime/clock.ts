/** Where the runtime gets the time. The simulation hands in a virtual one. */
export type Clock = {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts. Never rejects. */
  after(ms: number, signal?: AbortSignal): Promise<void>;
};

/**
 * Whole milliseconds that never go back: the wall clock where it runs ahead, the monotonic one where somebody has set the wall clock back.
 * A deadline is then at most early by a jump forward, and never late by one back.
 */
export function steady(wallMs: () => number, monotonicMs: () => number): () => number {
  let lastMs = wallMs();
  let lastMonotonicMs = monotonicMs();
  return () => {
    const monotonic = monotonicMs();
    lastMs = Math.max(wallMs(), lastMs + (monotonic - lastMonotonicMs));
    lastMonotonicMs = monotonic;
    return Math.floor(lastMs);
  };
}

/** The machine's own clock. Its timers keep the process alive only while something waits for them. */
export const systemClock: Clock = {
  now: steady(
    () => Date.now(),
    () => performance.now(),
  ),
  after: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, Math.max(0, Math.min(ms, 2 ** 31 - 1)));
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/**
 * Runs `work` with a signal that aborts after `ms` or with `parent`. Rejects at that moment even when `work` ignores its signal,
 * so that nothing in the world can stop a turn.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const signal = AbortSignal.any([parent, ended.signal]);
  const timer = new AbortController();
  try {
    return await Promise.race([
      work(signal),
      clock.after(ms, AbortSignal.any([timer.signal, parent])).then(() => {
        throw new Error(parent.aborted ? `${what} was called off` : `${what} gave no answer within ${ms} ms`);
      }),
    ]);
  } finally {
    timer.abort();
    ended.abort();
  }
}
