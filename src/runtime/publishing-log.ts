import { messageOf } from '../errors.ts';
import type { EventLog, LoggedEvent } from '../stores/log.ts';
import { type Latency, LatencyHistogram } from './latency-histogram.ts';

/** Hears of events once they are on record, in the order of their `seq`. */
export type RecordListener = (events: readonly LoggedEvent[]) => void;

/** A log that tells of what has just been put on record, and how long that took. */
export type PublishingLog = EventLog & {
  /** Answers how to stop listening. A listener must be quick: the one who appends waits for it. */
  subscribe(listener: RecordListener): () => void;
  /** Hears of each append how many milliseconds it took until it was durable, also of one that failed. Answers how to stop. */
  timed(listener: (ms: number, ok: boolean) => void): () => void;
  /** How long the store took since it was opened: to make appends durable (also failed ones), and to answer reads. */
  readonly latency: { readonly append: Latency; readonly read: Latency };
};

/**
 * Tells subscribers of what is appended through it. A listener that throws harms neither the append nor the others.
 *
 * @param warn - Takes one line about a listener that has thrown: that is our mistake.
 */
export function publishing(log: EventLog, warn: (text: string) => void = () => {}): PublishingLog {
  const listeners = new Set<RecordListener>();
  const clocks = new Set<(ms: number, ok: boolean) => void>();
  const appends = new LatencyHistogram();
  const reads = new LatencyHistogram();
  const tell = <T extends readonly unknown[]>(all: ReadonlySet<(...news: T) => void>, ...news: T): void => {
    for (const listener of all) {
      try {
        listener(...news);
      } catch (error) {
        warn(`a listener of the log: ${messageOf(error)}`);
      }
    }
  };
  const joined = <T>(all: Set<T>, one: T): (() => void) => {
    all.add(one);
    return () => void all.delete(one);
  };
  const appended = (beganMs: number, ok: boolean): void => {
    const ms = performance.now() - beganMs;
    appends.add(ms / 1_000);
    tell(clocks, ms, ok);
  };
  // Handed in as a function: a store may do all its work before it answers with a promise.
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now();
    try {
      return await read();
    } finally {
      reads.add((performance.now() - beganMs) / 1_000);
    }
  };
  return {
    claim: (owner) => log.claim(owner),
    async append(token, wanted) {
      const beganMs = performance.now();
      try {
        const results = await log.append(token, wanted);
        const events = results.flatMap((result) => (result.kind === 'appended' ? result.events : []));
        // One with nothing in it only asks whether the token is good.
        if (events.length > 0) {
          appended(beganMs, true);
          tell(listeners, events);
        }
        return results;
      } catch (error) {
        appended(beganMs, false);
        throw error;
      }
    },
    read: (stream, afterVersion, limit) => reading(() => log.read(stream, afterVersion, limit)),
    readRelease: (release, afterSeq, limit) => reading(() => log.readRelease(release, afterSeq, limit)),
    readAll: (afterSeq, limit) => reading(() => log.readAll(afterSeq, limit)),
    streams: () => log.streams(),
    readSnapshot: (stream) => log.readSnapshot(stream),
    writeSnapshot: (token, stream, version, state) => log.writeSnapshot(token, stream, version, state),
    verify: (tail) => log.verify(tail),
    close: () => log.close(),
    subscribe: (listener) => joined(listeners, listener),
    timed: (listener) => joined(clocks, listener),
    latency: { append: appends, read: reads },
  };
}
