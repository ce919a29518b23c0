import type { Alert, AlertsState } from '../alerts/types.ts';
import { durationText } from '../spec/unit-text.ts';
import { outgrown } from './acknowledgement.ts';
import type { IncidentEvent, IncidentRecorded } from './events.ts';
import { Folding, type IncidentsState, startedMaxMs } from './fold.ts';
import type { GroupOf } from './group.ts';
import { incidentId } from './incident-id.ts';
import { isOver, isWorse, worstOf } from './severity.ts';
import type { Incident, IncidentAlert } from './types.ts';

/** An alert that comes so soon after the end of an incident belongs to it: what flaps is one disturbance. */
export const reopenWithinMs = 15 * 60_000;
/** Alerts that still fire so long after a person has ended their incident: nobody looks at them any more, and users are hurt. */
export const firesOnMs = 30 * 60_000;
/** Alerts that have not ended, of all incidents: more than may be open at once. Further ones wait until others have ended. */
const heldMax = 10_000;
/** Incidents that are not over. Further ones wait until others are. */
export const unresolvedMax = 2_000;
/** An alert and the incident of it are put on record one after the other. */
const lateMs = 60_000;
/** Alerts of one record. */
const perRecord = 1_000;
/** Names of them that are kept with a record of their ids. */
const namesMax = 5;

/** Who acts where no person has asked. */
export const itself = 'rampart';

/**
 * What comes on record of alerts, as they are now: those that fire open an incident, join one or reopen it; those that have ended take it
 * to its end. Pure, and safe to repeat: an alert that is on record as it is changes nothing, so no order of them loses one.
 *
 * @param alerts - In any order; of those with the same id the last one counts.
 * @param gone - Ids of alerts that nothing is known of any more: they count as ended.
 */
export function takeIn(
  state: IncidentsState,
  alerts: readonly Alert[],
  groupOf: GroupOf,
  atMs: number,
  gone: readonly string[] = [],
): readonly IncidentRecorded[] {
  const draft = new Draft(state, atMs);
  const all = [...new Map(alerts.map((alert) => [alert.id, alert])).values()];
  const ended = new Set(all.some(({ state: now }) => now === 'resolved') ? state.ended : []);
  const isNew = ({ id, firedAtMs }: Alert): boolean => !state.alerts.has(id) && firedAtMs !== null && !ended.has(id);
  const joining = Map.groupBy(all.filter(isNew), (alert) => groupOf(alert).key);
  for (const [key, own] of joining) join(draft, key, own, groupOf);
  change(draft, all);
  end(draft, [...all, ...gone.map((id): Ended => ({ id, state: 'resolved', resolvedAtMs: null }))]);
  for (const id of draft.touched) settle(draft, id);
  return draft.events;
}

/**
 * The same for all alerts that there are, as when a controller starts: also for those that have come and gone while nobody looked, and
 * those that are not known of any more.
 *
 * @param news - Alerts that are known to have changed.
 */
export function takeInAll(
  state: IncidentsState,
  { open, ended }: AlertsState,
  groupOf: GroupOf,
  atMs: number,
  news: readonly Alert[] = [],
): readonly IncidentRecorded[] {
  const { lastAtMs } = state;
  const isMissed = ({ resolvedAtMs }: Alert): boolean => lastAtMs !== null && (resolvedAtMs ?? 0) >= lastAtMs - lateMs;
  const over = ended.filter((alert) => state.alerts.has(alert.id) || isMissed(alert));
  const all = [...news, ...over, ...open.values()];
  const known = new Set(all.map(({ id }) => id));
  const gone = [...state.alerts.keys()].filter((id) => !known.has(id));
  return takeIn(state, all, groupOf, atMs, gone);
}

/** The state as it will be, and the events that lead there. */
class Draft {
  readonly events: IncidentRecorded[] = [];
  readonly touched = new Set<string>();
  readonly atMs: number;
  readonly #folding: Folding;

  constructor(state: IncidentsState, atMs: number) {
    this.#folding = new Folding(state);
    this.atMs = atMs;
  }

  get state(): IncidentsState {
    return this.#folding.state;
  }

  add(event: IncidentEvent): void {
    const recorded = { ...event, actor: itself };
    this.events.push(recorded);
    this.touched.add(event.data.id);
    this.#folding.take({ ...recorded, at: this.atMs });
  }
}

function join(draft: Draft, key: string, alerts: readonly Alert[], groupOf: GroupOf): void {
  let room = heldMax - draft.state.alerts.size;
  const fitting = alerts.filter(({ state }) => state === 'resolved' || room-- > 0);
  const own = fitting.toSorted((a, b) => a.pendingAtMs - b.pendingAtMs || a.id.localeCompare(b.id));
  const [first] = own;
  if (!first) return;
  const id = incidentOf(draft, key, own, groupOf);
  if (id === null) return;
  for (let from = 0; from < own.length; from += perRecord)
    draft.add({ kind: 'incident-alert-joined', data: { id, alerts: own.slice(from, from + perRecord).map(noted) } });
}

