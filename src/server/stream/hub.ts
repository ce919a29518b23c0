import type { ServerResponse } from 'node:http';
import { can } from '../../access/can.ts';
import type { Grant } from '../../access/types.ts';
import type { Language } from '../../analysis/sentence.ts';
import { messageOf } from '../../errors.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import type { Gauge } from '../../signals/types.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Signals } from '../../views/signals.ts';
import type { Principal } from '../principal.ts';
import { Channel } from './channel.ts';
import { type Entry, entryMessage, entryOf, serviceOf } from './entry.ts';
import { levels, type Seen } from './level.ts';
import { message, retryAfter } from './message.ts';
import { StreamReader } from './reader.ts';
import { SeriesFeed } from './series-feed.ts';
import { isAbout, type Topic } from './topic.ts';

export const heartbeatMs = 10_000;
/** A client comes back after so long, and when the server is being stopped after so long. */
const retryMs = 1_000;
/** Services whose state is compared with what was sent last: what is not on record yet is news too. */
const lookMs = 250;

export type HubOptions = {
  readonly controller: Controller;
  readonly log: PublishingLog;
  /** The principal as they are now, or null once their credential has ended. */
  readonly current: (principal: Principal) => Principal | null;
  readonly signalsOf: (service: string) => Signals | null;
  readonly gaugesOf: (service: string) => readonly Gauge[];
  readonly warn: (text: string) => void;
  /** Streams that are open at once; one credential takes no more than half of them, so that a place is left for others. */
  readonly max: number;
};

export type OpenStream = {
  readonly response: ServerResponse;
  readonly principal: Principal;
  readonly topics: readonly Topic[];
  readonly language: Language;
  /** See `ReaderOptions`. */
  readonly afterSeq: number | null;
};

type Open = { readonly reader: StreamReader; readonly principal: Principal; readonly channels: readonly Channel[] };

/**
 * All open streams. What happens is told to readers of its topics as it is put on record; each message is made once for all who read
 * the same topic in the same language.
 */
export class StreamHub {
  readonly #options: HubOptions;
  readonly #levels: ReturnType<typeof levels>;
  readonly #series: SeriesFeed;
  readonly #open = new Set<Open>();
  /** By topic, language and what its readers may see. */
  readonly #channels = new Map<string, Channel>();
  /** The same by the service that they are about; null: all of them. Events are many, and most are about what nobody looks at. */
  readonly #about = new Map<string | null, Set<Channel>>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #unsubscribe: () => void;
  /** `seq` of the last event of a service or release that somebody reads about. */
  readonly #lastSeq = new Map<string, number>();
  #isClosed = false;
  /** The last warning. */
  #said = '';

