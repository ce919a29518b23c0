import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { type ApiClient, controllerOf, type StreamQuery, TryLater } from './api-client.ts';
import type { StreamMessage } from './event-stream.ts';

/** How long a command that follows something waits for the next controller, and how often it looks for it. */
const absenceMaxMs = 60_000;
const askAgainMs = 250;

/**
 * The controller of a data folder, or the one at `RAMPART_URL`, for a command that follows something: what it asks waits for the next
 * controller when this one is away, because a release goes on over a restart, and a stream goes on where it was. What it tells a
 * controller to do is said once: nobody knows whether a first try has arrived. Whoever is told to come back later does.
 *
 * @param signal - Ends the waiting, and streams.
 * @throws UserError as `controllerOf`.
 */
export async function lastingControllerOf(data: string | undefined, signal?: AbortSignal): Promise<ApiClient> {
  let api = await controllerOf(data);

  /** Waits before another try. @returns Whether there is one. */
  async function isWorthAnother(error: unknown, heardMs: number): Promise<boolean> {
    if (signal?.aborted) return false;
    if (error instanceof TryLater) {
      process.stderr.write(`waits ${error.waitS} s as the controller asks: ${error.message}\n`);
      await delay(error.waitS * 1_000, undefined, { signal }).catch(() => {});
      return !signal?.aborted;
    }
    if (!(error instanceof UserError) || performance.now() - heardMs > absenceMaxMs) return false;
    // The token of the data folder is another one after each start.
    const isAway = error.code === 'E_UNREACHABLE' || (error.code === 'E_UNAUTHORIZED' && api.by !== undefined);
    if (!isAway) return false;
    await delay(askAgainMs, undefined, { signal }).catch(() => {});
    // The next controller has another address and another token.
    api = await controllerOf(data).catch(() => api);
    return true;
  }

  async function lasting<T>(ask: () => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
    let heardMs = performance.now();
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!mayRepeat(error) || !(await isWorthAnother(error, heardMs))) throw error;
        if (error instanceof TryLater) heardMs = performance.now();
      }
    }
  }
  const wasNotDone = (error: unknown): boolean => error instanceof TryLater;

  async function* stream(query: StreamQuery): AsyncGenerator<StreamMessage> {
    let { after } = query;
    let heardMs = performance.now();
    for (;;) {
      try {
        for await (const message of api.stream({
          ...query,
          ...(after === undefined ? {} : { after }),
          ...(signal && { signal }),
        })) {
          heardMs = performance.now();
          if (message.id !== null) after = Number(message.id);
          yield message;
        }
        if (signal?.aborted) return;
        // It was ended at the other side, most likely with its controller.
        api = await controllerOf(data).catch(() => api);
        await delay(askAgainMs, undefined, { signal }).catch(() => {});
      } catch (error) {
        if (signal?.aborted) return;
        if (!(await isWorthAnother(error, heardMs))) throw error;
        if (error instanceof TryLater) heardMs = performance.now();
      }
    }
  }

  return {
    by: api.by,
    get: (path) =>
      lasting(
        () => api.get(path),
        () => true,
      ),
    post: (path, body, source) => lasting(() => api.post(path, body, source), wasNotDone),
    put: (path, body, source) => lasting(() => api.put(path, body, source), wasNotDone),
    patch: (path, body) => lasting(() => api.patch(path, body), wasNotDone),
    delete: (path) => lasting(() => api.delete(path), wasNotDone),
    text: (path) => api.text(path),
    stream,
  };
}
