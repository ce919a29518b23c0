import type { WireAlert } from '../../alerts/told.ts';
import { type JsonPath, jsonPath, valueAtPath } from '../../spec/json-path.ts';
import { isMapping } from '../../spec/mapping.ts';
import { type AlertMessageBody, type AlertsRead, alertsMax, type NotRead } from '../source.ts';
import { cloudEventsOf } from './cloud-events.ts';
import type { AlertMapping } from './schema.ts';

type Value = readonly JsonPath[] | string;
type Scope = Readonly<Record<JsonPath['root'], unknown>>;
type State = 'firing' | 'resolved' | 'ignored';
/** `unsaid`: its end says it, where it has one. */
type Said = State | 'unsaid';

function at(...texts: readonly string[]): readonly JsonPath[] {
  return texts.map((text) => {
    const path = jsonPath(text);
    if ('problem' in path) throw new Error(path.problem);
    return path;
  });
}

/** Where things are as a rule, with the messages of Rampart's own webhooks among them. */
const usual = {
  identity: at('$.identity', '$.thread', '$.dedup_key', '$.dedupKey', '$.fingerprint'),
  name: at('$.labels.alertname', '$.alertname', '$.name', '$.rule', '$.title', '$.summary', '$.message', '$event.type'),
  labels: {
    service: at('$.labels.service', '$.service', '$.source'),
    severity: at('$.labels.severity', '$.severity', '$.priority', '$.level'),
  },
  labelsFrom: at('$.labels'),
  annotations: {
    summary: at('$.annotations.summary', '$.summary', '$.headline', '$.title', '$.message'),
    description: at('$.annotations.description', '$.description', '$.text'),
    runbook_url: at('$.annotations.runbook_url', '$.runbook_url'),
  },
  annotationsFrom: at('$.annotations'),
  state: at('$.status', '$.state'),
  /** Counts where its word is known: as often it names something else. */
  event: at('$.event'),
  start: at('$.startsAt', '$.starts_at', '$.startedAt', '$.started_at', '$.since'),
  end: at('$.endsAt', '$.ends_at', '$.endedAt', '$.ended_at'),
  // Not `time` nor `timestamp`: to some senders that is the start, and an end that seems to be old would be passed over.
  time: at('$.at', '$event.time'),
  url: at('$.generatorURL', '$.url', '$.link', '$.links[0].href'),
} as const;

const usualWords: Readonly<Record<State, readonly string[]>> = {
  firing: [
    'firing alerting alert open opened trigger triggered active problem critical warning error down fail failed failing',
    'nodata no_data acknowledge acknowledged update updated true',
  ].flatMap((words) => words.split(' ')),
  resolved: 'resolved resolve ok closed close recovered recovery up normal healthy inactive cleared clear success false'.split(
    ' ',
  ),
  ignored: ['notice', 'test', 'pending'],
};

/** The alerts of a body, by where its parts are. Each is looked at by itself, so that one that is wrong does not take the others with it. */
export function alertsOfBody(mapping: AlertMapping, { contentType, json }: AlertMessageBody): AlertsRead | NotRead {
  const events = cloudEventsOf(contentType, json) ?? [{ attributes: null, data: json }];
  const alerts: WireAlert[] = [];
  const problems: string[] = [];
  let ignored = 0;
  let seen = 0;
  for (const event of events) {
    if ('problem' in event) {
      problems.push(`event ${seen + 1}: ${event.problem}`);
      seen += 1;
      continue;
    }
    for (const alert of alertsIn(event.data, mapping, event.attributes)) {
      seen += 1;
      if (seen > alertsMax)
        return { problem: `the message has more than ${alertsMax} alerts`, fix: 'send them in several messages' };
      const read = alertOf(mapping, { alert, body: event.data, event: event.attributes });
      if ('problem' in read) problems.push(`alert ${seen}: ${read.problem}`);
      else if (read.state === 'ignored') ignored += 1;
      else alerts.push(read.alert);
    }
  }
  const notes = ignored > 0 ? [`${ignored} of what it says ${ignored === 1 ? 'is' : 'are'} no alerts by their state`] : [];
  return { alerts, truncated: 0, problems, notes };
}

function alertsIn(data: unknown, { each }: AlertMapping, event: unknown): readonly unknown[] {
  const found = each
    ? valueIn({ alert: data, body: data, event }, each)
    : isMapping(data) && Array.isArray(data.alerts)
      ? data.alerts
      : data;
  return Array.isArray(found) ? found : [found];
}

type AlertRead = { readonly state: Said; readonly alert: WireAlert } | { readonly problem: string };

function alertOf(mapping: AlertMapping, scope: Scope): AlertRead {
  if (!isMapping(scope.alert))
    return { problem: mapping.each ? `there is no object at ${mapping.each.text}` : 'it is not an object' };
  const own = ownLabels(mapping, scope);
  if ('problem' in own) return own;
  const texts = textsOf(scope, mapping.annotations ?? (mapping.annotationsFrom ? {} : usual.annotations), []);
  const annotations = {
    ...allOf(scope, mapping.annotationsFrom ?? (mapping.annotations ? [] : usual.annotationsFrom)),
    ...texts,
  };
  const times = timesOf(mapping, scope);
  if ('problem' in times) return times;
  const state = stateOf(mapping, scope);
  if (typeof state !== 'string') return state;
  const identity = textIn(scope, mapping.identity ?? usual.identity);
  if (mapping.identity && identity === null)
    return { problem: `it has no identity: there is no text at ${shown(mapping.identity)}` };
  const url = textIn(scope, mapping.url ?? usual.url);
  return {
    state,
    alert: {
      ...(state === 'firing' || state === 'resolved' ? { status: state } : {}),
      labels: own.labels,
      annotations,
      ...times,
      ...(identity === null ? {} : { identity }),
      ...(url === null ? {} : { generatorURL: url }),
    },
  };
}

