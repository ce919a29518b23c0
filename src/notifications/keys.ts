import type { Message } from '../notifiers/notifier.ts';
import type { OutboxState, Place, QueuedMessage, Receiver } from './types.ts';

/** Parts of a key; none of them has a line end. */
const joined = (...parts: readonly (string | number | null)[]): string => parts.map((part) => part ?? '').join('\n');

/** A message at a receiver. `revision`: where it goes through configurations of before. */
export function messageId(key: string, { notifier, to }: Receiver, revision: number | null): string {
  return `${notifier}${revision === null ? '' : `@${revision}`}${to === null ? '' : ` ${to.replace(/\s+/g, '')}`} ${key}`;
}

/** A thread at a receiver, through one revision of its configuration. */
export function placeKey({ notifier, to }: Receiver, revision: number, thread: string): string {
  return joined(notifier, revision, to, thread);
}

/** A thread at a receiver, through whatever revision. */
export function threadKey({ notifier, to }: Receiver, thread: string): string {
  return joined(notifier, to, thread);
}

/**
 * What shares limits and failures. War rooms are channels of their own, and made by other methods: nobody who is called waits because of
 * them.
 */
export function laneKey(notifier: string, revision: number, message?: Pick<Message, 'room'>): string {
  return message?.room === undefined ? joined(notifier, revision) : joined(notifier, revision, 'rooms');
}

/** Whether something may be open there. */
export function isOpen(place: Place): boolean {
  return place.isOpen || place.unsure > 0;
}

/** Where a thread may be open at a receiver, oldest revision first. */
export function openPlaces(state: OutboxState, receiver: Receiver, thread: string): readonly Place[] {
  let index = indexes.get(state.places);
  if (!index) {
    const open = [...state.places.values()].filter(isOpen).sort((a, b) => a.revision - b.revision);
    index = Map.groupBy(open, (place) => threadKey(place, place.thread));
    indexes.set(state.places, index);
  }
  return index.get(threadKey(receiver, thread)) ?? [];
}

/** Open places by thread: a storm asks for thousands of threads in one turn. */
const indexes = new WeakMap<OutboxState['places'], ReadonlyMap<string, readonly Place[]>>();

/** What begins something takes the configuration in force, what belongs to something the one that it was begun with. */
export function revisionOf(state: OutboxState, queued: QueuedMessage, current: number | null): number | null {
  const { event, thread } = queued.message;
  if (queued.revision !== null) return queued.revision;
  if (event === 'trigger' || event === 'notice') return current;
  return openPlaces(state, queued, thread).at(-1)?.revision ?? current;
}

/** What a message tells: itself, or what is bundled in it. */
export function partsOf(message: QueuedMessage): readonly QueuedMessage[] {
  return message.members ?? [message];
}

/** The bundles that wait. */
export function bundlesOf({ pending, bundles }: OutboxState): readonly QueuedMessage[] {
  return bundles.flatMap((id) => pending.get(id) ?? []);
}
