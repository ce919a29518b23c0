import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Count = { readonly sent: number; readonly taken: number };
export type Counts = {
  readonly known: readonly (Count & {
    readonly body: { readonly thread: string; readonly event: string; readonly key: string };
  })[];
  readonly order: readonly (readonly [thread: string, event: string, key: string])[];
};

/** A receiver of webhooks in a process of its own, which takes each key once and counts. */
export class CountingReceiver {
  readonly #child: ChildProcess;
  readonly #base: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#base = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<CountingReceiver> {
    const child = fork(fileURLToPath(new URL('counting-receiver-process.ts', import.meta.url)), { stdio: 'inherit' });
    const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(60_000) })) as [{ port: number }];
    assert(message.port > 0);
    return new CountingReceiver(child, message.port);
  }

  /** Where a webhook sends to. */
  get url(): string {
    return `${this.#base}/hook`;
  }

  /** How it answers from now on; `delayMs`: how long it thinks before a yes. */
  async behave(how: 'yes' | 'busy' | 'broken' | 'no' | 'silent' | 'half-open' | 'hangs-up', delayMs = 0): Promise<void> {
    await this.#ask(`/behave?how=${how}&delayMs=${delayMs}`);
  }

  async count(key: string): Promise<Count> {
    return (await this.#ask(`/count?key=${encodeURIComponent(key)}`)) as Count;
  }

  async all(): Promise<Counts> {
    return (await this.#ask('/all')) as Counts;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(`${this.#base}${path}`, { signal: AbortSignal.timeout(30_000) });
    return await response.json();
  }
}