function ownLabels(
  mapping: AlertMapping,
  scope: Scope,
): { readonly labels: Readonly<Record<string, string>> } | { readonly problem: string } {
  const missing: string[] = [];
  const named = textsOf(scope, mapping.labels ?? (mapping.labelsFrom ? {} : usual.labels), missing);
  const name = mapping.name === undefined ? textIn(scope, usual.name) : textOf(scope, mapping.name);
  const odd = mapping.labels === undefined ? undefined : missing[0];
  if (odd !== undefined) return { problem: `the label ${odd} is a list or an object, or a number that is too large to be exact` };
  const labels = {
    ...allOf(scope, mapping.labelsFrom ?? (mapping.labels ? [] : usual.labelsFrom)),
    ...named,
    ...(name === null ? {} : { alertname: name }),
  };
  if (Object.keys(labels).length > 0) return { labels };
  return { problem: 'it has neither a name nor labels: say in `alerts` of the document where they are' };
}

/** Texts by their names; a name without a value is left out, and one whose value is no text is put into `odd`. */
function textsOf(scope: Scope, named: Readonly<Record<string, Value>>, odd: string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => {
      const text = textOf(scope, value);
      if (text !== null) return [[name, text]];
      if (typeof value !== 'string' && value.some((path) => (valueIn(scope, path) ?? null) !== null)) odd.push(name);
      return [];
    }),
  );
}

/** Every text, number, true and false of the first object. */
function allOf(scope: Scope, paths: readonly JsonPath[]): Readonly<Record<string, string>> {
  const found = paths.map((path) => valueIn(scope, path)).find(isMapping) ?? {};
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => {
      const text = plainText(value);
      return text === null ? [] : [[name, text]];
    }),
  );
}

function stateOf({ state }: AlertMapping, scope: Scope): Said | { readonly problem: string } {
  const paths = state?.at ?? usual.state;
  const given = textIn(scope, paths);
  const found = given === null ? null : meaningOf(given, state);
  if (found) return found;
  if (!state?.at) {
    const word = textIn(scope, usual.event);
    const meant = word === null ? null : meaningOf(word, state);
    if (meant) return meant;
    if (given === null) return 'unsaid';
  }
  return {
    problem:
      given === null
        ? `it does not say whether it fires: there is no text at ${shown(paths)}`
        : `its state ${JSON.stringify(given.slice(0, 50))} is not known: name it in alerts.state of the document`,
  };
}

/** What the document says of a word goes before what the word means as a rule. */
function meaningOf(given: string, own: AlertMapping['state']): State | null {
  const word = given.toLowerCase();
  for (const known of [own ?? {}, usualWords])
    for (const kind of ['firing', 'resolved', 'ignored'] as const)
      if (known[kind]?.some((one) => one.toLowerCase() === word)) return kind;
  return null;
}

type Times = Pick<WireAlert, 'startsAt' | 'endsAt' | 'saidAt'>;

function timesOf(mapping: AlertMapping, scope: Scope): Times | { readonly problem: string } {
  const times: { startsAt?: string; endsAt?: string; saidAt?: string } = {};
  for (const [key, name] of [
    ['startsAt', 'start'],
    ['endsAt', 'end'],
    ['saidAt', 'time'],
  ] as const) {
    const own = mapping[name];
    const text = textIn(scope, own ?? usual[name]);
    if (text === null) continue;
    const moment = momentText(text);
    // Where nobody has said that a time is there, something else may be.
    if (moment !== null) times[key] = moment;
    else if (own)
      return { problem: `${name} is no time: expected one such as 2026-01-02T03:04:05Z, or unix seconds or milliseconds` };
  }
  return times;
}

/** RFC 3339 of a time in one of the usual forms; null: it is none. */
function momentText(text: string): string | null {
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return Number.isNaN(Date.parse(text)) ? null : text;
  const number = /^\d{9,13}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) return null;
  return new Date(number >= 1e11 ? number : number * 1_000).toISOString();
}

function textOf(scope: Scope, value: Value): string | null {
  return typeof value === 'string' ? value : textIn(scope, value);
}

/** The first of them that is a text, a number, true or false. */
function textIn(scope: Scope, paths: readonly JsonPath[]): string | null {
  for (const path of paths) {
    const text = plainText(valueIn(scope, path));
    if (text !== null) return text;
  }
  return null;
}

function valueIn(scope: Scope, { root, keys }: JsonPath): unknown {
  return valueAtPath(scope[root], keys);
}

/** A whole number that JavaScript cannot keep exactly would be the same as its neighbours. */
function plainText(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return null;
  return String(value);
}

function shown(paths: readonly JsonPath[]): string {
  return paths.map(({ text }) => text).join(' or ');
}
