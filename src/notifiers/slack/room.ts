import type { Delivery, Message, Receipt, RoomTask } from '../notifier.ts';
import { type NotDelivered, refused } from '../post.ts';
import { cut, oneLine } from '../texts.ts';
import { askSlack, type SlackAccess, type SlackMethod } from './api.ts';
import { roomContent, roomLines } from './blocks.ts';
import { escapedForSlack, slackSize } from './markup.ts';

/** Longest topic and purpose. */
const topicMax = 250;
/** Names that are tried where somebody else has them already. */
const namesMax = 9;
/** Ids that one invitation takes. */
const invitedMax = 100;
/** Pages of channels that are looked through, and channels of a page. */
const pagesMax = 40;
const pageSize = 200;
/** Messages among which one is looked for that may have been posted. */
const recentMax = 50;
/** What was there already, and what is no reason to do without the room. */
const invitedAlready = /^(already_in_channel|cant_invite_self)$/;
const unfurled = { unfurl_links: false, unfurl_media: false };

type Channel = { readonly id: string; readonly name: string };
type Ask = (method: SlackMethod, body: Readonly<Record<string, unknown>>) => ReturnType<typeof askSlack>;
/** What is not as it should be, and does not keep people from working there. */
type Lacking = string[];

/**
 * Does something with the channel of an incident. Each step may be done twice: a channel that was made is known again by its name, its
 * maker and its purpose, a message by its key.
 *
 * @param hears - Whether what is pressed and written there comes back to us.
 */
export async function sendToRoom(
  access: SlackAccess,
  message: Message & { readonly room: RoomTask },
  before: Receipt | null,
  given: { readonly isAgain: boolean; readonly hears: boolean },
  signal: AbortSignal,
): Promise<Delivery> {
  const ask: Ask = (method, body) => askSlack(access, method, body, signal);
  const { room } = message;
  if (room.kind === 'open') return await open(ask, message, room, given);
  const { channel, ts } = before ?? {};
  if (channel === undefined || ts === undefined)
    return room.kind === 'archive'
      ? { kind: 'delivered', receipt: {}, said: 'there is no channel to archive' }
      : refused('no channel of this incident is known');
  const place = { ...before, channel, ts };
  if (room.kind === 'archive') return await archive(ask, place);
  return await tell(ask, message, room, place, given);
}

async function open(
  ask: Ask,
  message: Message,
  room: RoomTask & { readonly kind: 'open' },
  given: { readonly isAgain: boolean; readonly hears: boolean },
): Promise<Delivery> {
  const who = await ask('auth.test', {});
  if (who.kind !== 'yes') return outcomeOf(who);
  const made = await channelOf(ask, room, String(who.answer.user_id));
  if (made.kind !== 'channel') return made;
  const { id: channel, name } = made.channel;
  const lacking: Lacking = [];
  const topic = await ask('conversations.setTopic', { channel, topic: short(room.topic) });
  if (topic.kind !== 'yes' && !isLacking(topic, 'topic', lacking)) return outcomeOf(topic);
  const invited = await invite(ask, channel, room.invite, lacking);
  if (invited) return invited;
  const posted = await say(ask, channel, message.key, roomContent(message, given.hears), given.isAgain);
  if (posted.kind === 'shut') return refused(`it says ${posted.error}`);
  if (posted.kind !== 'said') return posted;
  const pinned = await ask('pins.add', { channel, timestamp: posted.ts });
  const isPinned = pinned.kind === 'yes' || (pinned.kind === 'no' && pinned.error === 'already_pinned');
  if (!isPinned && !isLacking(pinned, 'pin', lacking)) return outcomeOf(pinned);
  const url = URL.parse(String(who.answer.url));
  const link = url && /^https?:$/.test(url.protocol) ? { url: `${url.origin}/archives/${channel}` } : {};
  const without = lacking.join('; ').slice(0, 250);
  const receipt = { channel, ts: posted.ts, name, ...link, ...(without === '' ? {} : { without }) };
  return { kind: 'delivered', receipt, said: `#${name}${without === '' ? '' : ` (${without})`}` };
}

type Found = { readonly kind: 'channel'; readonly channel: Channel };

