import type { Language } from '../../analysis/sentence.ts';
import { messageOfJson } from './message.ts';
import type { StreamReader } from './reader.ts';
import { keyOf, type Topic } from './topic.ts';

/** Levels of one topic are sent at most so often. */
const levelEveryMs = 200;
/** Making levels of a topic takes at most this part of the time: a controller with a thousand services has looks to make in between. */
const shareMax = 0.05;
/** A level changes with time alone: a verdict grows old. */
const levelMaxAgeMs = 2_000;

export type ChannelOptions = {
  /** The level as JSON, without braces and without its moment; null: there is none (any more). */
  readonly levelOf: (nowMs: number) => string | null;
  /** What the level is made of; while it is the very same, so is the level, but for the passing of time. */
  readonly headOf: () => readonly unknown[];
  /** The last reader has left. */
  readonly onEmpty: () => void;
};

/** Everybody who reads one topic in one language. A level is made once for all of them, and only when it says something new. */
export class Channel {
  readonly topic: Topic;
  readonly language: Language;
  readonly readers = new Set<StreamReader>();
  readonly #options: ChannelOptions;
  #timer: NodeJS.Timeout | null = null;
  #madeMs = Number.NEGATIVE_INFINITY;
  /** How long it took to make the last level, and to send it. */
  #costMs = 0;
  #head: readonly unknown[] = [];
  #text: string | null = null;
  #message: Buffer | null = null;

  constructor(topic: Topic, language: Language, options: ChannelOptions) {
    this.topic = topic;
    this.language = language;
    this.#options = options;
  }

  /** Lets a reader in, who gets the level of now. */
  join(reader: StreamReader): void {
    // Made at most so often also when many come at once, as they do after a restart.
    if (performance.now() >= this.#nextMs) this.#make();
    this.readers.add(reader);
    if (this.#message) reader.level(keyOf(this.topic), this.#message);
  }

  leave(reader: StreamReader): void {
    this.readers.delete(reader);
    if (this.readers.size > 0) return;
    this.close();
    this.#options.onEmpty();
  }

  /** Something has happened that the level may show: it is made soon, once for all that happens until then. */
  changed(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#send();
      },
      Math.max(0, this.#nextMs - performance.now()),
    );
    this.#timer.unref();
  }

  /** Makes the level again where it may have changed without an event on record. */
  look(): void {
    if (this.#timer) return;
    const isOld = performance.now() - this.#madeMs >= levelMaxAgeMs;
    if (isOld || this.#options.headOf().some((part, index) => part !== this.#head[index])) this.changed();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get #nextMs(): number {
    return this.#madeMs + Math.max(levelEveryMs, this.#costMs / shareMax);
  }

  #send(): void {
    const before = this.#message;
    this.#make();
    if (this.#message === null || this.#message === before) return;
    for (const reader of this.readers) reader.level(keyOf(this.topic), this.#message);
    this.#costMs = performance.now() - this.#madeMs;
  }

  #make(): void {
    const nowMs = Date.now();
    this.#madeMs = performance.now();
    this.#head = this.#options.headOf();
    const text = this.#options.levelOf(nowMs);
    this.#costMs = performance.now() - this.#madeMs;
    if (text === null || text === this.#text) return;
    this.#text = text;
    this.#message = messageOfJson(this.topic.kind, `{"nowMs":${nowMs},${text}}`);
  }
}
