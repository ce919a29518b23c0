import assert from 'node:assert/strict';
import { z } from 'zod';

/** The body of an answer. */
export type Reply = Readonly<Record<string, unknown>>;

/** A channel as Slack keeps it. */
export type Kept = {
  readonly id: string;
  readonly name: string;
  readonly creator: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  topic: string;
  purpose: string;
  readonly members: Set<string>;
  readonly pins: Set<string>;
};

/** The bot of the token. */
export const botUser = 'U0BOT';

/** What the bot of a war room is given in the guide. */
export const allScopes = [
  'chat:write',
  'channels:manage',
  'channels:read',
  'channels:history',
  'groups:write',
  'groups:read',
  'groups:history',
  'pins:write',
] as const;

const id = z.string().regex(/^[CG][A-Z0-9]+$/);
const user = /^[UW][A-Z0-9]+$/;
const isTrue = z.literal('true');

/** Every argument that a method may have, as its reference says; forms have texts alone. */
const args = {
  'auth.test': z.strictObject({}),
  'conversations.create': z.strictObject({ name: z.string(), is_private: z.boolean() }),
  'conversations.setTopic': z.strictObject({ channel: id, topic: z.string() }),
  'conversations.setPurpose': z.strictObject({ channel: id, purpose: z.string() }),
  'conversations.invite': z.strictObject({ channel: id, users: z.string(), force: z.boolean() }),
  'conversations.archive': z.strictObject({ channel: id }),
  'conversations.history': z.strictObject({
    channel: id,
    limit: z.string().regex(/^[1-9]\d{0,2}$/),
    include_all_metadata: isTrue,
  }),
  'users.conversations': z.strictObject({
    types: z.enum(['public_channel', 'private_channel']),
    exclude_archived: isTrue,
    limit: z.string().regex(/^[1-9]\d{0,2}$/),
    cursor: z.string().optional(),
  }),
  'pins.add': z.strictObject({ channel: id, timestamp: z.string().regex(/^\d+\.\d+$/) }),
} as const;
type Name = keyof typeof args;
const reading: readonly string[] = ['auth.test', 'conversations.history', 'users.conversations'];

/** The scope that a call needs of a bot; null: none. */
export function scopeOf(name: string, given: Readonly<Record<string, unknown>>, channels: Channels): string | null {
  const isPrivate =
    given.is_private === true || given.types === 'private_channel' || channels.find(String(given.channel))?.isPrivate === true;
  switch (name) {
    case 'auth.test':
      return null;
    case 'pins.add':
      return 'pins:write';
    case 'users.conversations':
      return isPrivate ? 'groups:read' : 'channels:read';
    case 'conversations.history':
      return isPrivate ? 'groups:history' : 'channels:history';
    case 'chat.postMessage':
    case 'chat.postEphemeral':
    case 'chat.update':
      return 'chat:write';
    default:
      return isPrivate ? 'groups:write' : 'channels:manage';
  }
}

type Message = { readonly channel: string; readonly ts: string; readonly text: string; readonly metadata?: unknown };

/** The channels of a workspace, by the methods that make, name, fill and archive them. */
export class Channels {
  readonly all: Kept[] = [];
  /** Ids of people in the workspace. */
  readonly people = new Set(['U024BE7LH', 'U0LEAD', 'U0OTHER']);
  readonly #shown: readonly Message[];
  constructor(shown: readonly Message[]) {
    this.#shown = shown;
  }

  find(channel: string): Kept | undefined {
    return this.all.find((one) => one.id === channel);
  }

  /** A channel that somebody makes by hand, or another app. */
  make(name: string, creator: string, given: Partial<Pick<Kept, 'isPrivate' | 'purpose'>> = {}): Kept {
    const { isPrivate = false, purpose = '' } = given;
    const kept: Kept = {
      ...{ id: `C${(1_000 + this.all.length).toString(36).toUpperCase()}`, name, creator, isPrivate, purpose },
      ...{ isArchived: false, topic: '', members: new Set([creator]), pins: new Set<string>() },
    };
    this.all.push(kept);
    return kept;
  }

  /** What is said to whoever writes to a channel that was archived, or is not theirs; null: it may be written to. */
  refusal(channel: string): Reply | null {
    const kept = this.find(channel);
    if (!kept) return null;
    if (kept.isArchived) return { ok: false, error: 'is_archived' };
    return kept.members.has(botUser) ? null : { ok: false, error: 'not_in_channel' };
  }

