import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf, UserError } from '../errors.ts';
import type { LoadPlan, LoadProgress, LoadResult } from './plan.ts';

/** Enough for as many connections and waiting requests as a plan may have. */
const heapMaxMiB = 512;

/**
 * Sends what a plan says, in a thread of its own, so that whoever waits for it goes on undisturbed. Leaves nothing behind.
 *
 * @throws The reason of the signal when it aborts; UserError `E_LOAD_GENERATOR` when the thread ends before its time.
 */
export async function runLoad(
  plan: LoadPlan,
  signal: AbortSignal,
  progress: (at: LoadProgress) => void = () => {},
): Promise<LoadResult> {
  signal.throwIfAborted();
  const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: plan,
    resourceLimits: { maxOldGenerationSizeMb: heapMaxMiB },
    // What it would inherit may hold secrets, and it needs none of it.
    env: {},
  });
  const ended = Promise.withResolvers<LoadResult>();
  const callOff = (): void => ended.reject(signal.reason);
  signal.addEventListener('abort', callOff, { once: true });
  worker.on('message', (message: { readonly progress: LoadProgress } | { readonly result: LoadResult }) => {
    if ('result' in message) ended.resolve(message.result);
    else progress(message.progress);
  });
  const broken = (why: string, cause?: unknown): void =>
    ended.reject(
      new UserError('E_LOAD_GENERATOR', `the load generator has ended before its time: ${why}`, {
        where: 'load generator',
        fix: 'ask for fewer requests or connections, or give this machine more memory',
        cause,
      }),
    );
  worker.once('error', (error) => broken(messageOf(error), error));
  worker.once('exit', () => broken('its thread has ended'));
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener('abort', callOff);
    await worker.terminate();
  }
}
