import { durationText } from '../spec/unit-text.ts';
import { openMax } from './fold.ts';
import { sourcePrefix, type Told, toldOf, type Via, type WireAlert } from './told.ts';
import type { Alert, AlertEvent, AlertsState, Urgency } from './types.ts';

/** What is on our own alerts when they are sent out: their id. What comes back with it is no news. */
export const ownAnnotation = 'rampart_alert';

/** Texts of an open alert are put on record at most this often: many carry a number that is another one each minute. */
const textsEveryMs = 300_000;
/** So long after the end of an alert its beginning, told late by another of several Alertmanagers, is not taken for a new one. */
export const lateMs = 300_000;
/** A sender's clock that is ahead by less is nothing to speak of. */
const aheadMs = 60_000;

/** What is known of the alerts of other programs beside their record. */
export type Hearing = {
  /** Of open ones, by key: until when each way by which they came says that they last, and when texts were last put on record. */
  readonly open: ReadonlyMap<string, Heard>;
  /** Of those whose sender said that they are over, by key. */
  readonly over: ReadonlyMap<string, Over>;
};
export type Heard = {
  readonly untilMs: Readonly<Partial<Record<Via, number>>>;
  readonly recordedMs: number;
  /** When its sender said so last, by its own word. */
  readonly saidAtMs?: number;
};
/** An end that a sender has told of, when it came. */
export type Over = { readonly startsAtMs: number | null; readonly saidAtMs: number | null; readonly atMs: number };

/** How alerts are taken in. */
export type Receiving = {
  readonly via: Via;
  /** Who tells, for the record. */
  readonly actor: string;
  readonly isService: (name: string) => boolean;
  /** Whether the one who tells may tell of this service; null: of what belongs to none. */
  readonly may: (service: string | null) => boolean;
  readonly resolveTimeoutMs: number;
  readonly webhookTimeoutMs: number;
  readonly serviceLabels: readonly string[];
  readonly severityLabel: string;
  readonly page: readonly string[];
  readonly chat: readonly string[];
  readonly max: number;
  /** The alert source that tells; null: an Alertmanager or a Prometheus does. */
  readonly source: ReceivingSource | null;
};

/** What holds for one alert source. */
export type ReceivingSource = {
  readonly name: string;
  /** An alert that it does not tell of again for so long is over, in milliseconds. */
  readonly lastsMs: number;
  /** Alerts of it that may be open at once. */
  readonly max: number;
  /** Whether the message was taken before and may be a replay: then it begins and ends nothing. */
  readonly isAgain: boolean;
};

/** What came of a message. */
export type Reception = {
  readonly events: readonly AlertEvent[];
  /** What is known afterwards, of each key that the message was about; null: nothing any more. */
  readonly open: ReadonlyMap<string, Heard | null>;
  readonly over: Hearing['over'];
  /** Numbers of alerts. `ours`: sent by this controller. `passed`: their end or beginning is no news. */
  readonly counts: Readonly<Record<'opened' | 'resolved' | 'repeated' | 'ours' | 'passed', number>>;
  /** Alerts that were not taken, with why, by what is to be done about it. */
  readonly refused: {
    readonly wrong: readonly string[];
    readonly forbidden: readonly string[];
    readonly full: number;
    /** Alerts that a message which was taken before would have begun or ended. */
    readonly again: number;
  };
  readonly notes: readonly string[];
};

