import type { Message, Receipt, ReleaseAbout } from '../notifier.ts';
import { cut, lines, oneLine, webLinks } from '../texts.ts';
import { headline } from '../wording.ts';

/** What is posted, and to which path. Null: PagerDuty has no event for it. */
export type PagerDutyEvent = { readonly path: '/v2/enqueue' | '/v2/change/enqueue'; readonly body: object } | null;

const summaryMax = 1_024;
const textMax = 10_000;
const labelMax = 200;
const valueMax = 1_000;
const factsMax = 50;
const linksMax = 20;

const severities = { P0: 'critical', P1: 'error', P2: 'warning' } as const;

/**
 * A message as an event of PagerDuty.
 *
 * @param before - Receipt of the last one of its thread: an update is told only where something is open there, and has another severity now.
 */
export function pagerDutyEvent(
  message: Message,
  before: Receipt | null,
  routingKey: string,
  consoleUrl: string | null,
): PagerDutyEvent {
  const { event, thread, severity, release } = message;
  // Whatever happens to a release: nobody is paged for it.
  if (event === 'notice' || release) return { path: '/v2/change/enqueue', body: { routing_key: routingKey, ...change(message) } };
  const action = event === 'update' ? 'trigger' : event;
  const about = { routing_key: routingKey, event_action: action, dedup_key: thread };
  if (action !== 'trigger') return { path: '/v2/enqueue', body: about };
  // A trigger opens what somebody has closed there, and calls people: an update may not.
  if (event === 'update' && (before?.state !== 'open' || before.severity === severity)) return null;
  return { path: '/v2/enqueue', body: { ...about, ...alert(message, consoleUrl) } };
}

/** What the next message of the thread needs to know. */
export function receiptOf({ event, thread, severity, release }: Message, before: Receipt | null): Receipt {
  if (event === 'notice' || release) return {};
  const state = event === 'resolve' || (event !== 'trigger' && before?.state !== 'open') ? 'closed' : 'open';
  return { dedupKey: thread, state, severity };
}

function alert(message: Message, consoleUrl: string | null): object {
  const { severity, atMs } = message;
  const links = linksOf(message);
  const url = links[0]?.href ?? consoleUrl;
  const source = sourceOf(message);
  return {
    payload: {
      summary: cut(oneLine(message.title) || source, summaryMax),
      source,
      severity: severities[severity],
      timestamp: new Date(atMs).toISOString(),
      component: source,
      class: 'incident',
      custom_details: details(message),
    },
    client: 'Rampart',
    ...(url === null ? {} : { client_url: url }),
    links,
  };
}

function change(message: Message): object {
  return {
    payload: {
      summary: cut(headline(message), summaryMax),
      source: sourceOf(message),
      timestamp: new Date(message.atMs).toISOString(),
      custom_details: details(message),
    },
    links: linksOf(message),
  };
}

function sourceOf({ source }: Message): string {
  return cut(oneLine(source) || 'rampart', labelMax);
}

function linksOf({ links }: Message) {
  return webLinks(links)
    .slice(0, linksMax)
    .map(({ text, href }) => ({ href, text: cut(text, labelMax) }));
}

/** By names that stay the same in every language: other programs look for them. */
function releaseDetails(service: string, { id, version, stable, news, step, steps }: ReleaseAbout): [string, string][] {
  const all: readonly (readonly [string, string | null])[] = [
    ['event', news],
    ['service', cut(oneLine(service), labelMax)],
    ['version', version],
    ['previous_version', stable],
    ['release', id],
    ['step', step === null ? null : `${step}/${steps}`],
  ];
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
}

/** Facts by their labels; of two with the same, the second has a number. */
function details(message: Message): Readonly<Record<string, string>> {
  const { text, facts, severity } = message;
  const found = new Map<string, string>(
    message.release ? releaseDetails(message.source, message.release) : [['severity', severity]],
  );
  const body = cut(lines(text), textMax);
  if (body !== '') found.set('text', body);
  for (const { label, value } of facts.slice(0, factsMax)) {
    const name = cut(oneLine(label), labelMax) || '–';
    let free = name;
    for (let number = 2; found.has(free); number += 1) free = `${name} ${number}`;
    found.set(free, cut(oneLine(value), valueMax));
  }
  return Object.fromEntries(found);
}
