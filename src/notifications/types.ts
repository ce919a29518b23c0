import type { Message, Receipt } from '../notifiers/notifier.ts';
import type { Text } from '../spec/text.ts';
import type { Buckets } from './buckets.ts';

/** Whom a message is for: a Notifier document and, where a person's contact names one, an address at it (a number, a chat). */
export type Receiver = { readonly notifier: string; readonly to: string | null };

/** A message to one receiver that is neither delivered nor given up. Times are unix milliseconds. */
export type QueuedMessage = Receiver & {
  /** Unique in the outbox: the message's key at this receiver. */
  readonly id: string;
  /** Rises with each message: within a thread they are told in this order. */
  readonly seq: number;
  readonly message: Message;
  /** Null: it belongs to none. */
  readonly incident: string | null;
  /** Revision of the notifier's configuration that it has to go through; null: see `revisionOf`. */
  readonly revision: number | null;
  readonly queuedAtMs: number;
  /** How often it was sent. Each was on record before it was done. */
  readonly attempts: number;
  /** Of the attempts those that were answered with a no, or not at all; not those that a controller has ended in. */
  readonly failures: number;
  readonly lastAttemptMs: number | null;
  /** Revision of the last attempt; null: there was none. */
  readonly triedRevision: number | null;
  /** An attempt is on record and its outcome is not: it is under way, or a controller has ended in it. */
  readonly isSent: boolean;
  /** Not to be sent again before. */
  readonly dueMs: number;
  /** What came of the last attempt; null: nothing has yet. */
  readonly said: string | null;
  /** It was called off while it was sent, and why: it is not sent again. Null: it was not. */
  readonly calledOff: Text | null;
  /** What it tells in one, where it is a bundle of messages that had to wait: they are not told by themselves any more. Null: it is none. */
  readonly members: readonly QueuedMessage[] | null;
};

/**
 * A thread at a receiver, through one revision of its configuration. It is kept while something may be open there, and for a while for
 * its receipt.
 */
export type Place = Receiver & {
  readonly revision: number;
  readonly thread: string;
  readonly incident: string | null;
  /** A trigger was delivered, and no resolve has been since. */
  readonly isOpen: boolean;
  /** Attempts of triggers of which nobody knows whether they have arrived. */
  readonly unsure: number;
  /** What the receiver said of the last delivered message. */
  readonly receipt: Receipt | null;
  readonly atMs: number;
};

/** How a receiver takes messages, through one revision of its configuration. */
export type Lane = {
  /** When messages were sent last, oldest first. */
  readonly sentAtMs: readonly number[];
  /** Since one was taken. */
  readonly failures: number;
  /** Nothing is sent before. */
  readonly pausedUntilMs: number;
  /** What it said last; null: it takes messages. */
  readonly problem: string | null;
};

export type EndState = 'delivered' | 'refused' | 'given-up' | 'cancelled';

/** A message that is over. `bundle`: id of the message that has told of it; null: it was sent by itself, or not at all. */
export type EndedMessage = Pick<
  QueuedMessage,
  'id' | 'seq' | 'message' | 'notifier' | 'to' | 'incident' | 'queuedAtMs' | 'attempts'
> & {
  readonly state: EndState;
  readonly endedAtMs: number;
  readonly said: Text;
  readonly bundle: string | null;
  /** It was refused because there is nobody at this address. */
  readonly isNobody?: true;
};

/** A receiver that was told of something and cannot be told of its end: somebody has to end it there by hand. */
export type HandOver = Receiver & {
  readonly revision: number;
  readonly thread: string;
  readonly incident: string | null;
  readonly title: string;
  readonly atMs: number;
  readonly why: Text;
};

/** Fold of the stream `messages`. */
export type OutboxState = {
  /** Of the last message that was queued. */
  readonly seq: number;
  /** By id. */
  readonly pending: Buckets<QueuedMessage>;
  /** Ids of those of them that are bundles. */
  readonly bundles: readonly string[];
  readonly places: ReadonlyMap<string, Place>;
  readonly lanes: ReadonlyMap<string, Lane>;
  /** The last ones, newest first; the log has all. */
  readonly ended: readonly EndedMessage[];
  /** The last ones, newest first. */
  readonly handedOver: readonly HandOver[];
};

/** What the stream `messages` records. */
export type OutboxEvent =
  | {
      readonly kind: 'message-queued';
      readonly data: Receiver & {
        readonly id: string;
        readonly message: Message;
        readonly incident: string | null;
        readonly revision: number | null;
      };
    }
  /** What had to wait becomes one message. `ids`: what it tells. */
  | {
      readonly kind: 'messages-bundled';
      readonly data: Receiver & {
        readonly id: string;
        readonly message: Message;
        readonly revision: number;
        readonly ids: readonly string[];
      };
    }
  /** It is sent now. On record before it is done, so that a controller that ends in it leaves no doubt that it may have been. */
  | { readonly kind: 'message-attempted'; readonly data: { readonly id: string; readonly revision: number } }
  | {
      readonly kind: 'message-delivered';
      readonly data: { readonly id: string; readonly said: string; readonly receipt: Receipt };
    }
  /**
   * `final`: it is not sent again, and why; null: it is, at `nextMs`. `untaken`, `nobody`: see `Delivery`. `pauseUntilMs`: nothing is sent to this
   * receiver before. `seed`: what the wait was drawn with.
   */
  | {
      readonly kind: 'message-failed';
      readonly data: {
        readonly id: string;
        readonly said: Text;
        readonly untaken: boolean;
        readonly nobody?: true;
        readonly final: 'refused' | 'given-up' | null;
        readonly nextMs: number;
        readonly pauseUntilMs: number;
        readonly seed: number;
      };
    }
  /** `isSent`: it may be under way this moment; then its outcome counts, and what belongs to it waits for that. */
  | { readonly kind: 'message-cancelled'; readonly data: { readonly id: string; readonly why: Text; readonly isSent: boolean } };

/** An event with whose it is, as it is asked for. */
export type OutboxRecorded = OutboxEvent & { readonly actor: string };
/** The same as the log holds it. */
export type OutboxRecord = OutboxRecorded & { readonly at: number };

/** Who acts where nobody has asked. */
export const itself = 'notifications';

/** Every kind of event of the stream. */
export const outboxEventKinds: Readonly<Record<OutboxEvent['kind'], true>> = {
  'message-queued': true,
  'messages-bundled': true,
  'message-attempted': true,
  'message-delivered': true,
  'message-failed': true,
  'message-cancelled': true,
};