  answer(name: string, given: Readonly<Record<string, unknown>>, isForm: boolean): Reply {
    assert(Object.hasOwn(args, name), `there is no method ${name}`);
    assert.equal(isForm, reading.includes(name), `${name} with another type of content`);
    const parsed: Partial<Record<string, string>> & { is_private?: boolean } = args[name as Name].parse(given) as object;
    if (name === 'auth.test')
      return {
        ok: true,
        url: 'https://acme.slack.com/',
        team: 'Acme',
        user: 'rampart',
        team_id: 'T1',
        user_id: botUser,
        bot_id: 'B1',
      };
    if (name === 'conversations.create') return this.#create(parsed.name ?? '', parsed.is_private === true);
    if (name === 'users.conversations') return this.#listed(parsed);
    const kept = this.find(parsed.channel ?? '');
    if (!kept) return { ok: false, error: 'channel_not_found' };
    if (name === 'conversations.archive') return this.#archive(kept);
    if (name === 'conversations.history') return this.#history(kept, Number(parsed.limit));
    const shut = this.refusal(kept.id);
    if (shut) return shut;
    if (name === 'pins.add') return this.#pin(kept, parsed.timestamp ?? '');
    if (name === 'conversations.invite') return this.#invite(kept, (parsed.users ?? '').split(','));
    const what = name === 'conversations.setTopic' ? 'topic' : 'purpose';
    const value = parsed[what] ?? '';
    assert(!/[<>\n]/.test(value) && !/&(?!(amp|lt|gt|quot);)/.test(value), 'markup in a topic or purpose');
    if (value.length > 250) return { ok: false, error: 'too_long' };
    // As Slack gives it back.
    kept[what] = value.replace(/https?:[^\s]+/g, '<$&>');
    return { ok: true, channel: this.#shownAs(kept) };
  }

  #create(name: string, isPrivate: boolean): Reply {
    if (name.length > 80) return { ok: false, error: 'invalid_name_maxlength' };
    if (!/^[a-z0-9_-]+$/.test(name)) return { ok: false, error: 'invalid_name_specials' };
    if (!/[a-z0-9]/.test(name)) return { ok: false, error: 'invalid_name_punctuation' };
    // Also by one that is archived.
    if (this.all.some((one) => one.name === name)) return { ok: false, error: 'name_taken' };
    return { ok: true, channel: this.#shownAs(this.make(name, botUser, { isPrivate })) };
  }

  /** Two on a page: fewer than were asked for may come, and more may follow. */
  #listed({ types, cursor }: Partial<Record<string, string>>): Reply {
    const own = this.all.filter(
      (one) => one.members.has(botUser) && !one.isArchived && one.isPrivate === (types === 'private_channel'),
    );
    const from = cursor === undefined ? 0 : Number(cursor);
    const next = from + 2 < own.length ? String(from + 2) : '';
    const channels = own.slice(from, from + 2).map((one) => this.#shownAs(one));
    return { ok: true, channels, response_metadata: { next_cursor: next } };
  }

  #archive(kept: Kept): Reply {
    if (kept.isArchived) return { ok: false, error: 'already_archived' };
    kept.isArchived = true;
    kept.members.clear();
    return { ok: true };
  }

  #history(kept: Kept, limit: number): Reply {
    if (!kept.members.has(botUser)) return { ok: false, error: kept.isArchived ? 'is_archived' : 'not_in_channel' };
    const messages = this.#shown
      .filter(({ channel }) => channel === kept.id)
      .toReversed()
      .slice(0, limit)
      .map(({ ts, text, metadata }) => ({ type: 'message', user: botUser, bot_id: 'B1', ts, text, metadata }));
    return { ok: true, messages, has_more: false };
  }

  #pin(kept: Kept, ts: string): Reply {
    if (!this.#shown.some((one) => one.channel === kept.id && one.ts === ts)) return { ok: false, error: 'message_not_found' };
    if (kept.pins.has(ts)) return { ok: false, error: 'already_pinned' };
    kept.pins.add(ts);
    return { ok: true };
  }

  /** With `force` those who can be invited are, where there are several. */
  #invite(kept: Kept, users: readonly string[]): Reply {
    assert(users.length > 0 && users.length <= 100 && users.every((one) => user.test(one)), users.join());
    const errorOf = (one: string): string | null => {
      if (one === botUser) return 'cant_invite_self';
      if (kept.members.has(one)) return 'already_in_channel';
      return this.people.has(one) ? null : 'user_not_found';
    };
    const errors = users.flatMap((one) => {
      const error = errorOf(one);
      return error === null ? [] : [{ user: one, ok: false, error }];
    });
    if (errors.length === users.length) return { ok: false, error: errors[0]?.error, errors };
    for (const one of users) if (errorOf(one) === null) kept.members.add(one);
    return { ok: true, channel: this.#shownAs(kept), ...(errors.length > 0 ? { errors } : {}) };
  }

  #shownAs({ id, name, creator, isPrivate, isArchived, topic, purpose, members }: Kept): Reply {
    return {
      ...{ id, name, creator, is_private: isPrivate, is_archived: isArchived, is_member: members.has(botUser) },
      topic: { value: topic, creator: '', last_set: 0 },
      purpose: { value: purpose, creator: '', last_set: 0 },
    };
  }
}
