import { setTimeout as delay } from 'node:timers/promises';

const lookAgainMs = 20;

/** Waits until the answer is there (not undefined, null or false), and fails with `what` after `maxMs`. */
export async function until<T>(
  what: string,
  maxMs: number,
  signal: AbortSignal,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false>> {
  const deadlineMs = performance.now() + maxMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as Exclude<T, undefined | null | false>;
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${maxMs / 1_000} s`);
    await delay(lookAgainMs);
  }
}
