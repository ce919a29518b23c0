import { importantNotices } from '../../spec/release-notices.ts';
import type { Reply } from '../../system/http-exchange.ts';
import { type Delivery, defineNotifier } from '../notifier.ts';
import { isNotDelivered, objectOf, post, refusalOf, refused, retry, said } from '../post.ts';
import { readSecrets } from '../secrets.ts';
import { smsVerbs } from './inbound.ts';
import { phoneNumber, SmsConfig } from './schema.ts';
import { smsText } from './text.ts';

/** A phone, by text messages. */
export const sms = defineNotifier({
  title: { en: 'SMS (Twilio)', ru: 'SMS (Twilio)' },
  schema: SmsConfig,
  capabilities: {
    updatesInPlace: false,
    buttons: false,
    threads: false,
    deduplicates: false,
    interrupts: true,
    releases: 'thread',
    releaseEvents: importantNotices,
  },
  // A number sends one part a second; more is queued there.
  perMinute: 30,
  addressed: { to: phoneNumber, at: (config, to) => ({ ...config, to }) },
  open: (config, tools) => ({
    async send(message, _before, signal) {
      const found = await readSecrets(tools, { authToken: config.authToken });
      if (found.kind !== 'secrets') return found;
      const { authToken } = found.values;
      const { api, accountSid, from, to, segments, publicUrl, statusCallback, within } = config;
      const form = new URLSearchParams({
        To: to,
        ...(from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }),
        Body: smsText(message, segments, publicUrl !== undefined),
        ...(statusCallback === undefined ? {} : { StatusCallback: statusCallback }),
      });
      const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
      const secrets = [authToken, basic];
      const reply = await post(
        {
          url: `${api}/2010-04-01/Accounts/${accountSid}/Messages.json`,
          headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
          body: form.toString(),
          withinMs: within,
          secrets,
        },
        signal,
      );
      return isNotDelivered(reply) ? reply : deliveryOf(reply, secrets);
    },
    async close() {},
  }),
  async inbound(config, inbound, tools) {
    const { publicUrl } = config;
    if (publicUrl === undefined) return { kind: 'refused', said: 'no publicUrl is configured' };
    const found = await readSecrets(tools, { authToken: config.authToken });
    if (found.kind !== 'secrets') return { kind: 'refused', said: found.said };
    return smsVerbs({ ...config, publicUrl }, inbound, found.values.authToken);
  },
});

/** Too many at once, too many sent, a queue that is full: the number is right, the moment is not. */
const passing = new Set([14_107, 20_429, 21_611, 30_001]);

function deliveryOf(reply: Reply, secrets: readonly string[]): Delivery {
  const refusal = refusalOf(reply, secrets);
  const answer = objectOf(reply);
  if (refusal) {
    if (typeof answer?.code !== 'number') return refusal;
    const text = said(`it says ${answer.code}: ${String(answer.message ?? '')}`, secrets);
    if (refusal.kind === 'retry') return { ...refusal, said: text };
    return passing.has(answer.code) ? retry(text) : refused(text);
  }
  const { sid, status } = answer ?? {};
  if (typeof sid !== 'string') return retry(said(`it answers ${reply.status}, but not as Twilio does: ${reply.body}`, secrets));
  if (status === 'failed' || status === 'undelivered')
    return refused(
      said(`it says ${status}: ${String(answer?.error_code ?? '')} ${String(answer?.error_message ?? '')}`, secrets),
    );
  return { kind: 'delivered', receipt: { sid }, said: said(`it says ${String(status)}: ${sid}`, secrets) };
}
