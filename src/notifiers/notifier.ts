import type { z } from 'zod';
import type { Severity } from '../incidents/types.ts';
import type { NamedSecret } from '../spec/secret.ts';
import type { Text } from '../spec/text.ts';

/**
 * What a message does at its receiver. `trigger` opens (rings, pages), `update` and `acknowledge` change what was opened, `resolve` ends it;
 * `notice` stands by itself and never needs an end (a test, a step of a release, a maintenance).
 */
export type MessageEvent = 'trigger' | 'update' | 'acknowledge' | 'resolve' | 'notice';

/** A verb that a receiver may offer as a button. */
export type MessageAction = {
  /** `acknowledge`, `resolve`, `rollback`: what the API calls it. */
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
  /** Whoever gets it has subscribed, and does not work here: they are told the text alone. Only where `addressed.subscribers` says so. */
  readonly subscription?: Subscription;
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
   */
  readonly send: (message: Message, before: Receipt | null, signal: AbortSignal) => Promise<Delivery>;
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
  /** What they wrote or pressed, on one line. */
  readonly text: string;
};

/** `refused`: the signature is wrong or too old; the sender hears no more than that. `verbs` may be empty: it was something else. */
export type InboundAnswer =
  | {
      readonly kind: 'verbs';
      readonly verbs: readonly InboundVerb[];
      readonly reply: { readonly type: string; readonly body: string };
    }
  | { readonly kind: 'refused'; readonly said: string };

/** What is needed of the machine: secrets are read when they are used, so that a changed one counts. */
export type NotifierTools = {
  /** @throws UserError when it is not there. */
  readonly secret: (reference: NamedSecret) => Promise<string>;
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
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
  readonly capabilities: {
    /** The first message of a thread changes when something changes, instead of another coming after it. */
    readonly updatesInPlace: boolean;
    readonly buttons: boolean;
    /** Later messages stand under the first. */
    readonly threads: boolean;
    /** The receiver itself takes a message with the same key only once. */
    readonly deduplicates: boolean;
    /** A person is interrupted: a phone rings or buzzes. */
    readonly interrupts: boolean;
  };
  /** Most messages in a minute that the receiver takes, by its documentation. */
  readonly perMinute: number;
  /** Where that is for whoever runs the receiver to say: the most that a document may allow. */
  readonly perMinuteMax?: number;
  open(config: z.output<Schema>, tools: NotifierTools): Notifier;
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
