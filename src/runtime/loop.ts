import { messageOf, UserError } from '../errors.ts';
import type { Clock } from './clock.ts';

/** After a turn that has failed, where nothing else is said. */
const failedMs = 1_000;

export type LoopOptions = {
  /** What is done again and again, for warnings: `escalation`. */
  readonly what: string;
  /** One turn. Answers how long there is nothing to do, in milliseconds; it ends early when the signal does. */
  readonly turn: (signal: AbortSignal) => Promise<number>;
  /** Whom it listens to until it is stopped: each is handed `wake`, and answers how to stop listening. Left out: nobody. */
  readonly hears?: readonly ((wake: () => void) => () => void)[];
  /** Whoever wakes it, it rests so long after a turn that has not asked for less; left out: nothing. Milliseconds. */
  readonly minRestMs?: number;
  /** Before the first turn; left out: none. Milliseconds. */
  readonly firstMs?: number;
  /** After a turn that has failed, whoever wakes it: what has failed may not be asked for in a storm. Milliseconds. */
  readonly failedMs?: number;
  readonly clock: Clock;
  /** Hears of a failure once, and again when another one came between or a turn went well. */
  readonly warn: (text: string) => void;
};

/** Turn, rest, turn: until it is stopped, or another controller has taken over (`E_STOPPED`). */
export class Loop {
  readonly #options: LoopOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly #deaf: readonly (() => void)[];
  #waking = new AbortController();

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#deaf = (options.hears ?? []).map((hear) => hear(this.wake));
    this.#running = this.#run();
  }

  /** Aborts when it is being stopped. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** There is something to do now: ends the rest, also the one that follows the turn under way. */
  readonly wake = (): void => this.#waking.abort();

  /** Hears nothing more. Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    for (const deaf of this.#deaf) deaf();
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { what, turn, firstMs: beforeMs, minRestMs = 0, clock, warn } = this.#options;
    const { signal } = this.#stopping;
    let warned = '';
    // A turn may ask for the loop, which whoever makes it has only then.
    await null;
    if (beforeMs !== undefined) await clock.after(beforeMs, signal);
    while (!signal.aborted) {
      this.#waking = new AbortController();
      try {
        const restMs = await turn(signal);
        warned = '';
        const firstMs = Math.min(minRestMs, restMs);
        if (firstMs > 0) await clock.after(firstMs, signal);
        if (!signal.aborted) await clock.after(restMs - firstMs, AbortSignal.any([this.#waking.signal, signal]));
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_STOPPED') return;
        const text = `${what}: ${messageOf(error)}`;
        if (text !== warned) warn(text);
        warned = text;
        if (!signal.aborted) await clock.after(this.#options.failedMs ?? failedMs, signal);
      }
    }
  }
}
