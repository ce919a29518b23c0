import { importantNotices } from '../../spec/release-notices.ts';
import { type Delivery, defineNotifier, isCall, type Message, type NotifierTools, type Receipt } from '../notifier.ts';
import { refused } from '../post.ts';
import { readSecrets } from '../secrets.ts';
import { callTelegram, type TelegramCall } from './api.ts';
import { telegramContent, telegramReply } from './content.ts';
import { telegramVerbs } from './inbound.ts';
import { TelegramConfig, telegramChat } from './schema.ts';

/** A chat in Telegram. */
export const telegram = defineNotifier({
  title: { en: 'Telegram', ru: 'Telegram' },
  schema: TelegramConfig,
  capabilities: {
    updatesInPlace: true,
    buttons: true,
    threads: true,
    deduplicates: false,
    interrupts: true,
    releases: 'thread',
    releaseEvents: importantNotices,
  },
  // To one group; to one person it is 60.
  perMinute: 20,
  // A topic is one of its chat alone.
  addressed: { to: telegramChat, at: ({ topic: _, ...config }, chat) => ({ ...config, chat }) },
  open: (config, tools) => ({
    send: (message, before, signal) => send(config, tools, message, before, signal),
    async close() {},
  }),
  async inbound({ webhookSecret }, inbound, tools) {
    if (webhookSecret === undefined) return { kind: 'refused', said: 'no secret of the webhook is configured' };
    const found = await readSecrets(tools, { webhook: webhookSecret });
    return found.kind === 'secrets' ? telegramVerbs(inbound, found.values.webhook) : { kind: 'refused', said: found.said };
  },
});

/**
 * The first message of an incident is sent; what comes later changes it. A change makes no sound, so an end, and a call for people, is also
 * said as an answer to it; the change comes first, because it may be made twice.
 */
async function send(
  config: TelegramConfig,
  tools: NotifierTools,
  message: Message,
  before: Receipt | null,
  signal: AbortSignal,
): Promise<Delivery> {
  const found = await readSecrets(tools, { token: config.token });
  if (found.kind !== 'secrets') return found;
  const token = found.values.token.trim();
  if (!/^[A-Za-z0-9:_-]+$/.test(token)) return refused('the token is not one of a bot');
  const call = (method: TelegramCall['method'], body: object) =>
    callTelegram({ api: config.api, token, method, body, withinMs: config.within }, signal);
  const { event } = message;
  const content = telegramContent(message, config.webhookSecret !== undefined);
  const first = event === 'notice' ? null : placeOf(before);
  if (first) {
    const changed = await call('editMessageText', { chat_id: chatId(first.chat), message_id: Number(first.message), ...content });
    if (changed.kind === 'sent') {
      if (event !== 'trigger' && event !== 'resolve') return delivered(first.chat, first.message, 'changed');
      const { reply_markup: _, ...reply } = telegramReply(message);
      const replied = await call('sendMessage', {
        chat_id: chatId(first.chat),
        ...topicOf(config),
        ...reply,
        disable_notification: event === 'resolve',
        reply_parameters: { message_id: Number(first.message), allow_sending_without_reply: true },
      });
      if (replied.kind === 'sent') return delivered(first.chat, first.message, 'changed, and answered');
      return replied.kind === 'gone' || replied.kind === 'moved' ? refused(`the message is ${replied.kind}`) : replied;
    }
    // In a group that has moved, messages have other numbers.
    if (changed.kind !== 'gone' && changed.kind !== 'moved') return changed;
  }
  const post = (chat: string) =>
    call('sendMessage', { chat_id: chatId(chat), ...topicOf(config), ...content, disable_notification: !isCall(message) });
  const sent = await post(config.chat);
  if (sent.kind === 'sent') return delivered(config.chat, sent.message, 'sent');
  if (sent.kind !== 'moved') return sent.kind === 'gone' ? refused('the message is gone') : sent;
  // Nobody should miss a call because of that.
  const again = await post(sent.chat);
  if (again.kind === 'sent')
    return delivered(sent.chat, again.message, `sent to ${sent.chat}, which is the number of the chat now`);
  return again.kind === 'retry' ? again : refused(`the number of the chat is ${sent.chat} now, and it does not take messages`);
}

function topicOf({ topic }: TelegramConfig): { readonly message_thread_id?: number } {
  return topic === undefined ? {} : { message_thread_id: topic };
}

function chatId(chat: string): number | string {
  return chat.startsWith('@') ? chat : Number(chat);
}

function delivered(chat: string, message: string, said: string): Delivery {
  return { kind: 'delivered', receipt: { chat, message }, said: `${said}: ${message}` };
}

function placeOf(before: Receipt | null): { readonly chat: string; readonly message: string } | null {
  const { chat, message } = before ?? {};
  return chat !== undefined && message !== undefined && /^\d+$/.test(message) && telegramChat.safeParse(chat).success
    ? { chat, message }
    : null;
}