/** The incident that alerts of a key belong to: the one there is, one that ended a moment ago, or a new one; null: there is no room. */
function incidentOf(draft: Draft, key: string, alerts: readonly Alert[], groupOf: GroupOf): string | null {
  const { state, atMs } = draft;
  const [first] = alerts;
  if (!first) return null;
  const { service } = first;
  const all = [...state.incidents.values()];
  const open = all.filter((one) => !isOver(one));
  const live =
    open.find((one) => one.key === key) ??
    open.find((one) => one.openedBy !== null && one.service !== null && one.service === service);
  const fires = alerts.some((alert) => alert.state === 'firing');
  if (live) {
    if (live.state === 'mitigated' && fires) draft.add(reopening(live.id, comesAgain(alerts)));
    worsen(draft, live, alerts);
    return live.id;
  }
  const over = all.findLast(
    (one) => one.key === key && one.state === 'resolved' && atMs - (one.resolvedAtMs ?? 0) <= reopenWithinMs,
  );
  if (over) {
    draft.add(reopening(over.id, comesAgain(alerts)));
    worsen(draft, over, alerts);
    return over.id;
  }
  if (open.length >= unresolvedMax) return null;
  const { policy } = groupOf(first);
  const id = incidentId(state, service, atMs);
  draft.add({
    kind: 'incident-opened',
    data: {
      id,
      key,
      policy,
      title: service === null ? first.name : `${service}: ${first.name}`,
      service,
      severity: worstOf(alerts),
      startedAtMs: Math.max(Math.min(first.pendingAtMs, atMs), atMs - startedMaxMs),
      attribution: null,
      byHand: false,
      why: '',
    },
  });
  return id;
}

/** Alerts that are worse than all before make it worse, also where a person has set it: they did not know of these. */
function worsen(draft: Draft, incident: Incident, alerts: readonly Alert[]): void {
  const severity = worstOf(alerts);
  const isNews = incident.severityBy === null || isWorse(severity, worstOf(incident.alerts));
  if (!isNews || !isWorse(severity, incident.severity)) return;
  const why = alerts.find(({ urgency }) => worstOf([{ urgency }]) === severity)?.name ?? '';
  draft.add({ kind: 'incident-severity-changed', data: { id: incident.id, severity, byHand: false, why } });
  for (const event of outgrown(incident, severity, itself)) draft.add(event);
}

function change(draft: Draft, alerts: readonly Alert[]): void {
  const turned: { readonly incident: string; readonly alert: Alert }[] = [];
  for (const alert of alerts) {
    const held = draft.state.alerts.get(alert.id);
    if (!held) continue;
    const incident = draft.state.incidents.get(held.incident);
    if (incident && isNewAttribution(incident, alert))
      draft.add({ kind: 'incident-attributed', data: { id: incident.id, attribution: alert.attribution } });
    if (alert.state === 'resolved') continue;
    if (held.isRecovering !== (alert.state === 'recovering')) turned.push({ incident: held.incident, alert });
  }
  for (const [id, all] of Map.groupBy(turned, ({ incident }) => incident))
    for (const isRecovering of [true, false]) {
      const own = all.map(({ alert }) => alert).filter(({ state }) => (state === 'recovering') === isRecovering);
      if (own.length === 0) continue;
      const isMitigated = draft.state.incidents.get(id)?.state === 'mitigated';
      if (isMitigated && !isRecovering) draft.add(reopening(id, comesAgain(own)));
      for (let from = 0; from < own.length; from += perRecord) {
        const changed = own.slice(from, from + perRecord);
        const ids = changed.map((alert) => alert.id);
        draft.add({ kind: 'incident-alert-changed', data: { id, alerts: ids, ...firstNames(draft, id, ids), isRecovering } });
      }
    }
}

/** A release beats none, and more evidence beats less. */
function isNewAttribution(incident: Incident, alert: Alert): alert is Alert & { attribution: NonNullable<Alert['attribution']> } {
  const { attribution: now } = alert;
  const before = incident.attribution;
  if (now === null) return false;
  if (before === null) return true;
  if (now.release === null) return false;
  // Each alert counts in a window of its own: only what has seen more replaces what is there, so they do not take turns.
  return before.release === null || badOf(now) > badOf(before);
}

function badOf({ versions }: NonNullable<Alert['attribution']>): number {
  return versions.reduce((sum, { bad }) => sum + bad, 0);
}

type Ended = Pick<Alert, 'id' | 'state' | 'resolvedAtMs'>;

function end(draft: Draft, alerts: readonly Ended[]): void {
  const over = alerts.filter(({ id, state }) => state === 'resolved' && draft.state.alerts.has(id));
  for (const [id, own] of Map.groupBy(over, (alert) => draft.state.alerts.get(alert.id)?.incident ?? ''))
    for (let from = 0; from < own.length; from += perRecord) {
      const ends = own.slice(from, from + perRecord).map((one) => ({ id: one.id, atMs: one.resolvedAtMs ?? draft.atMs }));
      const names = firstNames(
        draft,
        id,
        ends.map((one) => one.id),
      );
      draft.add({ kind: 'incident-alert-ended', data: { id, alerts: ends, ...names } });
    }
}

