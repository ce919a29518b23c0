import type { z } from 'zod';
import type { Severity } from '../incidents/types.ts';
import type { ReleaseNewsKind } from '../release/news.ts';
import type { NoticeEvent } from '../spec/release-notices.ts';
import type { NamedSecret } from '../spec/secret.ts';
import type { Text } from '../spec/text.ts';

/**
 * What a message does at its receiver. `trigger` opens (rings, pages), `update` and `acknowledge` change what was opened, `resolve` ends it;
 * `notice` stands by itself and never needs an end (a test, a step of a release, a maintenance).
 */
export type MessageEvent = 'trigger' | 'update' | 'acknowledge' | 'resolve' | 'notice';

/** The release that a message is about, for programs. People read the same in its texts. */
export type ReleaseAbout = {
  /** Null: it is planned, and has not begun. */
  readonly id: string | null;
  readonly version: string;
  /** The version that it takes the place of; null: there is none. */
  readonly stable: string | null;
  readonly news: ReleaseNewsKind;
  /** From 1; null: it is at none. */
  readonly step: number | null;
  readonly steps: number;
  /** Somebody brings an earlier version back. */
  readonly isRestore: boolean;
};

/** A verb that a receiver may offer as a button. */
export type MessageAction = {
  /** `acknowledge`, `resolve`, `rollback`, `approve`: what the API calls it. */
  readonly verb: string;
  /** In the reader's language. */
  readonly label: string;
  readonly style: 'primary' | 'danger' | 'plain';
};

/**
 * Something that a receiver is to be told. All texts are plain: a notifier escapes them for its own markup, and cuts what is too long
 * before it does.
 */
export type Message = {
  /** The same each time that this message is sent again: idempotency key, part of a Message-Id. At most 200 of `[a-zA-Z0-9._:/@-]`. */
  readonly key: string;
  /** What all messages of one incident share: threads, PagerDuty's dedup key. At most 200 of the same. */
  readonly thread: string;
  /** A number of few digits by which people who type mean this thread: `7` in `7a`. Unique among what is open. Absent: they cannot. */
  readonly code?: string;
  readonly event: MessageEvent;
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  /** Sentences, lines apart by `\n`; may be empty. */
  readonly text: string;
  /** What is known, in order. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly links: readonly { readonly text: string; readonly href: string }[];
  readonly actions: readonly MessageAction[];
  /** What it is about: name of the service, or `rampart`. */
  readonly source: string;
  /** Unix milliseconds of what is told, not of the sending. */
  readonly atMs: number;
  readonly language: 'en' | 'ru';
  /** It is about the war room of an incident, and what is to be done with that. Absent: it is a message to its receiver. */
  readonly room?: RoomTask;
  /** IANA name: whose clocks times are told by. Absent: UTC. */
  readonly timeZone?: string;
  /** Absent: it is about an incident, or about nothing of the kind. Nobody is paged for a release: its severity only says what goes first. */
  readonly release?: ReleaseAbout;
  /** It begins nothing itself, and has beginnings in it: phones ring as for one of them. Absent: its event says whether they do. */
  readonly rings?: true;
  /** Whoever gets it has subscribed, and does not work here: they are told the text alone. Only where `addressed.subscribers` says so. */
  readonly subscription?: Subscription;
};

/**
 * What is done with a war room: a channel that an incident has of its own. `open` makes it, unless it is there, and says in it what the
 * message says; `tell` writes there what is new, and changes what was said first; `archive` ends it. Each may be done twice. The receipt of
 * `open` has `channel` (its id there), `name`, and where they are known `url` and `without` (what of it is not as it should be); that of
 * `tell` has `shut` where nothing can be said there any more.
 */