/** What comes on record of a message with alerts. Pure; the same message again changes nothing but until when they last. */
export function receive(
  state: AlertsState,
  hearing: Hearing,
  alerts: readonly WireAlert[],
  how: Receiving,
  nowMs: number,
): Reception {
  const { via, source } = how;
  const counts = { opened: 0, resolved: 0, repeated: 0, ours: 0, passed: 0 };
  const wrong: string[] = [];
  const forbidden: string[] = [];
  let full = 0;
  let again = 0;
  /** More are open after the message than before, by so many. */
  let added = 0;
  let aheadMaxMs = 0;
  const events: AlertEvent[] = [];
  const open = new Map<string, Heard | null>();
  const over = new Map<string, Over>();
  const others = [...state.open.values()].filter(isTold).length;
  const ofSource = source ? [...state.open.keys()].filter((key) => key.startsWith(sourcePrefix(source.name))).length : 0;
  const ownIds = ownIdsOf(state);

  for (const [key, told] of lastOfEach(alerts, how, nowMs, wrong)) {
    const service = serviceOf(told, how);
    if (ownIds.has(told.annotations[ownAnnotation] ?? '')) {
      counts.ours += 1;
      continue;
    }
    if (!how.may(service)) {
      // Without the service: whether there is one is for those who may see it.
      forbidden.push(told.name);
      continue;
    }
    const before = state.open.get(key);
    const heard = hearing.open.get(key);
    // What was said before what was heard last is about an earlier time.
    const isStale = before && heard?.saidAtMs !== undefined && told.saidAtMs !== null && told.saidAtMs < heard.saidAtMs;
    if (told.isOver) {
      if (!before || isStale) {
        counts.passed += 1;
        // Its beginning may be on its way still.
        if (!before && source) over.set(key, laterOf(hearing.over.get(key), told, nowMs));
        continue;
      }
      if (source?.isAgain) {
        again += 1;
        continue;
      }
      counts.resolved += 1;
      open.set(key, null);
      over.set(key, { startsAtMs: told.startsAtMs, saidAtMs: told.saidAtMs, atMs: nowMs });
      const said = `${via === 'webhook' ? 'Alertmanager' : (source?.name ?? how.actor)} says that it is over`;
      events.push({ kind: 'alert-resolved', actor: how.actor, data: { key, said } });
      continue;
    }
    const ended = hearing.over.get(key);
    if (!before && ended && isBefore(told, ended, nowMs)) {
      counts.passed += 1;
      continue;
    }
    if (!before && source?.isAgain) {
      again += 1;
      continue;
    }
    const withinMs = lastsMs(told, how, nowMs);
    const saidAtMs = Math.max(told.saidAtMs ?? 0, heard?.saidAtMs ?? 0);
    const lastSaid = saidAtMs > 0 ? { saidAtMs } : {};
    const untilMs = { ...heard?.untilMs, [via]: nowMs + withinMs };
    // One that is known by something else than its labels may get worse: that is told of as another one.
    if (before && !isStale && !source?.isAgain && isMoreUrgent(urgencyOf(told.labels, how), before.urgency)) {
      counts.opened += 1;
      open.set(key, { untilMs, recordedMs: nowMs, ...lastSaid });
      const said = 'it is more urgent now, and goes on as another alert';
      events.push({ kind: 'alert-resolved', actor: how.actor, data: { key, said } });
      events.push(...beginning(told, service, withinMs, how, nowMs));
      continue;
    }
    if (before) {
      counts.repeated += 1;
      const isNews = before.said !== told.said || !isSame(before.annotations, told.annotations);
      const isRecorded = isNews && nowMs - (heard?.recordedMs ?? 0) >= textsEveryMs;
      open.set(key, { untilMs, recordedMs: isRecorded ? nowMs : (heard?.recordedMs ?? 0), ...lastSaid });
      if (isRecorded)
        events.push({
          kind: 'alert-changed',
          actor: how.actor,
          data: { key, said: told.said, annotations: told.annotations },
        });
      continue;
    }
    const isFull = others + added >= how.max || (source && ofSource + added >= source.max);
    if (isFull || state.open.size + added >= openMax) {
      full += 1;
      continue;
    }
    counts.opened += 1;
    added += 1;
    aheadMaxMs = Math.max(aheadMaxMs, (told.startsAtMs ?? nowMs) - nowMs);
    open.set(key, { untilMs, recordedMs: nowMs, ...lastSaid });
    events.push(...beginning(told, service, withinMs, how, nowMs));
  }
  const notes =
    aheadMaxMs > aheadMs
      ? [`the clock of the sender is ahead by ${durationText(Math.floor(aheadMaxMs / 1_000) * 1_000)}: its alerts begin now`]
      : [];
  return { events, open, over, counts, refused: { wrong, forbidden, full, again }, notes };
}

/** What comes on record of alerts whose senders have fallen silent. */
export function expire(state: AlertsState, hearing: Pick<Hearing, 'open'>, nowMs: number): readonly AlertEvent[] {
  return [...state.open.values()].filter(isTold).flatMap((alert): AlertEvent[] => {
    const heard = hearing.open.get(alert.key);
    if (!heard || nowMs < lastsUntilMs(heard)) return [];
    const within = alert.repeatedWithinMs === undefined ? 'in time' : `within ${spanText(alert.repeatedWithinMs)}`;
    const said = `it was not told of again ${within}, so it counts as over`;
    return [{ kind: 'alert-resolved', actor: 'controller', data: { key: alert.key, said } }];
  });
}

/**
 * What is known of open alerts of which nothing is known beside their record, as when a controller starts: each lasts as long from now as it
 * was to last without another word.
 *
 * @param otherwiseMs - How long one lasts whose record does not say.
 */
export function hearingAnew(state: AlertsState, known: Hearing['open'], otherwiseMs: number, nowMs: number): Hearing['open'] {
  return new Map(
    [...state.open.values()]
      .filter((alert) => isTold(alert) && !known.has(alert.key))
      .map(({ key, repeatedWithinMs = otherwiseMs }) => [key, { untilMs: { webhook: nowMs + repeatedWithinMs }, recordedMs: 0 }]),
  );
}

