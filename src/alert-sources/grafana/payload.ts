import { z } from 'zod';
import type { WireAlert } from '../../alerts/told.ts';
import type { AlertsRead, NotRead } from '../source.ts';
import { alertsMax } from '../source.ts';

const texts = z.record(z.string(), z.string());
const text = z.string().nullish();

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.nullish(),
  startsAt: text,
  endsAt: text,
  generatorURL: text,
  silenceURL: text,
  dashboardURL: text,
  panelURL: text,
  imageURL: text,
  values: z.record(z.string(), z.number().nullable()).nullish(),
});
type GrafanaAlert = z.output<typeof alert>;

const payload = z.object({
  version: z.string(),
  alerts: z.array(z.unknown()).max(alertsMax),
  truncatedAlerts: z.number().min(0).nullish(),
});

/** Version of the message that a contact point sends. */
const understood = '1';

/**
 * What a contact point of Grafana sends. Each alert is looked at by itself, so that one that is wrong does not take the others with it.
 *
 * @see grafana/alerting, receivers/webhook/v1/webhook.go and templates/template_data.go: `webhookMessage`, `ExtendedAlert`.
 */
export function alertsOfGrafana(json: unknown): AlertsRead | NotRead {
  const read = payload.safeParse(json);
  if (!read.success) {
    const isLegacy = typeof json === 'object' && json !== null && 'ruleName' in json && 'state' in json;
    const [issue] = read.error.issues;
    return isLegacy
      ? {
          problem: 'this is a message of the legacy alerting, which Grafana 11 took out',
          fix: 'send from Grafana Alerting (unified)',
        }
      : {
          problem: `this is no message of a Grafana contact point: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not as expected'}`,
          fix: 'use the type webhook without a payload template of your own, or an AlertSource of the kind webhook',
        };
  }
  const { version, alerts: given, truncatedAlerts } = read.data;
  if (version !== understood)
    return {
      problem: `this is version ${version.slice(0, 20)} of the message of a contact point, not "${understood}"`,
      fix: 'use the type webhook; an Alertmanager has a way of its own, see docs/guides/alertmanager.md',
    };
  const alerts: WireAlert[] = [];
  const problems: string[] = [];
  let tests = 0;
  for (const [at, one] of given.entries()) {
    const found = alert.safeParse(one);
    if (!found.success) {
      const [issue] = found.error.issues;
      problems.push(`alert ${at + 1}: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as expected'}`);
    } else if (isTest(found.data)) tests += 1;
    else alerts.push(wireAlert(found.data));
  }
  const notes = tests > 0 ? ['a test of the contact point: it has come, and nothing is opened'] : [];
  return { alerts, truncated: truncatedAlerts ?? 0, problems, notes };
}

/** What *Test* of a contact point sends; it never ends. */
function isTest({ labels, annotations }: GrafanaAlert): boolean {
  return labels.alertname === 'TestAlert' && labels.instance === 'Grafana' && annotations?.summary === 'Notification test';
}

function wireAlert(given: GrafanaAlert): WireAlert {
  const { status, startsAt, endsAt, generatorURL, values } = given;
  const labels = Object.fromEntries(Object.entries(given.labels).filter(isPublic));
  const links = {
    dashboard_url: given.dashboardURL,
    panel_url: given.panelURL,
    silence_url: given.silenceURL,
    image_url: given.imageURL,
  };
  const numbers = Object.entries(values ?? {}).map(([name, value]) => `${name} = ${value ?? 'none'}`);
  const title = titleOf(given);
  return {
    status,
    labels,
    annotations: {
      ...Object.fromEntries(Object.entries(given.annotations ?? {}).filter(isPublic)),
      ...(numbers.length > 0 ? { values: numbers.join(', ') } : {}),
      ...Object.fromEntries(Object.entries(links).flatMap(([name, link]) => (link ? [[name, link]] : []))),
    },
    ...(title === null ? {} : { title }),
    ...(startsAt ? { startsAt } : {}),
    ...(endsAt ? { endsAt } : {}),
    ...(generatorURL ? { generatorURL } : {}),
  };
}

/** Names between double underscores are Grafana's own; newer versions leave them out of the message. */
function isPublic([name]: readonly [string, string]): boolean {
  return !/^__.*__$/.test(name);
}

/** Without data, and with an error, Grafana calls the alert after that, and its rule by another label. */
function titleOf({ labels, annotations }: GrafanaAlert): string | null {
  const { alertname = '', rulename } = labels;
  const rule = rulename ?? alertname;
  if (alertname === 'DatasourceNoData') return `${rule}: its query has no data`;
  if (alertname === 'DatasourceError') return `${rule}: its query failed`;
  const reason = annotations?.grafana_state_reason;
  if (reason === 'NoData') return `${rule}: its query has no data`;
  return reason === 'Error' ? `${rule}: its query failed` : null;
}