export type RoomTask = {
  readonly incident: string;
  /** Of how many rooms of this incident it is; see `IncidentRoom`. */
  readonly number: number;
} & (
  | {
      readonly kind: 'open';
      /** Small letters, digits and dashes, at most 60. */
      readonly name: string;
      readonly isPrivate: boolean;
      readonly topic: string;
      /** The same each time: by it a room that was made is known again. */
      readonly purpose: string;
      /** Ids of people at this receiver. */
      readonly invite: readonly string[];
    }
  | {
      readonly kind: 'tell';
      /** How the incident stands, as the message that was said first is to show it. */
      readonly shows: MessageEvent;
      /** What is new, oldest first. */
      readonly lines: readonly string[];
      /** Null: it is as it was. */
      readonly topic: string | null;
      /** Those who come in addition. */
      readonly invite: readonly string[];
    }
  | { readonly kind: 'archive' }
);

/** What a document says of war rooms. */
export type RoomPolicy = {
  readonly severities: readonly Severity[];
  /** Before the id of the incident; with it the name of the room. */
  readonly prefix: string;
  readonly isPrivate: boolean;
  /** Who is asked in: names of `Person` documents, and `on-call` for those whom the first step of the incident's policy calls. */
  readonly invite: readonly string[];
  /** How long after the end of the incident the room is archived; null: never. */
  readonly archiveAfterMs: number | null;
  readonly language: Message['language'];
};

/**
 * What a message to a subscriber has beside its text. `ask`: it asks for this wish to be confirmed; null: it tells what was subscribed to.
 * `unsubscribe`: page that ends it, and that a program may send a POST to (RFC 8058); null: it is put in when the message is sent.
 */
export type Subscription = { readonly ask: string | null; readonly unsubscribe: string | null };

/** What a receiver has said of a message, to be handed in with the next one of its thread: `{ channel, ts }` of Slack. JSON. */
export type Receipt = Readonly<Record<string, string>>;

/**
 * `delivered`: the receiver said yes. `retry`: later, or after `afterMs` where it said when. `refused`: sending it again is no use.
 * `untaken`: it is certain that the receiver has not taken it (it could not be reached, it said no); absent: it may have, and what was
 * opened is ended in any case. `nobody`: there is nobody at this address; the message and its sender are not what was refused.
 */
export type Delivery =
  | { readonly kind: 'delivered'; readonly receipt: Receipt; readonly said: string }
  | { readonly kind: 'retry'; readonly afterMs: number | null; readonly said: string; readonly untaken?: true }
  | { readonly kind: 'refused'; readonly said: string; readonly nobody?: true };

/** A configured receiver. */
export type Notifier = {
  /**
   * Sends one message. Never rejects for what the receiver or the network does: that is a `Delivery`. Ends when `signal` does.
   *
   * @param before - Receipt of the last delivered message of the same thread; null: there was none.
   * @param isAgain - It may have arrived before: an attempt of it was begun. Left out: it was not.
   */
  readonly send: (message: Message, before: Receipt | null, signal: AbortSignal, isAgain?: boolean) => Promise<Delivery>;
  readonly close: () => Promise<void>;
};

