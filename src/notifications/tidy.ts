import type { Text } from '../spec/text.ts';
import { openPlaces, partsOf, threadKey } from './keys.ts';
import { cancelled } from './queue.ts';
import type { OutboxRecorded, OutboxState, QueuedMessage } from './types.ts';

const ended: Text = { en: 'it ended before anybody was told here', ru: 'закончилось раньше, чем здесь успели сообщить' };
const over: Text = { en: 'it has ended since', ru: 'с тех пор закончилось' };
const newer: Text = { en: 'there is a newer one', ru: 'есть более новое сообщение' };
const unknown: Text = { en: 'nobody was told of its beginning here', ru: 'о начале здесь никому не сообщали' };
const twice: Text = { en: 'its end is being told already', ru: 'о конце уже сообщается' };

/**
 * Calls off what waits and makes no sense any more: what ended before anybody was told, what a newer message says better, the end of what
 * nobody was told of. What is under way is left alone: its outcome decides.
 *
 * @param underWay - Ids of messages that are being sent this moment.
 */
export function tidyEvents(state: OutboxState, underWay: ReadonlySet<string>): readonly OutboxRecorded[] {
  const all = [...state.pending.values()].sort((a, b) => a.seq - b.seq);
  const threads = new Map<string, QueuedMessage[]>();
  const calledOff: OutboxRecorded[] = [];
  for (const [part, carrier] of all.flatMap((one) => partsOf(one).map((part) => [part, one] as const))) {
    if (part.calledOff !== null && !underWay.has(carrier.id)) {
      calledOff.push(cancelled(part.id, part.calledOff));
      continue;
    }
    const key = threadKey(part, part.message.thread);
    const known = threads.get(key);
    if (known) known.push(part);
    else threads.set(key, [part]);
  }
  const sent = new Set(all.filter(({ id }) => underWay.has(id)).flatMap((one) => partsOf(one).map(({ id }) => id)));
  const empty = all.filter(({ id, members }) => members?.length === 0 && !underWay.has(id));
  return [
    ...calledOff,
    ...[...threads.values()].flatMap((parts) =>
      tidyThread(
        state,
        parts.sort((a, b) => a.seq - b.seq),
        sent,
      ),
    ),
    ...empty.map(({ id }) => cancelled(id, over)),
  ];
}

/** @param messages - Of one thread at one receiver, oldest first. */
function tidyThread(
  state: OutboxState,
  messages: readonly QueuedMessage[],
  underWay: ReadonlySet<string>,
): readonly OutboxRecorded[] {
  const lastEnd = messages.findLast(({ message }) => message.event === 'resolve')?.seq ?? 0;
  const left = new Map(messages.map((one) => [one.id, one]));
  const events: OutboxRecorded[] = [];
  const callOff = ({ id }: QueuedMessage, why: Text): void => {
    left.delete(id);
    events.push(cancelled(id, why));
  };
  for (const one of messages) {
    const { event } = one.message;
    if (event === 'resolve' || event === 'notice' || underWay.has(one.id)) continue;
    if (one.seq < lastEnd) callOff(one, event === 'trigger' ? ended : over);
    else if (messages.some((later) => later.seq > one.seq && later.message.event === event)) callOff(one, newer);
  }
  const [first] = messages;
  if (!first) return events;
  let isTold = openPlaces(state, first, first.message.thread).length > 0;
  const ends = new Set<number | null>();
  for (const one of left.values()) {
    switch (one.message.event) {
      case 'trigger':
        isTold = true;
        ends.clear();
        break;
      case 'resolve':
        if (underWay.has(one.id)) ends.add(one.revision);
        else if (!isTold) callOff(one, unknown);
        else if (ends.has(one.revision)) callOff(one, twice);
        else ends.add(one.revision);
        break;
      case 'update':
      case 'acknowledge':
        if (!isTold && !underWay.has(one.id)) callOff(one, unknown);
        break;
      case 'notice':
        break;
    }
  }
  return events;
}
