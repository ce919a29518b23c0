import type { ServerResponse } from 'node:http';
import type { Language } from '../../analysis/sentence.ts';
import { type Entry, entryMessage } from './entry.ts';
import { history, type Past } from './history.ts';
import type { Topic } from './topic.ts';

/**
 * Bytes that may wait for one reader. One that reads more slowly than things happen gets only the newest levels, and reads the timeline
 * again from the log once it has caught up: however slow it is, no more than this and one message waits for it.
 */
const waitingMaxBytes = 262_144;
/** One that takes nothing for so long is gone, or might as well be. */
const stalledMaxMs = 30_000;

export type ReaderOptions = {
  readonly past: Past;
  readonly language: Language;
  readonly response: ServerResponse;
  readonly topics: readonly Topic[];
  /** Where the timeline begins: after this `seq`. null: with what happens from now on. */
  readonly afterSeq: number | null;
  /** `seq` of the last event about these topics that was put on record since the server started; 0: none. */
  readonly lastSeq: (topics: readonly Topic[]) => number;
  readonly onEnd: () => void;
  readonly warn: (error: unknown) => void;
};

/** One open stream: what is on its way to one client. */
export class StreamReader {
  readonly topics: readonly Topic[];
  readonly #options: ReaderOptions;
  /** The newest level of each topic that found no room yet. */
  readonly #levels = new Map<string, Buffer>();
  /** The timeline comes from the log (`reading`), is to come from it once there is room (`behind`), or as it happens (`live`). */
  #timeline: 'reading' | 'behind' | 'live';
  #seq: number;
  #fullSinceMs: number | null = null;
  #isEnded = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.topics = options.topics;
    this.#seq = options.afterSeq ?? 0;
    this.#timeline = options.afterSeq === null ? 'live' : 'behind';
    const { response } = options;
    response.on('drain', () => this.#drained());
    response.on('close', () => this.#ended());
    response.on('error', () => this.#ended());
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** How something is. A newer one takes the place of one that is still waiting. */
  level(key: string, message: Buffer): void {
    if (this.#hasRoom) this.#write(message);
    else this.#levels.set(key, message);
  }

  /** Something that is worth nothing later, or that the client asks for when it has missed it. */
  passing(message: Buffer): void {
    if (this.#hasRoom) this.#write(message);
  }

  /** Something that has happened. */
  entry({ seq }: Entry, message: Buffer): void {
    if (this.#timeline !== 'live' || seq <= this.#seq) return;
    if (this.#hasRoom) {
      this.#seq = seq;
      this.#write(message);
      return;
    }
    this.#seq = Math.max(this.#seq, seq - 1);
    this.#timeline = 'behind';
  }

  /** Sends the timeline from the log, as far as it is behind. */
  catchUp(): void {
    if (this.#timeline === 'behind' && this.#hasRoom) void this.#readHistory();
  }

  /** @returns Whether it has taken nothing for so long that it is to be ended. `nowMs` is monotonic. */
  isStalled(nowMs: number): boolean {
    if (this.#hasRoom) this.#fullSinceMs = null;
    else this.#fullSinceMs ??= nowMs;
    return this.#fullSinceMs !== null && nowMs - this.#fullSinceMs >= stalledMaxMs;
  }

  /** Ends the stream, with a last message where the client still takes some. */
  end(message?: Buffer): void {
    if (this.#isEnded) return;
    const { response } = this.#options;
    if (this.#hasRoom) response.end(message);
    // What waits for a client that takes nothing would wait for ever.
    else response.destroy();
    this.#ended();
  }

  get #hasRoom(): boolean {
    return !this.#isEnded && this.#options.response.writableLength <= waitingMaxBytes;
  }

  #write(message: Buffer): void {
    this.#options.response.write(message);
  }

  #drained(): void {
    this.#fullSinceMs = null;
    for (const [key, message] of this.#levels) {
      if (!this.#hasRoom) return;
      this.#levels.delete(key);
      this.#write(message);
    }
    this.catchUp();
  }

  async #readHistory(): Promise<void> {
    const { past, language, lastSeq, warn } = this.#options;
    this.#timeline = 'reading';
    try {
      // What is put on record while it reads is found by reading on.
      do {
        for await (const entries of history(past, this.topics, this.#seq, language))
          for (const entry of entries) {
            if (!this.#hasRoom) {
              this.#timeline = 'behind';
              return;
            }
            this.#seq = entry.seq;
            this.#write(entryMessage(entry));
          }
      } while (lastSeq(this.topics) > this.#seq && !this.#isEnded);
      this.#timeline = 'live';
    } catch (error) {
      // The client comes back and says what it has seen; a log that fails for longer refuses it then.
      warn(error);
      this.end();
    }
  }

  #ended(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#levels.clear();
    this.#options.onEnd();
  }
}
