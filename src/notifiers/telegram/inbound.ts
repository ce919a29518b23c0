import { z } from 'zod';
import { textIn } from '../../spec/text.ts';
import type { Inbound, InboundAnswer } from '../notifier.ts';
import { isSame } from '../signature.ts';
import { cut, oneLine } from '../texts.ts';
import { pressedVerb } from './pressed.ts';

/** A pressed button, as far as it is read. Numbers of people have up to 52 bits. */
const Update = z.object({
  callback_query: z.object({
    id: z.string().min(1).max(100),
    from: z.object({ id: z.int(), language_code: z.string().max(20).optional() }),
    data: z.string().max(64).optional(),
  }),
});

/** Longest answer to a pressed button. */
const saidMax = 200;

/** Reads pressed buttons, once the secret that the webhook was set with has shown that Telegram sent them. */
export function telegramVerbs({ headers, body }: Inbound, secret: string): InboundAnswer {
  if (!isSame(headers['x-telegram-bot-api-secret-token'] ?? '', secret))
    return { kind: 'refused', said: 'the secret token is wrong' };
  const given = Update.safeParse(jsonOf(body.toString('utf8')));
  if (!given.success) return { kind: 'verbs', verbs: [], reply: () => ({ type: 'application/json', body: '{}' }) };
  const { id, from, data } = given.data.callback_query;
  const pressed = pressedVerb(data ?? '');
  const verbs = pressed ? [{ id, ...pressed, code: null, person: String(from.id), text: data ?? '' }] : [];
  const usual = from.language_code?.startsWith('ru') ? 'ru' : 'en';
  return {
    kind: 'verbs',
    verbs,
    // Telegram takes an answer to a webhook as a call: without it the button would go on turning.
    reply([came]) {
      // What was refused has to be read and closed; what is done shows for a moment, and in the message.
      const told = came && {
        text: cut(oneLine(textIn(came.said, came.language ?? usual)), saidMax),
        ...(came.isDone ? {} : { show_alert: true }),
      };
      const body = JSON.stringify({ method: 'answerCallbackQuery', callback_query_id: id, ...told });
      return { type: 'application/json', body };
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
