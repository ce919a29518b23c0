import type { Message } from '../notifiers/notifier.ts';
import { isOpen, threadKey } from './keys.ts';
import { waiting } from './queue.ts';
import type { OutboxState, Receiver } from './types.ts';

/** A thread at a receiver that has begun it, in what they read there and by whose clocks (null: UTC). */
export type OpenThread = {
  readonly receiver: Receiver;
  readonly thread: string;
  readonly language: Message['language'];
  readonly timeZone: string | null;
};

type About = { readonly thread: string; readonly incident: string | null };

/** Where threads are open, or may be by a message that waits or is under way, as they were told last; by `threadKey`. */
export function openThreads(outbox: OutboxState, isWanted: (about: About) => boolean): ReadonlyMap<string, OpenThread> {
  const all = waiting(outbox);
  const begun = all.filter(({ message }) => message.event === 'trigger');
  const open = [
    ...[...outbox.places.values()].filter(isOpen),
    ...begun.map(({ notifier, to, incident, message: { thread } }) => ({ notifier, to, incident, thread })),
  ].filter(isWanted);
  const found = new Map<string, OpenThread>();
  for (const { notifier, to, thread } of open) {
    const receiver = { notifier, to };
    const key = threadKey(receiver, thread);
    if (found.has(key)) continue;
    const isSame = (one: Receiver & { readonly message: Message }): boolean =>
      one.message.thread === thread && one.notifier === notifier && one.to === to;
    const { language = 'en', timeZone = null } = (all.find(isSame) ?? outbox.ended.find(isSame))?.message ?? {};
    found.set(key, { receiver, thread, language, timeZone });
  }
  return found;
}
