import { createServer } from 'node:net';
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

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free'))));
    });
  });
}
