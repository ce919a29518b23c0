import { languageOf, type Reachable, receiversOf } from '../incidents/escalation.ts';
import type { Message, MessageEvent, NotifierCapabilities } from '../notifiers/notifier.ts';
import type { ReleaseNewsKind } from '../release/news.ts';
import { importantNotices, isOfService, noticeEvents, type ReleaseNotice, type ServicesNotice } from '../spec/release-notices.ts';
import { threadKey } from './keys.ts';
import { type OpenThread, openThreads } from './open-threads.ts';
import { Outgoing } from './outgoing.ts';
import { waiting } from './queue.ts';
import { eventOf, isUrgent, noticeSeverity, releaseMessage } from './release-message.ts';
import {
  catchUpAtMs,
  isTooMuch,
  type NewsEntry,
  type NoticesRecorded,
  type NoticesState,
  takeNotices,
} from './release-notices.ts';
import { releaseThread } from './threads.ts';
import { itself, type OutboxRecorded, type OutboxState, type Receiver } from './types.ts';

/** Older than this it is no news: nobody wants to hear of it after so long. */
const newsMaxMs = 86_400_000;

/** How a receiver is told of releases; null: there is none by this name. */
export type ReleaseFormOf = (notifier: string) => Pick<NotifierCapabilities, 'releases' | 'releaseEvents'> | null;

/** What it follows from who is told, beside the news. */
export type ReleaseTelling = Reachable & {
  /** Those of the setup. */
  readonly notices: readonly ServicesNotice[];
  /** Those of the document that a release was asked for with. */
  readonly ownNotices: (release: string) => readonly ReleaseNotice[];
  readonly formOf: ReleaseFormOf;
  readonly consoleUrl: string | null;
};

/** What comes on record of both streams, in one append. */
export type ToldReleases = {
  readonly notices: readonly NoticesRecorded[];
  readonly messages: readonly OutboxRecorded[];
  /** When there is something to tell by time alone; infinity: never. */
  readonly nextMs: number;
};

/**
 * Tells those who want to hear of it what has happened to releases, each once: what is on record as told is not told again. Changes between
 * held and not that come too fast are told together. Pure.
 *
 * @param entries - In the order of the log.
 */
export function tellReleases(
  before: NoticesState,
  outbox: OutboxState,
  entries: readonly NewsEntry[],
  telling: ReleaseTelling,
  nowMs: number,
): ToldReleases {
  const notices: NoticesRecorded[] = [];
  const outgoing = new Outgoing(outbox, nowMs);
  let state = before;
  const note = (event: NoticesRecorded): void => {
    state = takeNotices(state, { ...event, at: nowMs });
    notices.push(event);
  };
  const tell = (entry: NewsEntry, untold: number): boolean => {
    const wishes = wishesOf(entry, outgoing.outbox, telling, nowMs);
    for (const { receiver, event, language } of wishes) {
      const { consoleUrl } = telling;
      const message = releaseMessage(entry.service, entry.news, {
        event,
        about: untold === 0 ? `${entry.seq}/${entry.news.kind}` : `${entry.seq}/${entry.news.kind}/${untold}`,
        language,
        consoleUrl,
        atMs: entry.atMs,
        untold,
      });
      outgoing.queue({ message, ...receiver, incident: null });
    }
    return wishes.length > 0;
  };
  for (const entry of entries) {
    const { seq, news } = entry;
    if (seq <= before.seq || nowMs - entry.atMs > newsMaxMs) continue;
    if (isTooMuch(state, news, nowMs)) {
      note({ kind: 'release-untold', actor: itself, data: entry });
      continue;
    }
    const untold = state.flapping.get(news.release)?.untold ?? 0;
    const isTold = tell(entry, untold);
    // What waits to be told together is past then, whoever wants to hear of what came after it.
    if (isTold || untold > 0)
      note({ kind: 'release-told', actor: itself, data: { seq, release: news.release, news: news.kind } });
  }
  let nextMs = Number.POSITIVE_INFINITY;
  for (const [release, flapping] of state.flapping) {
    const { last, untold } = flapping;
    const dueMs = catchUpAtMs(flapping);
    if (last === null || dueMs > nowMs) {
      nextMs = Math.min(nextMs, dueMs);
      continue;
    }
    tell(last, untold);
    note({ kind: 'release-caught-up', actor: itself, data: { release } });
  }
  return { notices, messages: outgoing.events, nextMs };
}

/** Whom a note of the timeline of a planned release is for, where it names nobody. */
export function plannedReaders(
  service: string,
  own: readonly ReleaseNotice[],
  telling: Omit<ReleaseTelling, 'ownNotices'>,
  nowMs: number,
): readonly Reader[] {
  const all = readersOf(service, 'planned', own, telling, nowMs);
  return all.filter(({ isWanted }) => isWanted);
}

export type Reader = { readonly receiver: Receiver; readonly person: string | null; readonly language: Message['language'] };

type Wish = { readonly receiver: Receiver; readonly event: MessageEvent; readonly language: Message['language'] };

function wishesOf({ service, news }: NewsEntry, box: OutboxState, telling: ReleaseTelling, nowMs: number): readonly Wish[] {
  const thread = releaseThread(news.release);
  const open = openAt(box, thread);
  const own = telling.ownNotices(news.release);
  const wanted = new Map<string, Wish>();
  for (const { receiver, language, isWanted } of readersOf(service, news.kind, own, telling, nowMs)) {
    const key = threadKey(receiver, thread);
    if (!isWanted || wanted.has(key)) continue;
    const isThread = (telling.formOf(receiver.notifier)?.releases ?? 'thread') === 'thread';
    const event = isThread ? eventIn(news, open.has(key)) : 'notice';
    wanted.set(key, { receiver, event, language: open.get(key)?.language ?? language });
  }
  // Whoever was told of something hears of its end, and of what they do not have to do any more.
  if (news.end || news.wasHeld)
    for (const [key, { receiver, language }] of open)
      if (!wanted.has(key)) wanted.set(key, { receiver, event: eventIn(news, true), language });
  return [...wanted.values()];
}

function eventIn({ kind, end }: NewsEntry['news'], isOpenThere: boolean): MessageEvent {
  if (end) return isOpenThere ? 'resolve' : 'notice';
  return !isOpenThere || isUrgent(kind) ? 'trigger' : 'update';
}

function readersOf(
  service: string,
  kind: ReleaseNewsKind,
  own: readonly ReleaseNotice[],
  { notices, people, schedules, formOf }: Omit<ReleaseTelling, 'ownNotices'>,
  nowMs: number,
): readonly (Reader & { readonly isWanted: boolean })[] {
  const all = [...notices.filter((one) => isOfService(one, service)), ...own];
  return all.flatMap(({ to, events, language }) =>
    receiversOf([to], { people, schedules }, nowMs, noticeSeverity(kind)).map(({ person, notifier, to: address }) => {
      const usual = person === null ? (formOf(notifier)?.releaseEvents ?? noticeEvents) : importantNotices;
      return {
        receiver: { notifier, to: address },
        person,
        language: language ?? languageOf(person, { people }),
        isWanted: (events ?? usual).includes(eventOf[kind]),
      };
    }),
  );
}

/** Receivers that show a release as under way, or will by a message that is queued. */
function openAt(box: OutboxState, thread: string): ReadonlyMap<string, OpenThread> {
  const found = new Map(openThreads(box, (one) => one.thread === thread));
  // An end that is queued closes what is open.
  for (const { notifier, to, message } of waiting(box))
    if (message.thread === thread && message.event === 'resolve') found.delete(threadKey({ notifier, to }, thread));
  return found;
}
