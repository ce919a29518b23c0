import type { IncidentRecorded } from '../incidents/events.ts';
import { textIn } from '../spec/text.ts';
import { itself, type OutboxRecorded, type OutboxState } from './types.ts';

/**
 * What an incident notes of what has become of a task of its war room. Pure.
 *
 * @param outbox - As it was before the event.
 */
export function roomOutcome(outbox: OutboxState, event: OutboxRecorded): readonly IncidentRecorded[] {
  if (event.kind !== 'message-delivered' && event.kind !== 'message-failed') return [];
  const queued = outbox.pending.get(event.data.id);
  const room = queued?.message.room;
  if (!queued || !room) return [];
  const { notifier } = queued;
  const of = { id: room.incident, number: room.number };
  if (event.kind === 'message-failed') {
    if (event.data.final === null || room.kind !== 'open') return [];
    const said = textIn(event.data.said, queued.message.language);
    return [{ kind: 'incident-room-failed', actor: itself, data: { ...of, notifier, said } }];
  }
  const { channel, name = channel, url = null, shut } = event.data.receipt;
  switch (room.kind) {
    case 'open': {
      if (channel === undefined || name === undefined) return [];
      const data = { ...of, notifier, channel, name, url, said: event.data.receipt.without ?? '' };
      return [{ kind: 'incident-room-opened', actor: itself, data }];
    }
    case 'tell':
      return shut === undefined
        ? []
        : [{ kind: 'incident-room-failed', actor: itself, data: { ...of, notifier, said: event.data.said } }];
    case 'archive':
      return [{ kind: 'incident-room-archived', actor: itself, data: of }];
  }
}