/** What came in from a receiver: a pressed button, a reply. */
export type Inbound = {
  readonly method: string;
  /** Path and query as they were asked. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly nowMs: number;
};

/** A verb that somebody has asked for at a receiver. */
export type InboundVerb = {
  /** The same each time that the receiver sends this press or reply again. */
  readonly id: string;
  /** Null: it is named by `code`, and where that is null too, what this person was told last is meant. */
  readonly thread: string | null;
  readonly code: string | null;
  readonly verb: string;
  /** Their id at the receiver, which people's documents map to a name. */
  readonly person: string;
  /** What they wrote or pressed, on one line; of a note all that they wrote. */
  readonly text: string;
  /** The war room that it was written in, by the receiver's id; then that room's incident is meant. Absent: it was somewhere else. */
  readonly room?: string;
};

/** What came of what somebody asked for: it is done, or why not. `language`: what whoever asked reads; null: nobody knows them. */
export type Came = {
  readonly asked: InboundVerb;
  readonly isDone: boolean;
  readonly said: Text;
  readonly language: 'en' | 'ru' | null;
};

/** `refused`: the signature is wrong or too old; the sender hears no more than that. `verbs` may be empty: it was something else. */
export type InboundAnswer =
  | {
      readonly kind: 'verbs';
      readonly verbs: readonly InboundVerb[];
      /** What the receiver is answered once all of them were looked at. Of what was never meant for us nothing came. */
      reply(came: readonly Came[]): { readonly type: string; readonly body: string };
      /**
       * Tells whoever asked what was refused, where the answer cannot; within a bound, and it never rejects. Answers why it could not; null:
       * it is told. Absent: the answer tells, or nothing is told there.
       */
      tell?(refused: Came): Promise<Text | null>;
    }
  | { readonly kind: 'refused'; readonly said: string };

/** What is needed of the machine: secrets are read when they are used, so that a changed one counts. */
export type NotifierTools = {
  /** @throws UserError when it is not there. */
  readonly secret: (reference: NamedSecret) => Promise<string>;
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
};

/** What a receiver can do. */
export type NotifierCapabilities = {
  /** The first message of a thread changes when something changes, instead of another coming after it. */
  readonly updatesInPlace: boolean;
  readonly buttons: boolean;
  /** Later messages stand under the first. */
  readonly threads: boolean;
  /** The receiver itself takes a message with the same key only once. */
  readonly deduplicates: boolean;
  /** A person is interrupted: a phone rings or buzzes. */
  readonly interrupts: boolean;
  /**
   * How releases are told there. `events`: each thing that happens by itself, none left out for a newer one; `thread`: a beginning, what
   * changes, an end.
   */
  readonly releases: 'events' | 'thread';
  /** Of what it is told where nobody says so. */
  readonly releaseEvents: readonly NoticeEvent[];
};

/**
 * One kind of receiver.
 *
 * @experimental
 */
export type NotifierPlugin<Schema extends z.ZodType = z.ZodType> = {
  /** What it is, in a few words. */
  readonly title: Text;
  readonly schema: Schema;
  readonly capabilities: NotifierCapabilities;
  /** Those of one configuration, where they depend on it. Absent: all configurations have the same. */
  capabilitiesOf?(config: z.output<Schema>): NotifierCapabilities;
  /** Most messages in a minute that the receiver takes, by its documentation. */
  readonly perMinute: number;
  /** Where that is for whoever runs the receiver to say: the most that a document may allow. */
  readonly perMinuteMax?: number;
  open(config: z.output<Schema>, tools: NotifierTools): Notifier;
  /** What a configuration says of war rooms; null: nothing, it has none. Absent: there are none at this kind of receiver. */
  roomPolicy?(config: z.output<Schema>): RoomPolicy | null;
  /**
   * The same receiver at another address of it, which a person's contact names: a phone number, a chat. `to` says what such an address
   * looks like. `subscribers`: it may also be that of a stranger who has subscribed. Absent: it has only one.
   */
  readonly addressed?: {
    readonly subscribers?: true;
    readonly to: z.ZodType<string>;
    /** @throws UserError where this configuration has one address alone. */
    at(config: z.output<Schema>, to: string): z.output<Schema>;
  };
  /** Reads what comes in, and rejects for nothing that a sender can do; absent: nothing comes in. */
  inbound?(config: z.output<Schema>, inbound: Inbound, tools: NotifierTools): Promise<InboundAnswer>;
};

/** Ties the configuration of `open` to the schema. */
export function defineNotifier<Schema extends z.ZodType>(plugin: NotifierPlugin<Schema>): NotifierPlugin<Schema> {
  return plugin;
}

/** Whether somebody is called by a message. */
export function isCall({ event, rings }: Pick<Message, 'event' | 'rings'>): boolean {
  return event === 'trigger' || rings === true;
}

/** What a receiver can do as it is configured. */
export function capabilitiesOf(plugin: NotifierPlugin, config: unknown): NotifierCapabilities {
  return plugin.capabilitiesOf?.(config) ?? plugin.capabilities;
}