/** What people call alerts of an incident, as far as it is kept in mind. */
function firstNames(draft: Draft, incident: string, ids: readonly string[]): { readonly names?: readonly string[] } {
  const wanted = new Set(ids);
  const own = draft.state.incidents.get(incident)?.alerts.filter(({ id }) => wanted.has(id)) ?? [];
  const names = [...new Set(own.map(({ name }) => name))].slice(0, namesMax);
  return names.length > 0 ? { names } : {};
}

/** What follows for an incident from its alerts. One that a person has opened is theirs to end. */
function settle(draft: Draft, id: string): void {
  const incident = draft.state.incidents.get(id);
  if (!incident || isOver(incident) || incident.alertCount === 0 || incident.firing > 0) return;
  const asked = { id, why: '' };
  if (incident.recovering === 0 && incident.openedBy === null) {
    const said = { en: 'all its alerts have ended', ru: 'все тревоги завершились' };
    draft.add({ kind: 'incident-resolved', data: { ...asked, said } });
  } else if (incident.state === 'open' || incident.state === 'acknowledged') {
    const said =
      incident.recovering > 0
        ? {
            en: 'nothing bad happens any more: its alerts last only because of what was before',
            ru: 'новых нарушений нет: тревоги держатся только из-за того, что было раньше',
          }
        : { en: 'all its alerts have ended', ru: 'все тревоги завершились' };
    draft.add({ kind: 'incident-mitigated', data: { ...asked, said } });
  }
}

/**
 * What comes on record because its time has come: nobody's word counts for ever, neither that somebody has it nor that it is over.
 *
 * @param isQuiet - Whether nobody is to hear of an incident: what is silenced stays ended until it is not.
 */
export function overdue(
  state: IncidentsState,
  atMs: number,
  isQuiet: (incident: Incident) => boolean = () => false,
): readonly IncidentRecorded[] {
  // Of several that were ended for the same the last one goes on.
  const open = new Set<string>();
  return [...state.incidents.values()].reverse().flatMap((incident): IncidentRecorded[] => {
    const { id, key, state: now, ack } = incident;
    if (!open.has(key) && firesOn(state, incident, atMs) && !isQuiet(incident)) {
      open.add(key);
      return [{ ...reopening(id, firedOn(incident)), actor: itself }];
    }
    if (now !== 'acknowledged' || ack === null || ack.untilMs > atMs) return [];
    const why = `${ack.by} has not been seen at work on it for ${durationText(ack.forMs)}`;
    return [{ kind: 'incident-acknowledgement-ended', actor: itself, data: { id, why } }];
  });
}

/** Whether an incident that a person has ended fires still after its time, and no other one is open for the same. */
function firesOn(state: IncidentsState, { key, state: now, resolvedAtMs, firing }: Incident, atMs: number): boolean {
  if (now !== 'resolved' || firing === 0 || resolvedAtMs === null || atMs - resolvedAtMs < firesOnMs) return false;
  return ![...state.incidents.values()].some((one) => one.key === key && !isOver(one));
}

function firedOn({ alerts, firing }: Incident): { readonly en: string; readonly ru: string } {
  const name = alerts.find(({ resolvedAtMs, isRecovering }) => resolvedAtMs === null && !isRecovering)?.name ?? '';
  const more = firing > 1 ? { en: ` and ${firing - 1} more`, ru: ` и ещё ${firing - 1}` } : { en: '', ru: '' };
  const after = durationText(firesOnMs);
  return {
    en: `${name}${more.en} still ${firing > 1 ? 'fire' : 'fires'} ${after} after it was resolved by hand`,
    ru: `${name}${more.ru}: горит спустя ${after} после завершения вручную`,
  };
}

/** The next moment at which an acknowledgement is overdue, unix milliseconds; `Infinity`: never. */
export function nextOverdueMs(state: IncidentsState): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { state: now, ack } of state.incidents.values())
    if (now === 'acknowledged' && ack !== null) next = Math.min(next, ack.untilMs);
  return next;
}

function reopening(id: string, said: { readonly en: string; readonly ru: string }): IncidentEvent {
  return { kind: 'incident-reopened', data: { id, why: '', said } };
}

function comesAgain(alerts: readonly Alert[]): { readonly en: string; readonly ru: string } {
  const { name = '', said = '' } = alerts.find(({ state }) => state === 'firing') ?? alerts[0] ?? {};
  return { en: `${name} fires again: ${said}`, ru: `снова сработало ${name}: ${said}` };
}

function noted(alert: Alert): IncidentAlert {
  const { id, key, origin, name, service, urgency, said, url, pendingAtMs, firedAtMs, resolvedAtMs } = alert;
  const isRecovering = alert.state === 'recovering';
  return {
    ...{ id, key, origin, name, service, urgency, said, url, isRecovering, resolvedAtMs },
    sinceMs: pendingAtMs,
    firedAtMs: firedAtMs ?? pendingAtMs,
  };
}
