import { fingerprint } from './fingerprint.ts';

/** An alert as Alertmanager and Prometheus write it; all but the labels may be left out. Times are RFC 3339. */
export type WireAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
  readonly generatorURL?: string | undefined;
  /** In a webhook only. */
  readonly status?: 'firing' | 'resolved' | undefined;
};

/** The way that an alert has come: the webhook of Alertmanager, or as Prometheus sends alerts. */
export type Via = 'webhook' | 'api';

/** An alert that somebody has told of, within bounds. */
export type Told = {
  /** The same for the same set of labels: `alertmanager/HighLatency-791cec13fcba0368`. */
  readonly key: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** What it says of itself, in one line. */
  readonly said: string;
  /** Unix milliseconds; null: it does not say. */
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly isOver: boolean;
  /** Where there is more; null when it names no address that a person may follow. */
  readonly url: string | null;
};

/** Key of every alert that others have told of begins so: no objective can be called like this, and no sender can name one of ours. */
export const toldPrefix = 'alertmanager/';

const labelsMax = 64;
const nameMax = 200;
const valueMax = 2_000;
const annotationMax = 8_000;
/** All labels, or all annotations, of one alert: a thousand open ones have to fit into memory. */
const textsMax = 16_000;
const urlMax = 2_000;
const saidMax = 400;

/** Control characters but tab and line feed, line separators and changes of direction: they do not stay what they are where they are printed. */
const unprintable = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Reads an alert. Labels are what it is known by, so they are taken as they are or refused; annotations are text for people, and are cut.
 *
 * @returns What is wrong with it, where something is.
 */
export function toldOf(alert: WireAlert, via: Via, nowMs: number): Told | { readonly problem: string } {
  const startsAtMs = momentOf(alert.startsAt);
  const endsAtMs = momentOf(alert.endsAt);
  if (startsAtMs === 'wrong' || endsAtMs === 'wrong')
    return { problem: 'a time is none: expected one such as 2026-01-02T03:04:05Z' };
  // An empty label is the same as none.
  const labels = Object.entries(alert.labels)
    .map(([name, value]) => [name, value.toWellFormed()] as const)
    .filter(([, value]) => value !== '');
  const problem = labelProblem(labels);
  if (problem !== null) return { problem };
  if (startsAtMs !== null && endsAtMs !== null && endsAtMs < startsAtMs) return { problem: 'it ends before it starts' };
  const byName = Object.fromEntries(labels);
  const name = lineOf(Object.hasOwn(byName, 'alertname') ? (byName.alertname ?? '') : 'alert', nameMax);
  const annotations = annotationsOf(alert.annotations ?? {});
  return {
    key: `${toldPrefix}${name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 100)}-${fingerprint(byName)}`,
    name,
    labels: Object.fromEntries(labels.map(([key, value]) => [key, clean(value)])),
    annotations,
    said: saidIn(annotations) ?? `${name} is firing`,
    startsAtMs,
    endsAtMs,
    isOver: via === 'webhook' ? alert.status === 'resolved' : endsAtMs !== null && endsAtMs <= nowMs,
    url: urlOf(alert.generatorURL),
  };
}

function labelProblem(labels: readonly (readonly [name: string, value: string])[]): string | null {
  if (labels.length === 0) return 'it has no labels';
  if (labels.length > labelsMax) return `it has ${labels.length} labels, more than ${labelsMax}`;
  for (const [name, value] of labels) {
    if (name === '' || name.length > nameMax || clean(name) !== name || !name.isWellFormed())
      return `the name of a label is not one of 1 to ${nameMax} printable characters: ${lineOf(name, 50)}`;
    if (value.length > valueMax) return `the label ${name} has ${value.length} characters, more than ${valueMax}`;
  }
  const length = labels.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return length > textsMax ? `its labels have ${length} characters, more than ${textsMax}` : null;
}

/** The first ones that fit. */
function annotationsOf(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = {};
  let left = textsMax;
  for (const [name, value] of Object.entries(given).slice(0, labelsMax)) {
    const key = lineOf(name, nameMax);
    const text = cut(clean(value), Math.min(annotationMax, left - key.length));
    if (left <= key.length) break;
    left -= key.length + text.length;
    annotations[key] = text;
  }
  return annotations;
}

/** Unix milliseconds. What is before 1970 is Go's way to say that there is none. */
function momentOf(text: string | undefined): number | null | 'wrong' {
  if (text === undefined || text === '') return null;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) return 'wrong';
  return ms <= 0 ? null : ms;
}

function saidIn(annotations: Readonly<Record<string, string>>): string | null {
  for (const name of ['summary', 'description', 'message'])
    if (Object.hasOwn(annotations, name)) {
      const text = lineOf(annotations[name] ?? '', saidMax);
      if (text !== '') return text;
    }
  return null;
}

function urlOf(given: string | undefined): string | null {
  if (given === undefined || given.length > urlMax || !URL.canParse(given)) return null;
  const { protocol, username, password, href } = new URL(given);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href : null;
}

function clean(text: string): string {
  return text.toWellFormed().replace(unprintable, ' ');
}

function lineOf(text: string, max: number): string {
  return cut(clean(text).replace(/\s+/g, ' ').trim(), max);
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;
}
