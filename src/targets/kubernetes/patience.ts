import { UserError } from '../../errors.ts';

/** What passes by itself: the cluster is not there, has too much to do, or somebody writes at the same time. */
const passing: ReadonlySet<string> = new Set(['E_KUBERNETES_UNREACHABLE', 'E_KUBERNETES_BUSY', 'E_KUBERNETES_CONFLICT']);

const firstMs = 500;
const longestMs = 30_000;
/** The same for what passes: a release waits for it. */
const passingMs = 4_000;

/** Whether a release should wait for it, within its own deadline, instead of going back at once. */
export function isPassing(error: unknown): error is UserError {
  return error instanceof UserError && passing.has(error.code);
}

type Failure = { readonly of: string; readonly error: unknown; readonly waitMs: number; readonly untilMs: number };

/**
 * Answers a failure again for a while instead of asking the server again: 0.5 s at first, twice as long each time, up to 30 s, or 4 s
 * for what passes by itself. The
 * runtime asks every second, for every service.
 */
export class Patience {
  readonly #failures = new Map<string, Failure>();

  /** @param of - What is wanted; something else is tried at once. */
  async attempt<T>(key: string, of: string, work: () => Promise<T>): Promise<T> {
    const before = this.#failures.get(key);
    if (before?.of === of && performance.now() < before.untilMs) throw before.error;
    try {
      const done = await work();
      this.#failures.delete(key);
      return done;
    } catch (error) {
      const waitMs = before?.of === of ? Math.min(isPassing(error) ? passingMs : longestMs, 2 * before.waitMs) : firstMs;
      this.#failures.set(key, { of, error, waitMs, untilMs: performance.now() + waitMs });
      throw error;
    }
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
