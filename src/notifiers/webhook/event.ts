import type { Message } from '../notifier.ts';
import { cut, lines, oneLine, webLinks } from '../texts.ts';
import { headline } from '../wording.ts';
import { releaseCdevent, releaseEventType, type Subject } from './release-event.ts';
import type { WebhookConfig } from './schema.ts';

/** What is sent: headers that say what the body is, and the body. */
export type WebhookContent = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** What an envelope of CloudEvents says of what is in it. */
type Envelope = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: string;
};

const textMax = 10_000;
const lineMax = 1_000;
const factsMax = 50;
const json = 'application/json';
const cdeventsVersion = '0.4.0';

/**
 * A message as a program reads it.
 *
 * @param controller - Address of the console, or `/rampart`: what CloudEvents call the source.
 */
export function webhookContent(
  message: Message,
  { format, mode, environment }: Pick<WebhookConfig, 'format' | 'mode' | 'environment'>,
  controller: string,
): WebhookContent {
  const data = plainData(message);
  if (format === 'json') return { headers: { 'content-type': json }, body: JSON.stringify(data) };
  const { key, thread, atMs, release } = message;
  const time = new Date(atMs).toISOString();
  const about = { specversion: '1.0', id: key, source: controller, subject: thread, time } as const;
  if (format === 'cloudevents')
    return enveloped(
      { ...about, type: release ? releaseEventType(release) : eventTypes[message.event], datacontenttype: json },
      data,
      mode,
    );
  const { type, subject } = release
    ? releaseCdevent(data.source, thread, release, environment)
    : incidentCdevent(message, data, environment);
  const event = {
    context: { version: cdeventsVersion, id: key, source: controller, type, timestamp: time },
    subject: { ...subject, source: controller },
    customData: data,
    customDataContentType: json,
  };
  return enveloped({ ...about, subject: subject.id, type, datacontenttype: 'application/cdevents+json' }, event, mode);
}

function incidentCdevent(
  { event, thread }: Message,
  { headline: description, source }: ReturnType<typeof plainData>,
  environment: string,
): { readonly type: string; readonly subject: Subject } {
  const type = cdeventTypes[event];
  return {
    type,
    subject: {
      id: thread,
      type: type.startsWith('dev.cdeventsx.') ? 'rampart-incident' : 'incident',
      content: { description, environment: { id: environment }, service: { id: source } },
    },
  };
}

const eventTypes: Readonly<Record<Message['event'], string>> = {
  trigger: 'dev.rampart.incident.opened.v1',
  update: 'dev.rampart.incident.updated.v1',
  acknowledge: 'dev.rampart.incident.acknowledged.v1',
  resolve: 'dev.rampart.incident.resolved.v1',
  notice: 'dev.rampart.notice.v1',
};

/** What CDEvents have no event for goes as one of our own, in the form that they keep for that. */
const cdeventTypes: Readonly<Record<Message['event'], string>> = {
  trigger: 'dev.cdevents.incident.detected.0.2.0',
  update: 'dev.cdeventsx.rampart-incident.updated.0.1.0',
  acknowledge: 'dev.cdeventsx.rampart-incident.acknowledged.0.1.0',
  resolve: 'dev.cdevents.incident.resolved.0.2.0',
  notice: 'dev.cdeventsx.rampart-incident.noticed.0.1.0',
};

function plainData(message: Message) {
  const { key, thread, event, severity, title, text, facts, links, actions, source, atMs, language, release } = message;
  return {
    key,
    thread,
    event,
    severity,
    title: cut(oneLine(title), lineMax),
    headline: cut(headline(message), lineMax),
    text: cut(lines(text), textMax),
    facts: facts
      .slice(0, factsMax)
      .map(({ label, value }) => ({ label: cut(oneLine(label), lineMax), value: cut(oneLine(value), lineMax) })),
    links: webLinks(links).slice(0, factsMax),
    actions: actions.map(({ verb, label }) => ({ verb, label: cut(oneLine(label), lineMax) })),
    source: oneLine(source) || 'rampart',
    at: new Date(atMs).toISOString(),
    language,
    ...(release ? { release } : {}),
  };
}

function enveloped(envelope: Envelope, data: object, mode: WebhookConfig['mode']): WebhookContent {
  if (mode === 'structured')
    return {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify({ ...envelope, data }),
    };
  const { datacontenttype, ...attributes } = envelope;
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerValue(value)]);
  return { headers: { ...Object.fromEntries(headers), 'content-type': datacontenttype }, body: JSON.stringify(data) };
}

/** As the HTTP binding of CloudEvents writes a value in a header (3.1.3.2): only printable ASCII without space, quote and percent sign as it is. */
function headerValue(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x21\x23\x24\x26-\x7e]/gu, (sign) =>
      [...Buffer.from(sign)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );
}
