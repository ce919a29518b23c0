import { emptyOutbox, takeOutbox } from '../../notifications/fold.ts';
import { type OutboxEvent, type OutboxRecorded, type OutboxState, outboxEventKinds } from '../../notifications/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what people and programs are told. */
export const messagesStream = 'messages';

export type MessagesRecorded = RecordedState<OutboxState, OutboxRecorded>;

/** How the outbox is recorded. */
export const outboxRecording: Recording<OutboxState, OutboxRecorded> = {
  stream: messagesStream,
  empty: emptyOutbox,
  take: takeOutbox,
  kinds: Object.keys(outboxEventKinds) as OutboxEvent['kind'][],
  what: 'messages',
  held: 'nobody is told of anything',
};