/** The channel as it was made, now or by an attempt of which nobody knows how it ended. */
async function channelOf(ask: Ask, room: RoomTask & { readonly kind: 'open' }, self: string): Promise<Found | NotDelivered> {
  const names = Array.from({ length: namesMax }, (_, at) => (at === 0 ? room.name : `${room.name}-${at + 1}`));
  const purpose = short(room.purpose);
  let isSearched = false;
  for (const name of names) {
    const created = await ask('conversations.create', { name, is_private: room.isPrivate });
    if (created.kind === 'no' && created.error === 'name_taken') {
      if (isSearched) continue;
      isSearched = true;
      const own = await ownChannel(ask, room, names, purpose, self);
      if (own === null) continue;
      if (own.kind !== 'channel') return own;
      return await marked(ask, own.channel, purpose);
    }
    if (created.kind !== 'yes') return outcomeOf(created);
    const { channel } = created.answer as { channel?: { id?: unknown; name?: unknown } };
    if (typeof channel?.id !== 'string') return refused('it says ok, but not which channel was made');
    return await marked(ask, { id: channel.id, name: String(channel.name ?? name) }, purpose);
  }
  return refused(`the names ${room.name} to ${names.at(-1)} are taken by other channels`);
}

/** First of all it says whose it is: by that it is known again. */
async function marked(ask: Ask, channel: Channel, purpose: string): Promise<Found | NotDelivered> {
  const set = await ask('conversations.setPurpose', { channel: channel.id, purpose });
  return set.kind === 'yes' ? { kind: 'channel', channel } : outcomeOf(set);
}

type Listed = {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly creator?: unknown;
  readonly is_archived?: unknown;
  readonly purpose?: { readonly value?: unknown };
};

/** Among the channels that we are in: whoever makes one is. Null: it is not there. */
async function ownChannel(
  ask: Ask,
  room: RoomTask & { readonly kind: 'open' },
  names: readonly string[],
  purpose: string,
  self: string,
): Promise<Found | NotDelivered | null> {
  const types = room.isPrivate ? 'private_channel' : 'public_channel';
  let cursor = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const more = cursor === '' ? {} : { cursor };
    const listed = await ask('users.conversations', { types, exclude_archived: true, limit: pageSize, ...more });
    if (listed.kind !== 'yes') return outcomeOf(listed);
    const channels = Array.isArray(listed.answer.channels) ? (listed.answer.channels as readonly Listed[]) : [];
    for (const { id, name, creator, is_archived, purpose: has } of channels) {
      const isOurs = creator === self && is_archived !== true && names.includes(String(name));
      if (!isOurs || typeof id !== 'string') continue;
      const value = String(has?.value ?? '');
      if (value === '' || plainOf(value) === plainOf(purpose)) return { kind: 'channel', channel: { id, name: String(name) } };
    }
    const { next_cursor: next } = (listed.answer.response_metadata ?? {}) as { next_cursor?: unknown };
    if (typeof next !== 'string' || next === '') return null;
    cursor = next;
  }
  return null;
}

async function tell(
  ask: Ask,
  message: Message,
  room: RoomTask & { readonly kind: 'tell' },
  place: { readonly channel: string; readonly ts: string },
  given: { readonly isAgain: boolean; readonly hears: boolean },
): Promise<Delivery> {
  const { channel, ts } = place;
  const lacking: Lacking = [];
  if (room.topic !== null) {
    const topic = await ask('conversations.setTopic', { channel, topic: short(room.topic) });
    const error = shutBy(topic);
    if (error !== null) return shut(place, error);
    if (topic.kind !== 'yes' && !isLacking(topic, 'topic', lacking)) return outcomeOf(topic);
  }
  const { text, blocks } = roomContent({ ...message, event: room.shows }, given.hears);
  const changed = await ask('chat.update', { channel, ts, text, blocks });
  const error = shutBy(changed);
  if (error !== null) return shut(place, error);
  if (changed.kind !== 'yes' && !isLacking(changed, 'first message', lacking)) return outcomeOf(changed);
  const invited = await invite(ask, channel, room.invite, lacking);
  if (invited) return invited;
  if (room.lines.length > 0) {
    const posted = await say(ask, channel, message.key, roomLines(room.lines), given.isAgain);
    if (posted.kind === 'shut') return shut(place, posted.error);
    if (posted.kind !== 'said') return posted;
  }
  const without = lacking.length === 0 ? '' : ` (${lacking.join('; ')})`;
  return { kind: 'delivered', receipt: place, said: `told in ${channel}${without}`.slice(0, 300) };
}

