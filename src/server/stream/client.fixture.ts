import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { messagesIn } from '../../cli/event-stream.ts';

/** A message as a test looks at it. */
export type Heard = { readonly event: string; readonly id: string | null; readonly data: Record<string, unknown> };

/** A client that keeps all it hears. */
export class StreamClient {
  readonly heard: Heard[] = [];
  readonly response: Response;
  readonly #abort: AbortController;
  isEnded = false;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
  }

  static async open(url: string, query: string, headers: Record<string, string>): Promise<StreamClient> {
    const abort = new AbortController();
    const response = await fetch(`${url}/api/v1/stream?${query}`, { headers, signal: abort.signal });
    assert.equal(response.status, 200, response.status === 200 ? '' : await response.text());
    const client = new StreamClient(response, abort);
    void client.#read();
    return client;
  }

  /** All of one event so far. */
  all(event: string): readonly Heard[] {
    return this.heard.filter((message) => message.event === event);
  }

  get seqs(): readonly number[] {
    return this.all('entry').map(({ id }) => Number(id));
  }

  /** Waits until it has heard enough, a bounded time. */
  async until(what: string, isTrue: (heard: readonly Heard[]) => boolean, withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!isTrue(this.heard)) {
      if (performance.now() > deadline) assert.fail(`not within ${withinMs} ms: ${what}; heard ${this.heard.length} messages`);
      await delay(5);
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    assert(this.response.body);
    try {
      for await (const { event, id, data } of messagesIn(this.response.body))
        this.heard.push({ event, id, data: JSON.parse(data) as Record<string, unknown> });
    } catch {
      // Closed from here, or cut off.
    }
    this.isEnded = true;
  }
}
