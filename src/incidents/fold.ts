import { type NarrationLedger, noNarrations, takeNarration } from '../diagnosis/narration/ledger.ts';
import { acknowledgedForMsOf } from './acknowledgement.ts';
import type { IncidentEvent, IncidentRecord } from './events.ts';
import { type OpenItems, takeOpenItems } from './open-items.ts';
import { isOver, isWorse } from './severity.ts';
import type { Incident, IncidentAlert, ResponderAction, Told } from './types.ts';

/** Incidents that are over and kept in mind; the log has all. */
const overMax = 300;
/** Of each incident. What is beyond is counted, or in the log. */
const alertsMax = 200;
const notesMax = 500;
/** Nobody is hurt for longer before anybody knows of it; what is further back is a slip. */
export const startedMaxMs = 30 * 86_400_000;
/** The note of whoever opened an incident, with why. */
export const openingNote = 'opened';
const actionsMax = 100;
const toldMax = 500;
/** Alerts that have ended and are known to have: twice as many as are kept in mind of them. */
const endedMax = 2_000;
/** Days whose incidents are counted, for their ids: the clock may go back a little. */
const daysMax = 2;

/** What is known of an alert that has not ended. */
export type HeldAlert = { readonly incident: string; readonly isRecovering: boolean };

/** What is on record of incidents. */
export type IncidentsState = {
  /** By id, oldest first: all that are not over, and the last ones that are. */
  readonly incidents: ReadonlyMap<string, Incident>;
  /** Every alert of an incident, by id, that has not ended; also of incidents that are over. */
  readonly alerts: ReadonlyMap<string, HeldAlert>;
  /** Ids of alerts that have ended, oldest first: each is taken once. */
  readonly ended: readonly string[];
  /** Incidents of a day, by the beginning of their ids: `checkout-20261129`. */
  readonly numbers: ReadonlyMap<string, number>;
  /** When something was recorded last, unix milliseconds; null: nothing ever was. */
  readonly lastAtMs: number | null;
  /** What was narrated, and how the endpoint is that does it. */
  readonly narrations: NarrationLedger;
  /** What was decided to be done after incidents, and is not done yet. */
  readonly openItems: OpenItems;
};

/** No incident ever. */
export const noIncidents: IncidentsState = {
  incidents: new Map(),
  alerts: new Map(),
  ended: [],
  numbers: new Map(),
  lastAtMs: null,
  narrations: noNarrations,
  openItems: new Map(),
};

/** The incidents after an event. Pure: the state is a fold over the stream `incidents`. Events that fit nothing change nothing. */
export function takeIncidents(state: IncidentsState, record: IncidentRecord): IncidentsState {
  return takeAllIncidents(state, [record]);
}

/** The same after many events: in a storm thousands of alerts are known, and they are copied once for all of them. */
export function takeAllIncidents(state: IncidentsState, records: readonly IncidentRecord[]): IncidentsState {
  const folding = new Folding(state);
  for (const record of records) folding.take(record);
  return folding.state;
}

/** A state of one's own that events change in place, for whoever decides one from the other. */
export class Folding {
  readonly #incidents: Map<string, Incident>;
  readonly #alerts: Map<string, HeldAlert>;
  #ended: readonly string[];
  #numbers: ReadonlyMap<string, number>;
  #lastAtMs: number | null;
  #narrations: NarrationLedger;
  #openItems: OpenItems;

  constructor({ incidents, alerts, ended, numbers, lastAtMs, narrations, openItems }: IncidentsState) {
    this.#incidents = new Map(incidents);
    this.#alerts = new Map(alerts);
    this.#ended = ended;
    this.#numbers = numbers;
    this.#lastAtMs = lastAtMs;
    this.#narrations = narrations;
    this.#openItems = openItems;
  }

