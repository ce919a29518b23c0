import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answer, Taken } from '../receiver.fixture.ts';

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
/** Slack reads `<…>` and `&` in it. */
const fallback = z
  .string()
  .min(1)
  .max(40_000)
  .refine((text) => !/[<>\n]/.test(text) && !/&(?!(amp|lt|gt|quot);)/.test(text), 'markup in the text');

const content = { text: fallback, blocks: z.array(block).min(1).max(50) };
const posted = z.strictObject({
  channel: z.string().min(1),
  ...content,
  mrkdwn: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  thread_ts: z.string().optional(),
  reply_broadcast: z.literal(true).optional(),
});
const updated = z.strictObject({ channel: z.string().min(1), ts: z.string().min(1), ...content });
const hooked = z.strictObject({ ...content, mrkdwn: z.literal(false) });

/** A message in a channel. */
export type Shown = z.infer<typeof posted> & { readonly ts: string; readonly changes: number };

/** Answers as Slack's Web API does, and keeps what was posted. */
export class Workspace {
  readonly shown: Shown[] = [];
  readonly token: string;
  constructor(token: string) {
    this.token = token;
  }

  readonly accept = ({ method, url, headers, body }: Taken): Answer => {
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    if (url.startsWith('/services/')) {
      hooked.parse(JSON.parse(body));
      return { status: 200, body: 'ok' };
    }
    if (headers.authorization !== `Bearer ${this.token}`) return says({ ok: false, error: 'invalid_auth' });
    if (url === '/api/chat.postMessage') return this.#post(posted.parse(JSON.parse(body)));
    assert.equal(url, '/api/chat.update');
    const { channel, ts, text, blocks } = updated.parse(JSON.parse(body));
    const at = this.shown.findIndex((one) => one.channel === channel && one.ts === ts);
    const found = this.shown[at];
    if (!found) return says({ ok: false, error: 'message_not_found' });
    this.shown[at] = { ...found, text, blocks, changes: found.changes + 1 };
    return says({ ok: true, channel, ts, text });
  };

  #post(message: z.infer<typeof posted>): Answer {
    const ts = `1700000000.${String(this.shown.length).padStart(6, '0')}`;
    // It answers with the id of a channel that was named.
    const channel = message.channel.startsWith('#') ? 'C1' : message.channel;
    this.shown.push({ ...message, channel, ts, changes: 0 });
    return says({ ok: true, channel, ts, message: { text: message.text } });
  }
}

export function says(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) };
}
