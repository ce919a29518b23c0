import { takeOutbox } from './fold.ts';
import { queueEvents, type Wish } from './queue.ts';
import type { OutboxRecorded, OutboxState } from './types.ts';

/** What is put into the outbox in one append: each message is queued beside those before it. */
export class Outgoing {
  readonly #atMs: number;
  readonly #events: OutboxRecorded[] = [];
  #outbox: OutboxState;

  constructor(outbox: OutboxState, atMs: number) {
    this.#outbox = outbox;
    this.#atMs = atMs;
  }

  /** The outbox once all of it is on record. */
  get outbox(): OutboxState {
    return this.#outbox;
  }

  /** What comes on record. */
  get events(): readonly OutboxRecorded[] {
    return this.#events;
  }

  queue(wish: Wish): void {
    this.add(queueEvents(this.#outbox, wish));
  }

  add(events: readonly OutboxRecorded[]): void {
    for (const event of events) this.#outbox = takeOutbox(this.#outbox, { ...event, at: this.#atMs });
    this.#events.push(...events);
  }
}
