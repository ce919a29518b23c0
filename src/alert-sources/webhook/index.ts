import { proofOf } from '../proof.ts';
import { defineAlertSource } from '../source.ts';
import { alertsOfBody } from './body.ts';
import { WebhookSourceConfig } from './schema.ts';

/** Alerts of any program. */
export const webhook = defineAlertSource({
  title: { en: 'Signed webhook', ru: 'Подписанный вебхук' },
  schema: WebhookSourceConfig,
  proof(config) {
    const { signature } = config;
    if (!signature) return proofOf(config, { kind: 'standard' });
    const { header, prefix, encoding, timestampHeader, separator } = signature;
    const timestamp = timestampHeader === undefined ? null : { header: timestampHeader, separator };
    return proofOf(config, { kind: 'header', header, prefix, encoding, timestamp });
  },
  read: ({ alerts }, message) => alertsOfBody(alerts, message),
});