async function archive(ask: Ask, place: { readonly channel: string }): Promise<Delivery> {
  const { channel } = place;
  const archived = await ask('conversations.archive', { channel });
  const isOver = archived.kind === 'no' && /^(already_archived|channel_not_found)$/.test(archived.error);
  if (archived.kind !== 'yes' && !isOver) return outcomeOf(archived);
  return { kind: 'delivered', receipt: { ...place }, said: `archived ${channel}` };
}

/** Asks people in; those who are there already are there. Null: that is done, as far as it can be. */
async function invite(ask: Ask, channel: string, people: readonly string[], lacking: Lacking): Promise<NotDelivered | null> {
  const ids = [...new Set(people)].filter((id) => /^[UW][A-Z0-9]{1,40}$/.test(id)).slice(0, invitedMax);
  if (ids.length === 0) return null;
  // One whom it does not know keeps nobody else out.
  const asked = await ask('conversations.invite', { channel, users: ids.join(','), force: true });
  if (asked.kind === 'yes' || (asked.kind === 'no' && invitedAlready.test(asked.error))) return null;
  return isLacking(asked, 'invitation', lacking) ? null : outcomeOf(asked);
}

type Posted = { readonly kind: 'said'; readonly ts: string } | { readonly kind: 'shut'; readonly error: string };

/** Posts, unless it was posted by an attempt of which nobody knows how it ended. */
async function say(
  ask: Ask,
  channel: string,
  key: string,
  content: Readonly<Record<string, unknown>>,
  isAgain: boolean,
): Promise<Posted | NotDelivered> {
  if (isAgain) {
    const recent = await ask('conversations.history', { channel, limit: recentMax, include_all_metadata: true });
    const error = shutBy(recent);
    if (error !== null) return { kind: 'shut', error };
    const found = recent.kind === 'yes' ? messageWith(recent.answer.messages, key) : null;
    if (found !== null) return { kind: 'said', ts: found };
    // Without the scope for it: rather twice than not at all.
    if (recent.kind !== 'yes' && (recent.kind !== 'no' || recent.outcome.kind === 'retry')) return outcomeOf(recent);
  }
  const metadata = { event_type: 'rampart_message', event_payload: { key } };
  const posted = await ask('chat.postMessage', { channel, ...unfurled, ...content, metadata });
  const error = shutBy(posted);
  if (error !== null) return { kind: 'shut', error };
  if (posted.kind !== 'yes') return outcomeOf(posted);
  return { kind: 'said', ts: String(posted.answer.ts) };
}

function messageWith(messages: unknown, key: string): string | null {
  for (const one of Array.isArray(messages) ? messages : []) {
    const { ts, metadata } = (one ?? {}) as { ts?: unknown; metadata?: { event_payload?: { key?: unknown } } };
    if (typeof ts === 'string' && metadata?.event_payload?.key === key) return ts;
  }
  return null;
}

type Asked = Awaited<ReturnType<typeof askSlack>>;

function outcomeOf(asked: Asked): NotDelivered {
  if (asked.kind === 'no') return asked.outcome;
  if (asked.kind === 'yes') return refused('it says ok to what was not asked');
  return asked;
}

/** A no for good to something that people can do without: it is said, and the rest is done. */
function isLacking(asked: Asked, what: string, lacking: Lacking): boolean {
  if (asked.kind !== 'no' || asked.outcome.kind !== 'refused') return false;
  lacking.push(`without ${what}: ${asked.outcome.said}`);
  return true;
}

/** The error that says that somebody has archived or deleted the channel; null: it does not. */
function shutBy(asked: Asked): string | null {
  return asked.kind === 'no' && /^(is_archived|channel_not_found)$/.test(asked.error) ? asked.error : null;
}

/** It is not written to any more; nothing would come of telling it again. */
function shut(place: Receipt, error: string): Delivery {
  return { kind: 'delivered', receipt: { ...place, shut: error }, said: `nothing can be said there any more: it says ${error}` };
}

/** As Slack takes it: one line, no mention and no link in it, and not too long when it counts the entities. */
function short(text: string): string {
  return escapedForSlack(cut(oneLine(text), topicMax, slackSize));
}

/** Slack writes addresses as links, and signs as entities, in what it was given. */
function plainOf(text: string): string {
  return text
    .replace(/<(https?:[^>|]*)(?:\|[^>]*)?>/g, '$1')
    .replace(/&(amp|lt|gt|quot);/g, (entity, name: string) => signs[name] ?? entity);
}

const signs: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
