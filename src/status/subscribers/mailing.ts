import type { Subscriber, SubscribersState } from './types.ts';

/** Something that customers are told by mail, once each: an update of an incident, a step of a maintenance. */
export type Notice = {
  /** Unique for ever. */
  readonly id: string;
  readonly atMs: number;
  readonly components: readonly string[];
};

/** What is older is no news: after a long time without a mail server it would only confuse. */
export const newsMs = 86_400_000;

/** Mails that are queued in one append, and those that wait at once: the outbox is there for those on call, too. */
const batchMax = 50;
export const waitingMailsMax = 200;

/** One notice, and the next of its readers. `after`: number of the last one who was looked at. */
export type Batch<Of extends Notice> = { readonly notice: Of; readonly readers: readonly Subscriber[]; readonly after: number };

/**
 * The next mails: of the oldest notice that somebody still has to be told of. Who has subscribed since is not told of what was before.
 *
 * @param waiting - Mails to subscribers that wait in the outbox.
 * @returns Null: there is nothing to queue, or no room.
 */
export function nextBatch<Of extends Notice>(
  { subscribers, mailings }: SubscribersState,
  notices: readonly Of[],
  waiting: number,
  nowMs: number,
): Batch<Of> | null {
  const room = Math.min(batchMax, waitingMailsMax - waiting);
  if (room <= 0) return null;
  const news = notices.filter(({ atMs }) => atMs > nowMs - newsMs && atMs <= nowMs).toSorted((a, b) => a.atMs - b.atMs);
  for (const notice of news) {
    const after = mailings.get(notice.id)?.after ?? 0;
    const readers = [...subscribers.values()].filter((one) => one.number > after && isFor(one, notice)).slice(0, room);
    const last = readers.at(-1);
    if (last) return { notice, readers, after: last.number };
  }
  return null;
}

function isFor({ confirmed, suspendedAtMs }: Subscriber, { atMs, components }: Notice): boolean {
  if (confirmed === null || suspendedAtMs !== null || confirmed.atMs > atMs) return false;
  return confirmed.components === null || components.some((name) => confirmed.components?.includes(name));
}