  /** As it is now: it changes with the next event. */
  get state(): IncidentsState {
    const [incidents, alerts] = [this.#incidents, this.#alerts];
    const [ended, numbers, lastAtMs, narrations] = [this.#ended, this.#numbers, this.#lastAtMs, this.#narrations];
    return { incidents, alerts, ended, numbers, lastAtMs, narrations, openItems: this.#openItems };
  }

  take(record: IncidentRecord): void {
    this.#lastAtMs = record.at;
    this.#narrations = takeNarration(this.#narrations, record);
    this.#openItems = takeOpenItems(this.#openItems, record);
    if (record.kind === 'incident-opened') {
      this.#incidents.set(record.data.id, opened(record));
      this.#numbers = withNumber(this.#numbers, record.data.id);
      bounded(this.#incidents);
      return;
    }
    const before = this.#incidents.get(record.data.id);
    const after = before && worked(changed(before, record, this.#alerts), record);
    this.#track(record);
    if (!after) return;
    this.#incidents.set(after.id, after);
    if (isOver(after)) bounded(this.#incidents);
  }

  /** Which alerts have not ended, and which have. */
  #track(record: IncidentRecord): void {
    switch (record.kind) {
      case 'incident-alert-joined': {
        const { id: incident, alerts } = record.data;
        for (const { id, resolvedAtMs, isRecovering } of alerts)
          if (resolvedAtMs === null) this.#alerts.set(id, { incident, isRecovering });
        const over = alerts.filter(({ resolvedAtMs }) => resolvedAtMs !== null).map(({ id }) => id);
        this.#ended = withEnded(this.#ended, over);
        break;
      }
      case 'incident-alert-changed': {
        const { alerts, isRecovering } = record.data;
        for (const id of alerts) {
          const before = this.#alerts.get(id);
          if (before) this.#alerts.set(id, { ...before, isRecovering });
        }
        break;
      }
      case 'incident-alert-ended': {
        const ids = record.data.alerts.map(({ id }) => id);
        for (const id of ids) this.#alerts.delete(id);
        this.#ended = withEnded(this.#ended, ids);
        break;
      }
    }
  }
}

function opened({ at, actor, data }: Of<'incident-opened'>): Incident {
  const { id, key, policy, title, service, severity, startedAtMs, attribution, byHand, why } = data;
  return {
    id,
    key,
    title,
    severity,
    severityBy: null,
    service,
    state: 'open',
    openedBy: byHand ? actor : null,
    policy,
    startedAtMs,
    // Whoever opens one without saying when it began has only said that it is there.
    startedBy: byHand && startedAtMs < at ? actor : null,
    openedAtMs: at,
    toldAtMs: null,
    acknowledgedAtMs: null,
    mitigatedAtMs: null,
    resolvedAtMs: null,
    reopenedAtMs: null,
    reviewedAtMs: null,
    ack: null,
    alerts: [],
    alertCount: 0,
    firing: 0,
    recovering: 0,
    attribution,
    actions: [],
    response: null,
    person: null,
    escalation: null,
    told: [],
    room: null,
    notes: why === '' ? [] : [{ id: openingNote, atMs: at, by: actor, text: why }],
  };
}

function withNumber(before: ReadonlyMap<string, number>, id: string): ReadonlyMap<string, number> {
  const [, day = id, number = '1'] = /^(.*-\d{8})-(\d+)$/.exec(id) ?? [];
  const numbers = new Map(before).set(day, Number(number));
  const days = new Set([...numbers.keys()].map(dayOf).toSorted().slice(-daysMax));
  return new Map([...numbers].filter(([one]) => days.has(dayOf(one)) || one === day));
}

function dayOf(prefix: string): string {
  return prefix.slice(-8);
}

function withEnded(before: readonly string[], ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? before : [...before, ...ids].slice(-endedMax);
}

type Of<Kind extends IncidentEvent['kind']> = Extract<IncidentRecord, { kind: Kind }>;

function changed(
  before: Incident,
  record: Exclude<IncidentRecord, { kind: 'incident-opened' }>,
  held: ReadonlyMap<string, HeldAlert>,
): Incident {
  const { at, actor } = record;
  switch (record.kind) {
    case 'incident-alert-joined':
      return joined(before, record.data.alerts);
    case 'incident-alert-changed': {
      const { isRecovering } = record.data;
      const ids = new Set(record.data.alerts);
      const turned = [...ids].filter((id) => held.get(id)?.isRecovering === !isRecovering).length;
      return {
        ...before,
        firing: before.firing + (isRecovering ? -turned : turned),
        recovering: before.recovering + (isRecovering ? turned : -turned),
        alerts: before.alerts.map((alert) => (ids.has(alert.id) ? { ...alert, isRecovering } : alert)),
      };
    }
    case 'incident-alert-ended': {
      const ends = new Map(record.data.alerts.map(({ id, atMs }) => [id, atMs]));
      const own = [...ends.keys()].flatMap((id) => held.get(id) ?? []).filter(({ incident }) => incident === before.id);
      const recovered = own.filter(({ isRecovering }) => isRecovering).length;
      return {
        ...before,
        firing: before.firing - (own.length - recovered),
        recovering: before.recovering - recovered,
        alerts: before.alerts.map((alert) => {
          const atMs = ends.get(alert.id);
          return atMs === undefined ? alert : { ...alert, resolvedAtMs: atMs };
        }),
      };
    }
    case 'incident-attributed':
      return { ...before, attribution: record.data.attribution };
    case 'incident-severity-changed': {
      const { severity, byHand } = record.data;
      const after = { ...before, severity, severityBy: byHand ? actor : null };
      return isWorse(severity, before.severity) ? raised(after, at) : after;
    }
    case 'incident-start-corrected':
      return { ...before, startedAtMs: record.data.startedAtMs, startedBy: actor };
    case 'incident-acknowledged': {
      if (isOver(before)) return before;
      const state = before.state === 'open' ? 'acknowledged' : before.state;
      const ack = { by: actor, untilMs: record.data.untilMs, forMs: record.data.untilMs - at };
      return { ...before, state, ack, acknowledgedAtMs: before.acknowledgedAtMs ?? at };
    }
    case 'incident-acknowledgement-ended':
      return {
        ...before,
        ack: null,
        state: before.state === 'acknowledged' ? 'open' : before.state,
        escalation: before.escalation && { ...before.escalation, lapsedAtMs: at },
      };
    case 'incident-mitigated':
      return isOver(before) ? before : { ...before, state: 'mitigated', mitigatedAtMs: at };
    case 'incident-resolved':
      if (isOver(before)) return before;
      return { ...before, state: 'resolved', resolvedAtMs: at, mitigatedAtMs: before.mitigatedAtMs ?? at };
    case 'incident-reopened': {
      // Whoever had it, and still has, is the one to look again.
      const ack = before.ack !== null && before.ack.untilMs > at ? before.ack : null;
      const begun = { mitigatedAtMs: null, resolvedAtMs: null, reviewedAtMs: null, reopenedAtMs: at, person: null };
      const escalation = before.escalation && { ...before.escalation, done: [], lapsedAtMs: null, raisedAtMs: null };
      return { ...before, ...begun, state: ack ? 'acknowledged' : 'open', ack, escalation };
    }
    case 'incident-reviewed':
      return before.state === 'resolved' ? { ...before, state: 'reviewed', reviewedAtMs: at } : before;
    case 'incident-noted': {
      const { note: id, text } = record.data;
      return { ...before, notes: [...before.notes, { id, atMs: at, by: actor, text }].slice(-notesMax) };
    }
    case 'incident-responding':
      return { ...before, response: record.data.policy };
    case 'incident-person-needed':
      return { ...before, person: before.person ?? { atMs: at, why: record.data.why } };
    case 'incident-action-begun': {
      const { action: id, does, said, untilMs } = record.data;
      const due = untilMs === undefined ? {} : { untilMs };
      const action: ResponderAction = { id, kind: does, begunAtMs: at, ...due, endedAtMs: null, outcome: null, said };
      return { ...before, actions: [...before.actions, action].slice(-actionsMax) };
    }
    case 'incident-action-ended': {
      const { action: id, outcome, said } = record.data;
      const ended = (one: ResponderAction): ResponderAction => ({ ...one, endedAtMs: at, outcome, said });
      const isUnderWay = (one: ResponderAction): boolean => one.id === id && one.endedAtMs === null;
      return { ...before, actions: before.actions.map((one) => (isUnderWay(one) ? ended(one) : one)) };
    }
    case 'incident-told': {
      const { id: _, ...said } = record.data;
      const told: Told = { ...said, atMs: at };
      const others = before.told.filter(({ key, notifier }) => key !== told.key || notifier !== told.notifier);
      const toldAtMs = before.toldAtMs ?? (told.state === 'delivered' ? at : null);
      return { ...before, told: [...others, told].slice(-toldMax), toldAtMs };
    }
    case 'incident-room-opened': {
      const { id: _, ...room } = record.data;
      return { ...before, room: { ...room, state: 'open', atMs: at } };
    }
    case 'incident-room-failed': {
      const { id: _, ...failed } = record.data;
      const known = before.room?.number === failed.number ? before.room : { channel: null, name: null, url: null };
      return { ...before, room: { ...known, ...failed, state: 'failed', atMs: at } };
    }
    case 'incident-room-archived': {
      const { room } = before;
      return room?.number === record.data.number ? { ...before, room: { ...room, state: 'archived', atMs: at } } : before;
    }
    case 'incident-policy-taken': {
      const { policy, code } = record.data;
      return { ...before, escalation: { policy, code, done: [], lapsedAtMs: null, raisedAtMs: null } };
    }
    case 'incident-escalated': {
      const { step, round, isVain } = record.data;
      const { escalation } = before;
      const told = { step, round, atMs: at, ...(isVain ? { isVain } : {}) };
      return { ...before, escalation: escalation && { ...escalation, done: [...escalation.done, told] } };
    }
    case 'incident-measured':
    case 'incident-diagnosed':
    case 'incident-learned':
    case 'incident-narration-asked':
    case 'incident-narrated':
    case 'incident-narration-failed':
    case 'incident-review-edited':
    case 'incident-action-item-set':
      return before;
  }
}

/** It is worse now: whoever was told has to hear of it by the ways for that, and nobody's word counts for longer than such a word does. */
function raised(incident: Incident, at: number): Incident {
  const { escalation, ack } = incident;
  const forMs = Math.min(ack?.forMs ?? 0, acknowledgedForMsOf(incident));
  return {
    ...incident,
    ack: ack && { ...ack, forMs, untilMs: Math.min(ack.untilMs, at + forMs) },
    escalation: escalation && { ...escalation, done: [], lapsedAtMs: null, raisedAtMs: at },
  };
}

/** When the first of some alerts began, as far back as that can be meant. */
function sinceWhen({ openedAtMs }: Incident, alerts: readonly IncidentAlert[]): number {
  return Math.max(openedAtMs - startedMaxMs, Math.min(...alerts.map(({ sinceMs }) => sinceMs)));
}

function joined(before: Incident, alerts: readonly IncidentAlert[]): Incident {
  const open = alerts.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  const recovering = open.filter(({ isRecovering }) => isRecovering).length;
  return {
    ...before,
    startedAtMs: before.startedBy === null ? Math.min(before.startedAtMs, sinceWhen(before, alerts)) : before.startedAtMs,
    alerts: [...before.alerts, ...alerts].slice(0, alertsMax),
    alertCount: before.alertCount + alerts.length,
    firing: before.firing + open.length - recovering,
    recovering: before.recovering + recovering,
  };
}

/** Whoever has taken an incident and is seen at work has it for as long again. */
function worked(incident: Incident, { at, actor }: IncidentRecord): Incident {
  const { ack } = incident;
  if (ack === null || ack.by !== actor || ack.untilMs <= at) return incident;
  return { ...incident, ack: { ...ack, untilMs: Math.max(ack.untilMs, at + ack.forMs) } };
}

/** Those that are over longest are forgotten first. */
function bounded(incidents: Map<string, Incident>): void {
  let over = 0;
  for (const incident of incidents.values()) if (isOver(incident)) over += 1;
  for (const incident of incidents.values()) {
    if (over <= overMax) break;
    if (!isOver(incident)) continue;
    incidents.delete(incident.id);
    over -= 1;
  }
}
