import { createHmac } from 'node:crypto';

/** A message of a contact point as Grafana 12 sends it: key for key `webhookMessage` of grafana/alerting, receivers/webhook/v1. */
export function grafanaMessage(alerts: readonly unknown[], more: object = {}): object {
  return {
    receiver: 'rampart',
    status: 'firing',
    alerts,
    groupLabels: { alertname: 'HighLatency' },
    commonLabels: { alertname: 'HighLatency', grafana_folder: 'Shop', service: 'checkout', severity: 'critical' },
    commonAnnotations: { summary: 'p95 of checkout is 3.2 s' },
    externalURL: 'https://grafana.example/',
    appVersion: '12.1.0',
    version: '1',
    groupKey: '{}/{}:{alertname="HighLatency", grafana_folder="Shop"}',
    truncatedAlerts: 0,
    orgId: 1,
    title: '[FIRING:1] HighLatency Shop (checkout critical)',
    state: 'alerting',
    message: '**Firing**\n\nValue: B=3.2, C=1\n',
    ...more,
  };
}

/** One alert of it: `ExtendedAlert` of grafana/alerting, templates/template_data.go. */
export function grafanaAlert(more: object = {}): object {
  return {
    status: 'firing',
    labels: { alertname: 'HighLatency', grafana_folder: 'Shop', service: 'checkout', severity: 'critical' },
    annotations: { summary: 'p95 of checkout is 3.2 s', runbook_url: 'https://runbooks.example/latency' },
    startsAt: '2026-11-29T01:20:10.5Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'https://grafana.example/alerting/grafana/fe1h2/view?orgId=1',
    fingerprint: 'c6eadffa33fcdf37',
    silenceURL: 'https://grafana.example/alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3Dfe1h2&orgId=1',
    dashboardURL: 'https://grafana.example/d/shop?from=1764379210500&orgId=1&to=1764382810500',
    panelURL: 'https://grafana.example/d/shop?from=1764379210500&orgId=1&to=1764382810500&viewPanel=4',
    values: { B: 3.2, C: 1 },
    valueString: "[ var='B' labels={service=checkout} value=3.2 ], [ var='C' labels={service=checkout} value=1 ]",
    orgId: 1,
    ...more,
  };
}

/** The headers that Grafana 12 signs with: grafana/alerting, http/hmac.go. */
export function grafanaSigned(body: string, secret: string, timestampS: number | null): Readonly<Record<string, string>> {
  const hash = createHmac('sha256', secret);
  if (timestampS !== null) hash.update(`${timestampS}:`);
  return {
    'content-type': 'application/json',
    'user-agent': 'Grafana',
    'x-grafana-alerting-signature': hash.update(body).digest('hex'),
    ...(timestampS === null ? {} : { 'x-grafana-alerting-timestamp': String(timestampS) }),
  };
}
