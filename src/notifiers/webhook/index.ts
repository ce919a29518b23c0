import { noticeEvents } from '../../spec/release-notices.ts';
import { isSafeAddress } from '../../spec/safe-address.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import { type Delivery, defineNotifier, type Message, type NotifierTools } from '../notifier.ts';
import { isNotDelivered, post, refusalOf, refused } from '../post.ts';
import { readSecrets, repeatable } from '../secrets.ts';
import { webhookContent } from './event.ts';
import { handshakeRefusal, originOf } from './handshake.ts';
import { WebhookConfig } from './schema.ts';
import { signedHeaders } from './sign.ts';

/** A program of one's own. */
export const webhook = defineNotifier({
  title: { en: 'Webhook', ru: 'Вебхук' },
  schema: WebhookConfig,
  capabilities: {
    updatesInPlace: false,
    buttons: false,
    threads: false,
    deduplicates: true,
    interrupts: false,
    releases: 'events',
    releaseEvents: noticeEvents,
  },
  // Its own program: what it takes is its own affair.
  perMinute: 6_000,
  open(config, tools) {
    // Once it has said yes it is not asked again.
    const state = { isWanted: config.handshake !== true };
    return {
      send: (message, _before, signal) => send(config, tools, state, message, signal),
      async close() {},
    };
  },
});

async function send(
  config: WebhookConfig,
  { secret, consoleUrl }: NotifierTools,
  state: { isWanted: boolean },
  message: Message,
  signal: AbortSignal,
): Promise<Delivery> {
  const named: Record<string, NamedSecret | undefined> = { '': config.secret };
  if (typeof config.url !== 'string') named.url = config.url;
  for (const [name, value] of Object.entries(config.headers)) if (typeof value !== 'string') named[`header ${name}`] = value;
  const found = await readSecrets({ secret }, named);
  if (found.kind !== 'secrets') return found;
  const { values } = found;
  const url = typeof config.url === 'string' ? config.url : (values.url ?? '').trim();
  if (!isSafeAddress(url)) return refused('the address that url names is not one of https, nor of this machine');
  const given = Object.entries(config.headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : (values[`header ${name}`] ?? ''),
  ]);
  const secrets = repeatable(Object.values(values));
  const about = { url, withinMs: config.within, tls: config.tls, secrets };
  const own = Object.fromEntries(given);
  if (!state.isWanted) {
    const origin = originOf(consoleUrl);
    const asked = await post(
      { ...about, method: 'OPTIONS', headers: { ...own, 'webhook-request-origin': origin }, body: '' },
      signal,
    );
    if (isNotDelivered(asked)) return asked;
    const refusal = handshakeRefusal(asked, origin, secrets);
    if (refusal) return refusal;
    state.isWanted = true;
  }
  const { headers, body } = webhookContent(message, config, consoleUrl ?? '/rampart');
  const signed = signedHeaders(message.key, values[''] ?? '', body, Math.floor(Date.now() / 1_000));
  const reply = await post({ ...about, headers: { ...own, ...headers, ...signed }, body }, signal);
  if (isNotDelivered(reply)) return reply;
  return refusalOf(reply, secrets) ?? { kind: 'delivered', receipt: {}, said: `it answers ${reply.status}` };
}
