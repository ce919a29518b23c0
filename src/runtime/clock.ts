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

/** The same clock, ahead by as much as it takes to be at `ms` now: for a machine whose clock was set back while nothing ran. */
export function notBefore(clock: Clock, ms: number): Clock {
  const aheadMs = Math.max(0, ms - clock.now());
  return aheadMs === 0 ? clock : { now: () => clock.now() + aheadMs, after: (waitMs, signal) => clock.after(waitMs, signal) };
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

/** Why a signal aborts whose work is over. One for all: an error of its own, with its stack, would cost more than most of the work. */
const over = new Error('nobody waits for this any more');

/**
 * Runs `work` with a signal that aborts after `ms` or with `parent`. Rejects at that moment even when `work` ignores its signal,
 * so that nothing in the world can stop a turn.
 *
 * Every look at every service comes through here several times a second, so it makes one signal and no error that nobody sees.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const callOff = (): void => own.abort(parent.reason);
  if (parent.aborted) callOff();
  else parent.addEventListener('abort', callOff, { once: true });
  let isOver = false;
  const late = clock.after(ms, own.signal).then((): T => {
    // `work` has been first, and nobody takes this answer.
    if (isOver) return undefined as T;
    throw new Error(parent.aborted ? `${what} was called off` : `${what} gave no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work(own.signal), late]);
  } finally {
    isOver = true;
    parent.removeEventListener('abort', callOff);
    own.abort(over);
  }
}
