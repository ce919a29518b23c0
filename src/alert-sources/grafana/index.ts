import { proofOf } from '../proof.ts';
import { defineAlertSource } from '../source.ts';
import { alertsOfGrafana } from './payload.ts';
import { GrafanaConfig } from './schema.ts';

/** Between the time of signing and the body (grafana/alerting, http/hmac.go). */
const separator = ':';

/** Alerts of Grafana's own rules. */
export const grafana = defineAlertSource({
  title: { en: 'Grafana', ru: 'Grafana' },
  schema: GrafanaConfig,
  proof: (config) =>
    proofOf(config, {
      kind: 'header',
      header: config.header,
      prefix: '',
      encoding: 'hex',
      timestamp: config.timestampHeader === undefined ? null : { header: config.timestampHeader, separator },
    }),
  read: (_config, { json }) => alertsOfGrafana(json),
});
