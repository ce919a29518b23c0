import type { ServerResponse } from 'node:http';
import type { Language } from '../../analysis/sentence.ts';
import { messageOf } from '../../errors.ts';
import { silencesStream } from '../../runtime/alerts/silence-records.ts';
import { incidentsStream } from '../../runtime/incidents/incident-records.ts';
import { messagesStream } from '../../runtime/notifications/outbox-records.ts';
import { setupStream } from '../../runtime/notifications/setup-records.ts';
import { onCallStream } from '../../runtime/on-call/on-call-records.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { statusStream } from '../../runtime/status/status-records.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import { accessStream } from '../access/keeper.ts';
import type { Principal } from '../principal.ts';
import { Channel } from './channel.ts';
import { type Entry, entryMessage, entryOf, incidentEntry, serviceOf } from './entry.ts';
import type { Past } from './history.ts';
import { type LevelSources, levels } from './level.ts';
import { message, retryAfter } from './message.ts';
import { StreamReader } from './reader.ts';
import { SeriesFeed } from './series-feed.ts';
import { type Changing, changing, isAbout, isSameSight, keyOf, type Seen, seenWith, type Topic } from './topic.ts';

export const heartbeatMs = 10_000;
/** A client comes back after so long, and when the server is being stopped after so long. */
const retryMs = 1_000;
/** Services whose state is compared with what was sent last: what is not on record yet is news too. */
const lookMs = 250;

/** Which parts of the whole an event is about, by its stream. */
const changedBy: Readonly<Record<string, readonly Changing[]>> = {
  [messagesStream]: ['notifications'],
  [onCallStream]: ['on-call'],
  [silencesStream]: ['silences'],
  [statusStream]: ['status-page'],
  [setupStream]: changing,
};

export type HubOptions = Omit<LevelSources, 'changedAt'> & {
  readonly log: PublishingLog;
  readonly incidentEvents: Past['incidentEvents'];
  /** The principal as they are now, or null once their credential has ended. */
  readonly current: (principal: Principal) => Principal | null;
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
  /** The same by what they are about, see `aboutOf`. Events are many, and most are about what nobody looks at. */
  readonly #about = new Map<string, Set<Channel>>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #unsubscribe: () => void;
  /** `seq` of the last event of a service or release that somebody reads about. */
  readonly #lastSeq = new Map<string, number>();
  /** `seq` of the last event by what has changed with it. */
  readonly #changedSeq = new Map<Changing, number>();
  #isClosed = false;
  /** The last warning. */
  #said = '';

  constructor(options: HubOptions) {
    this.#options = options;
    this.#levels = levels({ ...options, changedAt: (what) => this.#changedSeq.get(what) ?? 0 });
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
    const { log, incidentEvents, warn } = this.#options;
    const reader = new StreamReader({
      past: { log, incidentEvents },
      language,
      response,
      topics,
      afterSeq,
      lastSeq: (all) => Math.max(0, ...all.map((topic) => this.#lastSeq.get(keyOf(topic)) ?? 0)),
      onEnd: () => this.#left(open),
      warn: (error) => warn(`a stream: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    });
    const seen = seenWith(principal.grants);
    const channels = topics.map((topic) => this.#channel(topic, language, isOfAll(topic) ? seen : null));
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
    const about = aboutOf(topic);
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
    const { controller, signalsOf, incidents, runbooks, notifications } = this.#options;
    switch (topic.kind) {
      case 'overview':
        return [Math.floor(performance.now() / 1_000)];
      case 'service':
        return [controller.service(topic.service), signalsOf(topic.service)];
      case 'release':
        return [controller.service(topic.service)];
      case 'incidents':
        return [incidents.byId];
      case 'incident':
        return [incidents.find(topic.incident), runbooks.of(topic.incident), notifications.state];
      case 'changed':
        return [this.#changedSeq.get(topic.what)];
    }
  }

  #heard(events: readonly LoggedEvent[]): void {
    if (this.#open.size === 0) return;
    for (const logged of events) {
      const service = serviceOf(logged);
      if (service === null) {
        this.#heardElse(logged);
        continue;
      }
      for (const overview of this.#about.get('overview') ?? []) overview.changed();
      const channels = this.#about.get(`service ${service}`);
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

  /** An event that is of no service. */
  #heardElse(logged: LoggedEvent): void {
    const { stream, seq } = logged;
    // Who has access may have changed, and nobody reads on until the next beat without it. First let it take effect.
    if (stream === accessStream) setImmediate(() => this.#safely(() => this.#endVoid()));
    if (stream === incidentsStream) {
      for (const list of this.#about.get('incidents') ?? []) list.changed();
      for (const channel of this.#about.get(`incident ${(logged.data as { readonly id: string }).id}`) ?? []) {
        if (channel.topic.kind !== 'incident') continue;
        const { topic, language } = channel;
        this.#safely(() => {
          const entry = incidentEntry(logged, topic.service, language);
          this.#lastSeq.set(keyOf(topic), seq);
          this.#tell(channel, entry, entryMessage(entry));
        });
        channel.changed();
      }
    }
    for (const what of changedBy[stream] ?? []) {
      this.#changedSeq.set(what, seq);
      for (const channel of this.#about.get(`changed ${what}`) ?? []) channel.changed();
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
      if (now === null || !isSameSights(reader.topics, principal.grants, now.grants)) reader.end();
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

/** Whether the topic is a list with what its reader may see. */
function isOfAll(topic: Topic): boolean {
  return topic.kind === 'overview' || topic.kind === 'incidents';
}

/** What a topic is about: a release waits, begins and ends with what happens to the others of its service. */
function aboutOf(topic: Topic): string {
  return topic.kind === 'release' ? `service ${topic.service}` : keyOf(topic);
}

function isSame(a: Principal, b: Principal): boolean {
  return a.kind === b.kind && a.credential === b.credential && a.name === b.name;
}

/** Whether the topics show the same with both. */
function isSameSights(topics: readonly Topic[], before: Principal['grants'], now: Principal['grants']): boolean {
  return before === now || topics.every((topic) => isSameSight(topic, before, now));
}
