import { fingerprint } from './fingerprint.ts';

/** An alert as Alertmanager and Prometheus write it; all but the labels may be left out. Times are RFC 3339. */
export type WireAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
  readonly generatorURL?: string | undefined;
  /** In a webhook, and from alert sources. */
  readonly status?: 'firing' | 'resolved' | undefined;
  /** From alert sources only: what it is known by, in place of its labels. */
  readonly identity?: string | undefined;
  /** The same: what people read, in place of the label `alertname`. */
  readonly title?: string | undefined;
  /** The same: when this was said. */
  readonly saidAt?: string | undefined;
};

/** The way that an alert has come: the webhook of Alertmanager, as Prometheus sends alerts, or from an alert source. */
export type Via = 'webhook' | 'api' | 'source';

/** An alert that somebody has told of, within bounds. */
export type Told = {
  /** The same for the same set of labels, or identity: `alertmanager/HighLatency-791cec13fcba0368`, `source.grafana/Disk-…`. */
  readonly key: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** What it says of itself, in one line. */
  readonly said: string;
  /** Unix milliseconds; null: it does not say. */
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  /** When its sender said so. */
  readonly saidAtMs: number | null;
  readonly isOver: boolean;
  /** Nothing but its end says whether it fires: it lasts until then. */
  readonly isUntilEnd: boolean;
  /** Where there is more; null when it names no address that a person may follow. */
  readonly url: string | null;
};

/** Key of every alert that others have told of begins so: no objective can be called like this, and no sender can name one of ours. */
export const toldPrefix = 'alertmanager/';

/** The same of alerts of one alert source: none of them can name those of another. No service has a dot in its name. */
export function sourcePrefix(source: string): string {
  return `source.${source}/`;
}

/** Name of the alert source that has told of an alert; null: none has. */
export function sourceOf(key: string): string | null {
  return /^source\.([^/]*)\//.exec(key)?.[1] ?? null;
}

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
 * @param source - Name of the alert source; null: it comes from an Alertmanager or a Prometheus.
 * @returns What is wrong with it, where something is.
 */
export function toldOf(
  alert: WireAlert,
  via: Via,
  nowMs: number,
  source: string | null = null,
): Told | { readonly problem: string } {
  const startsAtMs = momentOf(alert.startsAt);
  const endsAtMs = momentOf(alert.endsAt);
  const saidAtMs = momentOf(alert.saidAt);
  if (startsAtMs === 'wrong' || endsAtMs === 'wrong' || saidAtMs === 'wrong')
    return { problem: 'a time is none: expected one such as 2026-01-02T03:04:05Z' };
  // An empty label is the same as none.
  const labels = Object.entries(alert.labels)
    .map(([name, value]) => [name, value.toWellFormed()] as const)
    .filter(([, value]) => value !== '');
  const problem = labelProblem(labels);
  if (problem !== null) return { problem };
  if (startsAtMs !== null && endsAtMs !== null && endsAtMs < startsAtMs) return { problem: 'it ends before it starts' };
  const byName = Object.fromEntries(labels);
  const { identity, title } = alert;
  if (identity !== undefined && identity.length > valueMax)
    return { problem: `its identity has ${identity.length} characters, more than ${valueMax}` };
  const called = lineOf(Object.hasOwn(byName, 'alertname') ? (byName.alertname ?? '') : 'alert', nameMax);
  const name = title === undefined ? called : lineOf(title, nameMax);
  const annotations = annotationsOf(alert.annotations ?? {});
  const prefix = source === null ? toldPrefix : sourcePrefix(source);
  const [shown, known] = identity === undefined ? [called, byName] : [identity, { identity: identity.toWellFormed() }];
  return {
    key: `${prefix}${shown.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 100)}-${fingerprint(known)}`,
    name,
    labels: Object.fromEntries(labels.map(([key, value]) => [key, clean(value)])),
    annotations,
    said: saidIn(annotations) ?? `${name} is firing`,
    startsAtMs,
    endsAtMs,
    // A clock that is ahead must not make all that follows seem old.
    saidAtMs: saidAtMs === null ? null : Math.min(saidAtMs, nowMs),
    isOver: isOver(alert.status, via, endsAtMs, nowMs),
    isUntilEnd: endsAtMs !== null && via !== 'webhook' && alert.status === undefined,
    url: urlOf(alert.generatorURL),
  };
}

function isOver(status: WireAlert['status'], via: Via, endsAtMs: number | null, nowMs: number): boolean {
  if (via === 'webhook' || (via === 'source' && status !== undefined)) return status === 'resolved';
  return endsAtMs !== null && endsAtMs <= nowMs;
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

/** A text of others on one line, without what would not stay what it is where it is printed. */
export function lineOf(text: string, max: number): string {
  return cut(clean(text).replace(/\s+/g, ' ').trim(), max);
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;
}
