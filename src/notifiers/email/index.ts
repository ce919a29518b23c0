import { noticeEvents } from '../../spec/release-notices.ts';
import { defineNotifier } from '../notifier.ts';
import { readSecrets } from '../secrets.ts';
import { mailOf } from './mail.ts';
import { EmailConfig, mailAddress } from './schema.ts';
import { sendMail } from './smtp.ts';

/** E-mail over SMTP. */
export const email = defineNotifier({
  title: { en: 'E-mail (SMTP)', ru: 'Электронная почта (SMTP)' },
  schema: EmailConfig,
  capabilities: {
    updatesInPlace: false,
    buttons: false,
    threads: true,
    deduplicates: false,
    interrupts: false,
    releases: 'thread',
    releaseEvents: noticeEvents.filter((event) => event !== 'step'),
  },
  // Servers differ; the usual ones take one a second from one sender without a word.
  perMinute: 60,
  perMinuteMax: 6_000,
  addressed: { subscribers: true, to: mailAddress, at: (config, to) => ({ ...config, to }) },
  open: (config, tools) => ({
    async send(message, _before, signal) {
      const found = await readSecrets(tools, { password: config.auth?.password });
      if (found.kind !== 'secrets') return found;
      const mail = mailOf(message, config);
      const delivery = await sendMail(mail, config, found.values.password, signal);
      return delivery.kind === 'delivered' ? { ...delivery, receipt: { messageId: mail.messageId } } : delivery;
    },
    async close() {},
  }),
});
