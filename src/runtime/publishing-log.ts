import type { EventLog, LoggedEvent } from '../stores/log.ts';

/** A log that tells what was added to it, for whoever keeps something up to date with it. */
export type PublishingLog = EventLog & {
  /**
   * Calls `listener` after each append with the events that are on record now, in their order. What fails in a listener is its own
   * matter: the append has happened.
   *
   * @returns Ends the subscription.
   */
  subscribe(listener: (events: readonly LoggedEvent[]) => void): () => void;
  readonly latency: {
    /** Calls `listener` with how long each append with events took, in milliseconds. @returns Ends the subscription. */
    subscribe(listener: (ms: number) => void): () => void;
  };
};

/** The same log, which tells its subscribers of every successful append through it. */
export function publishing(log: EventLog, failed: (error: unknown) => void = () => {}): PublishingLog {
  const listeners = new Listeners<readonly LoggedEvent[]>(failed);
  const latencies = new Listeners<number>(failed);
  return {
    claim: (owner) => log.claim(owner),
    async append(token, appends) {
      const beganMs = performance.now();
      const results = await log.append(token, appends);
      const events = results.flatMap((result) => (result.kind === 'appended' ? result.events : []));
      if (events.length > 0) {
        latencies.tell(performance.now() - beganMs);
        listeners.tell(events);
      }
      return results;
    },
    read: (stream, afterVersion, limit) => log.read(stream, afterVersion, limit),
    readRelease: (release, afterSeq, limit) => log.readRelease(release, afterSeq, limit),
    readAll: (afterSeq, limit) => log.readAll(afterSeq, limit),
    streams: () => log.streams(),
    readSnapshot: (stream) => log.readSnapshot(stream),
    writeSnapshot: (token, stream, version, state) => log.writeSnapshot(token, stream, version, state),
    verify: (tail) => log.verify(tail),
    close: () => log.close(),
    subscribe: (listener) => listeners.add(listener),
    latency: { subscribe: (listener) => latencies.add(listener) },
  };
}

class Listeners<News> {
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<{ readonly call: (news: News) => void }>();

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(call: (news: News) => void): () => void {
    // Wrapped, so that the same function given twice is two listeners.
    const own = { call };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(news: News): void {
    for (const { call } of this.#listeners) {
      try {
        call(news);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
