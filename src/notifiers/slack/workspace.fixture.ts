import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answer, Taken } from '../receiver.fixture.ts';
import { allScopes, Channels, type Reply, scopeOf } from './channels.fixture.ts';

/** What the reference of Block Kit allows. Every text is a plain one: markup in any of them would be a fault. */
const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z
      .string()
      .min(1)
      .max(max)
      .refine((text) => text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(text)),
    emoji: z.literal(false),
  });
const oneLinePlain = (max: number) => plain(max).refine(({ text }) => !text.includes('\n'));
const button = z.strictObject({
  type: z.literal('button'),
  action_id: z.string().min(1).max(255),
  text: oneLinePlain(75),
  value: z.string().max(2_000).optional(),
  url: z
    .string()
    .max(3_000)
    .regex(/^https?:\/\/[^\s"'<>|]+$/)
    .optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: z.strictObject({ title: plain(100), text: plain(300), confirm: plain(30), deny: plain(30) }).optional(),
});
const block = z.union([
  z.strictObject({ type: z.literal('header'), text: oneLinePlain(150) }),
  z.strictObject({ type: z.literal('section'), text: plain(3_000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(plain(2_000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z
      .array(button)
      .min(1)
      .max(25)
      .refine((all) => new Set(all.map((one) => one.action_id)).size === all.length, 'the same action twice'),
  }),
  z.strictObject({ type: z.literal('context'), elements: z.array(oneLinePlain(2_000)).min(1).max(10) }),
]);
/** Slack reads `<…>` and three entities in it; any other is shown as it is written. */
const fallback = z
  .string()
  .min(1)
  .max(40_000)
  .refine((text) => !/[<>\n]/.test(text) && !/&(?!(amp|lt|gt);)/.test(text), 'markup in the text');

const content = { text: fallback, blocks: z.array(block).min(1).max(50) };
const posted = z.strictObject({
  channel: z.string().min(1),
  ...content,
  mrkdwn: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  thread_ts: z.string().optional(),
  reply_broadcast: z.literal(true).optional(),
  metadata: z
    .strictObject({
      event_type: z.string().regex(/^\w+$/),
      event_payload: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    })
    .optional(),
});
/** Seen by one person of a channel, and by nobody else (chat.postEphemeral). */
const whispered = z.strictObject({
  channel: z.string().regex(/^[CGD][A-Z0-9]+$/),
  user: z.string().min(1),
  text: fallback,
  mrkdwn: z.literal(false),
});
const updated = z.strictObject({ channel: z.string().min(1), ts: z.string().min(1), ...content });
const hooked = z.strictObject({ ...content, mrkdwn: z.literal(false) });

/** A message in a channel. */
export type Shown = z.infer<typeof posted> & { readonly ts: string; readonly changes: number; readonly atMs: number };

/** What a method does instead of what it would: an answer, or what it does and an answer that nobody gets. */
export type Fault = Answer | 'lost';

/** Answers as Slack's Web API does, and keeps what was posted and which channels there are. */
export class Workspace {
  readonly shown: Shown[] = [];
  readonly whispers: z.infer<typeof whispered>[] = [];
  readonly channels = new Channels(this.shown);
  readonly token: string;
  /** Those that the bot was given. */
  scopes: readonly string[] = allScopes;
  /** What methods do next, one call after the other, before they do what they should. */
  readonly faults = new Map<string, Fault[]>();
  /** Hears of each call once it is done, before it is answered. */
  done: (method: string) => void = () => {};
  /** Methods as they were called. */
  readonly called: string[] = [];
  constructor(token: string) {
    this.token = token;
  }

  readonly accept = ({ method, url, headers, body }: Taken): Answer => {
    assert.equal(method, 'POST');
    const type = headers['content-type'];
    if (url.startsWith('/services/')) {
      assert.equal(type, 'application/json; charset=utf-8');
      hooked.parse(JSON.parse(body));
      return { status: 200, body: 'ok' };
    }
    if (headers.authorization !== `Bearer ${this.token}`) return says({ ok: false, error: 'invalid_auth' });
    const [, name = ''] = /^\/api\/([a-zA-Z.]+)$/.exec(url) ?? [];
    this.called.push(name);
    const isForm = type === 'application/x-www-form-urlencoded';
    assert(isForm || type === 'application/json; charset=utf-8', String(type));
    const given = isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body);
    const needed = scopeOf(name, given, this.channels);
    if (needed !== null && !this.scopes.includes(needed))
      return says({ ok: false, error: 'missing_scope', needed, provided: this.scopes.join(',') });
    const fault = this.faults.get(name)?.shift();
    if (fault !== undefined && fault !== 'lost') return fault;
    const reply = says(this.#do(name, given, isForm));
    this.done(name);
    return fault === 'lost' ? { status: 503, body: 'upstream' } : reply;
  };

  #do(name: string, given: Readonly<Record<string, unknown>>, isForm: boolean): Reply {
    if (name === 'chat.postMessage') return this.#post(posted.parse(given));
    if (name === 'chat.postEphemeral') return this.#whisper(whispered.parse(given));
    if (name === 'chat.update') return this.#update(updated.parse(given));
    return this.channels.answer(name, given, isForm);
  }

  #update({ channel, ts, text, blocks }: z.infer<typeof updated>): Reply {
    const shut = this.channels.refusal(channel);
    if (shut) return shut;
    const at = this.shown.findIndex((one) => one.channel === channel && one.ts === ts);
    const found = this.shown[at];
    if (!found) return { ok: false, error: 'message_not_found' };
    this.shown[at] = { ...found, text, blocks, changes: found.changes + 1 };
    return { ok: true, channel, ts, text };
  }

  #whisper(message: z.infer<typeof whispered>): Reply {
    const shut = this.channels.refusal(message.channel);
    if (shut) return shut;
    this.whispers.push(message);
    return { ok: true, message_ts: '1502210682.580145' };
  }

  #post(message: z.infer<typeof posted>): Reply {
    const shut = this.channels.refusal(message.channel);
    if (shut) return shut;
    const ts = `1700000000.${String(this.shown.length).padStart(6, '0')}`;
    // It answers with the id of a channel that was named.
    const channel = message.channel.startsWith('#') ? 'C1' : message.channel;
    this.shown.push({ ...message, channel, ts, changes: 0, atMs: Date.now() });
    return { ok: true, channel, ts, message: { text: message.text } };
  }

  /** Texts of what stands in a channel, the oldest first. */
  textsIn(channel: string): readonly string[] {
    return this.shown.filter((one) => one.channel === channel).map(({ blocks }) => JSON.stringify(blocks));
  }
}

export function says(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) };
}