/** The moment from which on an alert counts as over (unix milliseconds). */
function lastsUntilMs(heard: Heard): number {
  return Math.max(...Object.values(heard.untilMs));
}

function isTold({ origin }: Alert): boolean {
  return origin === 'alertmanager' || origin === 'source';
}

/** The end that was said last, of one that is known and one that comes now. */
function laterOf(known: Over | undefined, { startsAtMs, saidAtMs }: Told, nowMs: number): Over {
  const isLater = !known || saidAtMs === null || known.saidAtMs === null || saidAtMs >= known.saidAtMs;
  return isLater ? { startsAtMs, saidAtMs, atMs: nowMs } : known;
}

/** Whether a beginning that comes after an end belongs before it. */
function isBefore({ startsAtMs, saidAtMs }: Told, ended: Over, nowMs: number): boolean {
  if (nowMs - ended.atMs >= lateMs) return false;
  const isSame = startsAtMs !== null && ended.startsAtMs === startsAtMs;
  return isSame || (saidAtMs !== null && ended.saidAtMs !== null && saidAtMs < ended.saidAtMs);
}

/** Of several in one message that are the same, the last counts. */
function lastOfEach(
  alerts: readonly WireAlert[],
  { via, source }: Receiving,
  nowMs: number,
  wrong: string[],
): ReadonlyMap<string, Told> {
  const byKey = new Map<string, Told>();
  for (const [at, alert] of alerts.entries()) {
    const told = toldOf(alert, via, nowMs, source?.name);
    if ('problem' in told) {
      wrong.push(`alert ${at + 1}: ${told.problem}`);
      continue;
    }
    const before = byKey.get(told.key);
    // A batch has no order of its own.
    if ((before?.saidAtMs ?? 0) <= (told.saidAtMs ?? Number.MAX_SAFE_INTEGER)) byKey.set(told.key, told);
  }
  return byKey;
}

function beginning(
  told: Told,
  service: string | null,
  repeatedWithinMs: number,
  how: Receiving,
  nowMs: number,
): readonly AlertEvent[] {
  const { actor } = how;
  const { key, name, said, labels, annotations, url } = told;
  return [
    {
      kind: 'alert-pending',
      actor,
      data: {
        key,
        origin: how.source ? 'source' : 'alertmanager',
        name,
        service,
        objective: null,
        tier: null,
        urgency: urgencyOf(labels, how),
        said,
        labels,
        annotations,
        url,
        repeatedWithinMs,
        // What begins tomorrow is here already.
        sinceMs: Math.min(told.startsAtMs ?? nowMs, nowMs),
      },
    },
    { kind: 'alert-fired', actor, data: { key, said, silencedBy: null, attribution: null } },
  ];
}

/** How long it lasts without another word. */
function lastsMs(
  { endsAtMs, isUntilEnd }: Told,
  { via, source, resolveTimeoutMs, webhookTimeoutMs }: Receiving,
  nowMs: number,
): number {
  if (isUntilEnd && endsAtMs !== null) return endsAtMs - nowMs;
  if (source) return source.lastsMs;
  return via === 'webhook' ? webhookTimeoutMs : resolveTimeoutMs;
}

/** The service that an alert names by one of its labels. */
export function serviceOf(
  { labels }: Pick<Told, 'labels'>,
  { serviceLabels, isService }: Pick<Receiving, 'serviceLabels' | 'isService'>,
): string | null {
  for (const name of serviceLabels) {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
    if (value !== undefined && isService(value)) return value;
  }
  return null;
}

/** How urgent an alert is by its labels. */
export function urgencyOf(
  labels: Readonly<Record<string, string>>,
  { severityLabel, page, chat }: Pick<Receiving, 'severityLabel' | 'page' | 'chat'>,
): Urgency {
  const severity = Object.hasOwn(labels, severityLabel) ? (labels[severityLabel] ?? '') : '';
  if (page.includes(severity)) return 'page';
  return chat.includes(severity) ? 'chat' : 'email';
}

const urgencies = ['page', 'chat', 'email'] as const satisfies readonly Urgency[];

function isMoreUrgent(one: Urgency, other: Urgency): boolean {
  return urgencies.indexOf(one) < urgencies.indexOf(other);
}

/** Ids of alerts that this controller has sent to others. */
function ownIdsOf({ open, ended }: AlertsState): ReadonlySet<string> {
  return new Set([...open.values(), ...ended].filter((alert) => !isTold(alert)).map(({ id }) => id));
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}

/** In whole seconds, where it has any. */
function spanText(ms: number): string {
  return durationText(ms >= 1_000 ? Math.round(ms / 1_000) * 1_000 : Math.round(ms));
}
