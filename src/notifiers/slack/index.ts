import { UserError } from '../../errors.ts';
import { noticeEvents } from '../../spec/release-notices.ts';
import { isSafeAddress } from '../../spec/safe-address.ts';
import {
  type Delivery,
  defineNotifier,
  type Message,
  type NotifierCapabilities,
  type NotifierTools,
  type Receipt,
} from '../notifier.ts';
import { isNotDelivered, post, refusalOf, refused } from '../post.ts';
import { readSecrets } from '../secrets.ts';
import { callSlack, type SlackAccess, type SlackPlace } from './api.ts';
import { slackContent, slackReply } from './blocks.ts';
import { slackVerbs } from './inbound.ts';
import { sendToRoom } from './room.ts';
import { SlackConfig, slackChannel } from './schema.ts';
import { whispering } from './whisper.ts';

const capabilities: NotifierCapabilities = {
  updatesInPlace: true,
  buttons: true,
  threads: true,
  deduplicates: false,
  interrupts: false,
  releases: 'thread',
  releaseEvents: noticeEvents,
};

/** A channel, or a person, in Slack. */
export const slack = defineNotifier({
  title: { en: 'Slack', ru: 'Slack' },
  schema: SlackConfig,
  // Those of the Web API.
  capabilities,
  // What a webhook has posted has no id, so it can neither be changed nor answered; and a button needs somebody who hears it.
  capabilitiesOf: (config) => ({
    ...capabilities,
    ...('webhook' in config ? { updatesInPlace: false, threads: false } : {}),
    buttons: config.signingSecret !== undefined,
  }),
  // One a second for each channel; a change of a message (Tier 3) 50 a minute.
  perMinute: 50,
  addressed: {
    to: slackChannel,
    at(config, to) {
      if (!('webhook' in config)) return { ...config, channel: to };
      throw new UserError('E_NOTIFIER_ADDRESS', 'an incoming webhook of Slack goes to one channel alone', {
        where: `to: ${to}`,
        fix: 'give the Notifier a token and a channel instead of a webhook',
      });
    },
  },
  open: (config, tools) => ({
    send: (message, before, signal, isAgain = false) =>
      'webhook' in config
        ? sendToWebhook(config, tools, message, signal)
        : sendByApi(config, tools, message, { before, isAgain }, signal),
    async close() {},
  }),
  roomPolicy(config) {
    if ('webhook' in config || config.warRoom === undefined) return null;
    const { severities, prefix, private: isPrivate, invite, archiveAfter, language } = config.warRoom;
    return { severities, prefix, isPrivate, invite, language, archiveAfterMs: archiveAfter === 'off' ? null : archiveAfter };
  },
  async inbound(config, inbound, tools) {
    if (config.signingSecret === undefined) return { kind: 'refused', said: 'no signing secret is configured' };
    const found = await readSecrets(tools, { signing: config.signingSecret });
    if (found.kind !== 'secrets') return { kind: 'refused', said: found.said };
    return slackVerbs(inbound, found.values.signing, 'webhook' in config ? null : whispering(config, tools));
  },
});

type WebhookConfig = Extract<SlackConfig, { webhook: unknown }>;
type ApiConfig = Exclude<SlackConfig, WebhookConfig>;

async function sendToWebhook(
  { webhook, within, signingSecret }: WebhookConfig,
  tools: NotifierTools,
  message: Message,
  signal: AbortSignal,
): Promise<Delivery> {
  if (message.room) return refused('an incoming webhook makes no channels: give the Notifier a token instead');
  const found = await readSecrets(tools, { webhook });
  if (found.kind !== 'secrets') return found;
  const url = found.values.webhook.trim();
  if (!isSafeAddress(url)) return refused('the address that webhook names is not one of https');
  // Whoever has the path may post.
  const secrets = [url, new URL(url).pathname];
  const body = JSON.stringify(slackContent(message, signingSecret !== undefined));
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const reply = await post({ url, headers, body, withinMs: within, secrets }, signal);
  if (isNotDelivered(reply)) return reply;
  return refusalOf(reply, secrets) ?? { kind: 'delivered', receipt: {}, said: `it answers ${reply.status}` };
}

/**
 * The first message of an incident is posted; what comes later changes it, and is said in the thread under it. The change comes first,
 * because it may be made twice.
 */
async function sendByApi(
  config: ApiConfig,
  tools: NotifierTools,
  message: Message,
  { before, isAgain }: { readonly before: Receipt | null; readonly isAgain: boolean },
  signal: AbortSignal,
): Promise<Delivery> {
  const found = await readSecrets(tools, { token: config.token });
  if (found.kind !== 'secrets') return found;
  const access: SlackAccess = { api: config.api, token: found.values.token, withinMs: config.within };
  const hears = config.signingSecret !== undefined;
  const { room } = message;
  if (room) return await sendToRoom(access, { ...message, room }, before, { isAgain, hears }, signal);
  const call = (method: 'chat.postMessage' | 'chat.update', body: Readonly<Record<string, unknown>>) =>
    callSlack(access, method, body, signal);
  const content = slackContent(message, hears);
  const first = message.event === 'notice' ? null : placeOf(before);
  if (first) {
    const { channel, ts } = first;
    const { text, blocks } = content;
    const changed = await call('chat.update', { channel, ts, text, blocks });
    if (changed.kind === 'place') {
      // Somebody who is to be called is called where everybody in the channel sees it.
      const isLoud = message.event === 'trigger' ? { reply_broadcast: true } : {};
      const replied = await call('chat.postMessage', { channel, thread_ts: ts, ...isLoud, ...quiet, ...slackReply(message) });
      if (replied.kind === 'place') return delivered({ kind: 'place', channel, ts }, 'changed, and said in its thread');
      return replied.kind === 'gone' ? refused('the thread is gone') : replied;
    }
    if (changed.kind !== 'gone') return changed;
  }
  const posted = await call('chat.postMessage', { channel: config.channel, ...quiet, ...content });
  if (posted.kind === 'place') return delivered(posted, 'posted');
  return posted.kind === 'gone' ? refused('the message is gone') : posted;
}

const quiet = { unfurl_links: false, unfurl_media: false };

function delivered({ channel, ts }: SlackPlace, said: string): Delivery {
  return { kind: 'delivered', receipt: { channel, ts }, said: `${said}: ${channel} ${ts}`.slice(0, 300) };
}

function placeOf(before: Receipt | null): { readonly channel: string; readonly ts: string } | null {
  const { channel, ts } = before ?? {};
  return channel === undefined || ts === undefined ? null : { channel, ts };
}
