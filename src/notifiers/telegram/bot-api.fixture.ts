import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Answer, Taken } from '../receiver.fixture.ts';

const button = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e]+$/),
  callback_data: z.string().refine((data) => Buffer.byteLength(data) >= 1 && Buffer.byteLength(data) <= 64),
});
const content = {
  chat_id: z.union([z.int(), z.string().regex(/^@/)]),
  text: z.string().min(1),
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
};
const keyboard = z.strictObject({ inline_keyboard: z.array(z.array(button).min(1).max(8)).max(100) });
const sent = z.strictObject({
  ...content,
  disable_notification: z.boolean(),
  message_thread_id: z.int().min(1).optional(),
  reply_markup: keyboard.optional(),
  reply_parameters: z.strictObject({ message_id: z.int(), allow_sending_without_reply: z.literal(true) }).optional(),
});
const edited = z.strictObject({ ...content, message_id: z.int(), reply_markup: keyboard });

/** A message in a chat, as people see it. */
export type Shown = z.infer<typeof sent> & { readonly id: number; readonly seen: string };

/** Answers as the Bot API does, and keeps what was written. */
export class BotApi {
  readonly shown: Shown[] = [];
  readonly token: string;
  constructor(token: string) {
    this.token = token;
  }

  readonly accept = ({ method, url, headers, body }: Taken): Answer => {
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/json');
    const called = /^\/bot([^/]+)\/(sendMessage|editMessageText)$/.exec(url) ?? assert.fail(`no such method: ${url}`);
    if (called[1] !== this.token) return says(401, 'Unauthorized');
    if (called[2] === 'sendMessage') {
      const message = sent.parse(JSON.parse(body));
      const id = this.shown.length + 1;
      this.shown.push({ ...message, id, seen: seen(message.text) });
      return yes(id);
    }
    const { message_id, chat_id, text, reply_markup } = edited.parse(JSON.parse(body));
    const at = this.shown.findIndex((one) => one.id === message_id && one.chat_id === chat_id);
    const found = this.shown[at];
    if (!found) return says(400, 'Bad Request: message to edit not found');
    if (found.text === text && JSON.stringify(found.reply_markup) === JSON.stringify(reply_markup))
      return says(
        400,
        'Bad Request: message is not modified: specified new message content and reply markup are exactly the same',
      );
    this.shown[at] = { ...found, text, seen: seen(text), reply_markup };
    return yes(message_id);
  };
}

function yes(message_id: number): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ok: true, result: { message_id } }),
  };
}

export function says(error_code: number, description: string, parameters?: object): Answer {
  const body = JSON.stringify({ ok: false, error_code, description, ...(parameters ? { parameters } : {}) });
  return { status: error_code, headers: { 'content-type': 'application/json' }, body };
}

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' };

/** The text of HTML mode, by its rules: tags that are known, ended, and not within each other; no sign of markup beside them. */
function seen(text: string): string {
  let open = '';
  let plain = '';
  for (const [part, tag] of text.matchAll(/<([^>]*)>|&[^;]*;|[^<&]+|[<&]/g)) {
    if (tag !== undefined) {
      const begun = tag === 'b' ? 'b' : /^a href="https?:\/\/[^"<>\s]+"$/.test(tag) ? 'a' : null;
      if (begun !== null) assert.equal(open, '', `within another: ${part}`);
      else assert.equal(tag, `/${open}`, `can't parse entities: ${part}`);
      open = begun ?? '';
    } else if (part.startsWith('&')) plain += entities[part] ?? assert.fail(`can't parse entities: ${part}`);
    else {
      assert.notEqual(part, '<', "can't parse entities");
      plain += part;
    }
  }
  assert.equal(open, '', "can't find end tag");
  assert(plain.trim() !== '' && plain.length <= 4_096, `${plain.length} signs`);
  assert(plain.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(plain));
  return plain;
}
