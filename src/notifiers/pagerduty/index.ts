import { noticeEvents } from '../../spec/release-notices.ts';
import { defineNotifier } from '../notifier.ts';
import { isNotDelivered, post, refusalOf } from '../post.ts';
import { readSecrets } from '../secrets.ts';
import { pagerDutyEvent, receiptOf } from './event.ts';
import { PagerDutyConfig } from './schema.ts';

/** Whoever is on call in PagerDuty. */
export const pagerduty = defineNotifier({
  title: { en: 'PagerDuty', ru: 'PagerDuty' },
  schema: PagerDutyConfig,
  capabilities: {
    updatesInPlace: true,
    buttons: false,
    threads: true,
    deduplicates: true,
    interrupts: true,
    releases: 'events',
    releaseEvents: noticeEvents,
  },
  // For each integration key.
  perMinute: 120,
  open: (config, tools) => ({
    async send(message, before, signal) {
      const found = await readSecrets(tools, { routingKey: config.routingKey });
      if (found.kind !== 'secrets') return found;
      const { routingKey } = found.values;
      const event = pagerDutyEvent(message, before, routingKey, tools.consoleUrl);
      const receipt = receiptOf(message, before);
      if (event === null) return { kind: 'delivered', receipt, said: 'PagerDuty has no event for this update; nothing was sent' };
      const { path, body } = event;
      const secrets = [routingKey];
      const headers = { 'content-type': 'application/json' };
      const reply = await post(
        { url: `${config.api}${path}`, headers, body: JSON.stringify(body), withinMs: config.within, secrets },
        signal,
      );
      if (isNotDelivered(reply)) return reply;
      return refusalOf(reply, secrets) ?? { kind: 'delivered', receipt, said: `it answers ${reply.status}: queued there` };
    },
    async close() {},
  }),
});
