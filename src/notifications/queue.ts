import type { Message, MessageEvent } from '../notifiers/notifier.ts';
import type { Text } from '../spec/text.ts';
import { bundlesOf, messageId, openPlaces, partsOf } from './keys.ts';
import { itself, type OutboxRecorded, type OutboxState, type QueuedMessage, type Receiver } from './types.ts';

/**
 * Messages that may wait at once. Past the first bound nothing is queued that only changes what is known, past the second nothing begins
 * either; ends are always taken: there are no more of them than beginnings.
 */
export const waitingMax = 10_000;
const beginningsMax = 20_000;

export type Wish = Receiver & {
  readonly message: Message;
  /** Id of the incident it belongs to; null: none. */
  readonly incident: string | null;
};

/**
 * Puts a message for one receiver on record, to be appended together with what it tells of. A key that this receiver has already is not
 * queued again. A change or an end goes to wherever the thread is open at this receiver, also through configurations of before.
 *
 * @throws Nothing: where the outbox is full the message is on record as called off.
 */
export function queueEvents(state: OutboxState, { message, notifier, to, incident }: Wish): readonly OutboxRecorded[] {
  const receiver = { notifier, to };
  const revisions = revisionsOf(state, receiver, message);
  return revisions.flatMap((revision): readonly OutboxRecorded[] => {
    const id = messageId(message.key, receiver, revision);
    if (isKnown(state, receiver, message, revision)) return [];
    const queued: OutboxRecorded = {
      kind: 'message-queued',
      actor: itself,
      data: { id, message, notifier, to, incident, revision },
    };
    return isFull(state, message.event) ? [queued, cancelled(id, full)] : [queued];
  });
}

/** Null: it is not open anywhere yet, so it follows the beginning that waits. */
function revisionsOf(state: OutboxState, receiver: Receiver, { event, thread }: Message): readonly (number | null)[] {
  if (event === 'trigger' || event === 'notice') return [null];
  const places = openPlaces(state, receiver, thread);
  return places.length > 0 ? places.map(({ revision }) => revision) : [null];
}

/** Whether a message has this receiver's word already, or waits for it: through this revision, or before that was settled. */
function isKnown(state: OutboxState, receiver: Receiver, { key }: Message, revision: number | null): boolean {
  const ids = [messageId(key, receiver, revision), messageId(key, receiver, null)];
  const isSame = (one: Pick<QueuedMessage, 'id' | 'message' | 'notifier' | 'to'>): boolean => {
    if (one.message.key !== key || one.notifier !== receiver.notifier || one.to !== receiver.to) return false;
    return revision === null || ids.includes(one.id);
  };
  if (ids.some((id) => state.pending.has(id)) || state.ended.some(isSame)) return true;
  return bundlesOf(state).some(({ members }) => members?.some(isSame));
}

const full: Text = {
  en: `more than ${waitingMax} messages wait to be sent`,
  ru: `отправки ждут больше ${waitingMax} сообщений`,
};

function isFull({ pending }: OutboxState, event: MessageEvent): boolean {
  switch (event) {
    case 'resolve':
      return false;
    case 'trigger':
      return pending.size >= beginningsMax;
    case 'update':
    case 'acknowledge':
    case 'notice':
      return pending.size >= waitingMax;
  }
}

/** What is called off: everything that waits for an incident, or some of it. */
export type Off = {
  readonly incident: string;
  /** Left out: of every kind. Ends are never called off. */
  readonly events?: readonly MessageEvent[];
  /** Left out: at every receiver. */
  readonly isFor?: (receiver: Receiver) => boolean;
  /** Left out: of every thread. */
  readonly isOf?: (message: Message) => boolean;
  readonly why: Text;
};

/**
 * Calls off what waits for an incident: an acknowledgement takes back the pages that nobody has been sent yet, in the same append. What is
 * on its way to a receiver this moment may still arrive, and then its end does too.
 */
export function cancelEvents(state: OutboxState, off: Off): readonly OutboxRecorded[] {
  return [...state.pending.values()]
    .sort((a, b) => a.seq - b.seq)
    .flatMap((carrier) =>
      partsOf(carrier)
        .filter(({ incident, message, notifier, to, calledOff }) => {
          const isWanted = off.events === undefined || off.events.includes(message.event);
          const isFor = (off.isFor?.({ notifier, to }) ?? true) && (off.isOf?.(message) ?? true);
          return incident === off.incident && message.event !== 'resolve' && isWanted && isFor && calledOff === null;
        })
        .map(({ id }) => cancelled(id, off.why, carrier.isSent)),
    );
}

/** Calls off everything that waits for one address, through whatever receiver: nobody is to be told there any more. */
export function cancelFor(state: OutboxState, to: string, why: Text): readonly OutboxRecorded[] {
  return waiting(state)
    .filter((one) => one.to === to && one.calledOff === null)
    .map(({ id, isSent }) => cancelled(id, why, isSent));
}

/** Every message that waits, with those that wait in bundles, the oldest first. */
export function waiting(state: OutboxState): readonly QueuedMessage[] {
  return [...state.pending.values()].sort((a, b) => a.seq - b.seq).flatMap(partsOf);
}

/** The event that calls a message off. `isSent`: it may be under way. */
export function cancelled(id: string, why: Text, isSent = false): OutboxRecorded {
  return { kind: 'message-cancelled', actor: itself, data: { id, why, isSent } };
}