  constructor(options: HubOptions) {
    this.#options = options;
    this.#levels = levels(options.controller, options.signalsOf, options.gaugesOf);
    this.#series = new SeriesFeed(options.log, (service, release) => this.#recordSoon(service, release), options.warn);
    this.#unsubscribe = options.log.subscribe((events) => this.#heard(events));
    this.#timers = [
      setInterval(() => this.#safely(() => this.#beat()), heartbeatMs),
      setInterval(() => this.#safely(() => this.#look()), lookMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** How many streams are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Whether another stream of this principal is one too many. */
  isFull(principal: Principal): boolean {
    const { max } = this.#options;
    if (this.#isClosed || this.#open.size >= max) return true;
    let own = 0;
    for (const { principal: other } of this.#open) if (isSame(other, principal)) own += 1;
    return own >= Math.ceil(max / 2);
  }

  /** Begins to send. The head of the answer has to be written already. */
  open({ response, principal, topics, language, afterSeq }: OpenStream): void {
    const { log, warn } = this.#options;
    const reader = new StreamReader({
      log,
      response,
      topics,
      afterSeq,
      lastSeq: (all) => Math.max(0, ...all.map((topic) => this.#lastSeq.get(keyOf(topic)) ?? 0)),
      onEnd: () => this.#left(open),
      warn: (error) => warn(`a stream: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    });
    const seen = seenWith(principal.grants);
    const channels = topics.map((topic) => this.#channel(topic, language, topic.kind === 'overview' ? seen : null));
    const open: Open = { reader, principal, channels };
    this.#open.add(open);
    reader.passing(Buffer.concat([retryAfter(retryMs), message('hello', { nowMs: Date.now(), heartbeatMs })]));
    for (const channel of channels) channel.join(reader);
    reader.catchUp();
    for (const topic of topics) if (topic.kind === 'release') void this.#series.begin(topic.release, language, reader);
  }

  /** Ends every stream; their clients come back to the next controller. */
  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    for (const timer of this.#timers) clearInterval(timer);
    for (const { reader } of [...this.#open]) reader.end(retryAfter(retryMs));
    for (const channel of this.#channels.values()) channel.close();
  }

  #channel(topic: Topic, language: Language, seen: Seen): Channel {
    const key = `${keyOf(topic)} ${language} ${seen === null ? '*' : JSON.stringify([...seen])}`;
    const known = this.#channels.get(key);
    if (known) return known;
    const about = topic.kind === 'overview' ? null : topic.service;
    const channel: Channel = new Channel(topic, language, {
      levelOf: (nowMs) => this.#safely(() => this.#levels(topic, seen, language, nowMs)) ?? null,
      headOf: () => this.#headOf(topic),
      onEmpty: () => {
        this.#channels.delete(key);
        const others = this.#about.get(about);
        others?.delete(channel);
        if (others?.size === 0) this.#about.delete(about);
        if (![...(others ?? [])].some((other) => keyOf(other.topic) === keyOf(topic))) this.#lastSeq.delete(keyOf(topic));
      },
    });
    this.#channels.set(key, channel);
    this.#about.set(about, (this.#about.get(about) ?? new Set()).add(channel));
    return channel;
  }

  /** See `ChannelOptions`. Of all services it is the second: to compare every one of them costs as much as to tell of them. */
  #headOf(topic: Topic): readonly unknown[] {
    const { controller, signalsOf } = this.#options;
    if (topic.kind === 'overview') return [Math.floor(performance.now() / 1_000)];
    const state = controller.service(topic.service);
    return topic.kind === 'service' ? [state, signalsOf(topic.service)] : [state];
  }

  #heard(events: readonly LoggedEvent[]): void {
    if (this.#open.size === 0) return;
    for (const logged of events) {
      const service = serviceOf(logged);
      if (service === null) {
        // Who has access may have changed, and nobody reads on until the next beat without it. First let it take effect.
        setImmediate(() => this.#safely(() => this.#endVoid()));
        continue;
      }
      for (const overview of this.#about.get(null) ?? []) overview.changed();
      const channels = this.#about.get(service);
      if (!channels) continue;
      const entry = entryOf(logged);
      const bytes = entry && entryMessage(entry);
      for (const channel of channels) {
        const { topic } = channel;
        if (isAbout(topic, service, logged.release)) {
          if (entry && bytes) {
            this.#lastSeq.set(keyOf(topic), logged.seq);
            this.#tell(channel, entry, bytes);
          }
          if (topic.kind === 'release') this.#series.heard(topic.release);
        }
        // A release waits, begins and ends with what happens to the others of its service.
        channel.changed();
      }
    }
  }

  /** Quiet counts are recorded ten seconds at a time, which is too late for somebody who looks at a chart. */
  #recordSoon(service: string, release: string): void {
    const turn = this.#options.controller.agent(service)?.turn;
    if (turn?.head.live?.id === release) turn.recordSoon();
  }

  #tell(channel: Channel, entry: Entry, bytes: Buffer): void {
    for (const reader of channel.readers) reader.entry(entry, bytes);
  }

  #look(): void {
    for (const channel of this.#channels.values()) channel.look();
    this.#series.look([...this.#channels.values()]);
  }

  /** Tells everybody that the line is good. */
  #beat(): void {
    this.#endVoid();
    const beat = message('beat', { nowMs: Date.now() });
    const nowMs = performance.now();
    for (const { reader } of [...this.#open]) {
      if (reader.isStalled(nowMs)) reader.end();
      else reader.passing(beat);
    }
  }

  /** Ends the streams of those whose credential has ended, or shows something else by now: they come back, and see what is so. */
  #endVoid(): void {
    for (const { reader, principal } of [...this.#open]) {
      // Whoever cannot be told to be somebody still is nobody: their next request says why.
      const now = this.#safely(() => this.#options.current(principal)) ?? null;
      if (now === null || !isSameSight(reader.topics, principal.grants, now.grants)) reader.end();
    }
  }

  /** What goes wrong with a live view is never a reason for the controller to end. Said once until something else does. */
  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const said = `live views: ${messageOf(error)}`;
      if (said !== this.#said) this.#options.warn(said);
      this.#said = said;
      return undefined;
    }
  }

  #left(open: Open): void {
    this.#open.delete(open);
    for (const channel of open.channels) channel.leave(open.reader);
  }
}

function keyOf(topic: Topic): string {
  return topic.kind === 'overview'
    ? topic.kind
    : topic.kind === 'service'
      ? `service ${topic.service}`
      : `release ${topic.release}`;
}

function isSame(a: Principal, b: Principal): boolean {
  return a.kind === b.kind && a.credential === b.credential && a.name === b.name;
}

/** The services that these grants show. */
function seenWith(grants: readonly Grant[]): Seen {
  if (can(grants, 'read', null)) return null;
  return new Set(grants.flatMap(({ services }) => (services === '*' ? [] : services)).sort());
}

/** Whether the topics show the same with both. */
function isSameSight(topics: readonly Topic[], before: readonly Grant[], now: readonly Grant[]): boolean {
  if (before === now) return true;
  return topics.every((topic) => {
    if (topic.kind !== 'overview') return can(now, 'read', topic.service);
    const [a, b] = [seenWith(before), seenWith(now)];
    return a === null || b === null ? a === b : a.size === b.size && [...a].every((name) => b.has(name));
  });
}
