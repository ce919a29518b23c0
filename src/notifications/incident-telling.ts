import { itself } from '../incidents/decide.ts';
import {
  dueSteps,
  languageOf,
  policySnapshot,
  type Reachable,
  type Receiver,
  receiversOf,
  vain,
} from '../incidents/escalation.ts';
import type { IncidentRecorded } from '../incidents/events.ts';
import { type IncidentsState, takeIncidents } from '../incidents/fold.ts';
import { onCallAt } from '../incidents/on-call/shifts.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { Message, MessageEvent } from '../notifiers/notifier.ts';
import type { EscalationPolicySpec, NotifyTarget } from '../spec/escalation-policy.ts';
import { type Text, textIn } from '../spec/text.ts';
import { incidentMessage } from './incident-message.ts';
import { queuedNote } from './incident-told.ts';
import { type OpenThread, openThreads } from './open-threads.ts';
import { Outgoing } from './outgoing.ts';
import { cancelEvents } from './queue.ts';
import { isOfGroup } from './threads.ts';
import type { OutboxRecorded, OutboxState } from './types.ts';

/** An incident that has ended may be open again: nobody else has its number for so long. */
const codeKeptMs = 86_400_000;

/** What escalation follows from, beside the incident. */
export type Calling = Reachable & {
  readonly policies: readonly EscalationPolicySpec[];
  /** Name of the policy of an incident; null: nobody is called by one. */
  readonly policyOf: (incident: Incident) => string | null;
  /** Whether the machine is at it, and nobody is to be called yet. */
  readonly isHeld: (incident: Incident) => boolean;
  /** Whether all of its alerts are silenced, muted or inhibited: then nobody hears of it. */
  readonly isQuiet: (incident: Incident) => boolean;
  readonly consoleUrl: string | null;
};

/** What comes on record of both streams, in one transaction. */
export type Told = { readonly incidents: readonly IncidentRecorded[]; readonly messages: readonly OutboxRecorded[] };

/**
 * Calls who is due: each step of the policy in its time, with a message for each receiver of it. A step that reaches nobody is on record as
 * well, with that. Pure; asked again at the same moment it adds nothing.
 */
export function escalate(
  state: IncidentsState,
  outbox: OutboxState,
  calling: Calling,
  nowMs: number,
): Told & { readonly nextMs: number } {
  const incidents: IncidentRecorded[] = [];
  const outgoing = new Outgoing(outbox, nowMs);
  let nextMs = Number.POSITIVE_INFINITY;
  const codes = new Set(openCodes(state, nowMs));
  for (const incident of state.incidents.values()) {
    if (isOver(incident) || incident.state === 'mitigated' || calling.isQuiet(incident)) continue;
    const policy = incident.escalation?.policy ?? snapshotOf(incident, calling);
    if (!policy) continue;
    const code = incident.escalation?.code ?? freeCode(codes);
    codes.add(code);
    if (incident.escalation === null)
      incidents.push({ kind: 'incident-policy-taken', actor: itself, data: { id: incident.id, policy, code } });
    if (calling.isHeld(incident)) continue;
    const done = [...(incident.escalation?.done ?? [])];
    const asked = {
      policy,
      severity: incident.severity,
      openedAtMs: Math.max(
        incident.person?.atMs ?? incident.reopenedAtMs ?? incident.openedAtMs,
        incident.escalation?.raisedAtMs ?? 0,
      ),
      ack: incident.ack ?? (incident.escalation?.lapsedAtMs ? { untilMs: incident.escalation.lapsedAtMs } : null),
      done,
      nowMs,
    };
    // Asked again after each: what has reached nobody is not waited for.
    for (;;) {
      const { due, nextMs: next } = dueSteps(asked);
      if (due.length === 0) {
        nextMs = Math.min(nextMs, next ?? Number.POSITIVE_INFINITY);
        break;
      }
      for (const { step, round, notify } of due) {
        const receivers = receiversOf(notify, calling, nowMs, incident.severity);
        done.push({ step, round, atMs: nowMs, ...vain(receivers) });
        const data = { id: incident.id, step, round, said: stepText(step, round, receivers), ...vain(receivers) };
        incidents.push({ kind: 'incident-escalated', actor: itself, data });
        for (const [index, receiver] of receivers.entries()) {
          const timeZone = zoneOf(receiver.person, notify, calling, nowMs);
          call(incident, receiver, `${round}-${step}-${index}`, step, code, timeZone);
        }
      }
    }
  }
  return { incidents, messages: outgoing.events, nextMs };

  function call(
    incident: Incident,
    receiver: Receiver,
    about: string,
    step: number,
    code: string,
    timeZone: string | null,
  ): void {
    const { person, notifier, to } = receiver;
    const since = Math.max(incident.reopenedAtMs ?? incident.openedAtMs, incident.escalation?.raisedAtMs ?? 0).toString(36);
    const message = incidentMessage(incident, {
      event: 'trigger',
      about: `${since}/${about}/${person ?? 'channel'}`,
      language: languageOf(person, calling),
      timeZone,
      consoleUrl: calling.consoleUrl,
      atMs: nowMs,
      code,
      news: '',
    });
    outgoing.queue({ message, notifier, to, incident: incident.id });
    incidents.push(queuedNote(incident.id, message, receiver, { step }));
  }
}

/** Whose clocks somebody is told times by: their own, else those of the schedule that they are called by; null: of none. */
function zoneOf(
  person: string | null,
  notify: readonly NotifyTarget[],
  { people, schedules }: Calling,
  nowMs: number,
): string | null {
  const own = people.find(({ name }) => name === person)?.timeZone ?? null;
  if (person === null || own !== null) return own;
  const named = notify.flatMap((one) => ('schedule' in one ? [one.schedule] : []));
  const by = schedules.find((one) => named.includes(one.name) && onCallAt(one, nowMs)?.person === person);
  return by?.timeZone ?? null;
}

/** Numbers by which people mean incidents that are not over, or may come back. */
function openCodes({ incidents }: IncidentsState, nowMs: number): readonly string[] {
  return [...incidents.values()].flatMap(({ escalation, resolvedAtMs }) =>
    escalation === null || (resolvedAtMs !== null && nowMs - resolvedAtMs > codeKeptMs) ? [] : [escalation.code],
  );
}

function freeCode(taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(String(number))) number += 1;
  return String(number);
}

function snapshotOf(incident: Incident, { policies, schedules, policyOf }: Calling): EscalationPolicySpec | null {
  const name = policyOf(incident);
  const policy = policies.find((one) => one.name === name);
  return policy ? policySnapshot(policy, schedules) : null;
}

function stepText(
  step: number,
  round: number,
  receivers: readonly { readonly person: string | null; readonly notifier: string }[],
): Text {
  const again = round === 0 ? { en: '', ru: '' } : { en: `, round ${round + 1}`, ru: `, круг ${round + 1}` };
  const names = [...new Set(receivers.map(({ person, notifier }) => person ?? notifier))].join(', ');
  if (names === '')
    return {
      en: `step ${step + 1}${again.en} reaches nobody: nobody is on call, or has no contact for it`,
      ru: `шаг ${step + 1}${again.ru}: звать некого — никто не дежурит или нет подходящего контакта`,
    };
  return { en: `step ${step + 1}${again.en}: ${names}`, ru: `шаг ${step + 1}${again.ru}: ${names}` };
}

/**
 * What those who were told of an incident are told of what has happened since: taken, changed, over. A taken incident, and one that is
 * over, call off what nobody has been sent yet. Whoever routing tells of a group of alerts hears at once of what people and the machine do;
 * what the alerts do comes with the group, in its time.
 *
 * @param before - The incidents before the events.
 */
export function following(
  before: IncidentsState,
  events: readonly IncidentRecorded[],
  outbox: OutboxState,
  consoleUrl: string | null,
  atMs: number,
): readonly OutboxRecorded[] {
  let state = before;
  const outgoing = new Outgoing(outbox, atMs);
  for (const [index, event] of events.entries()) {
    state = takeIncidents(state, { ...event, at: atMs });
    const news = newsOf(event);
    const incident = state.incidents.get(event.data.id);
    if (!news || !incident) continue;
    const { id } = incident;
    const isOfGroups = event.actor !== itself || event.kind === 'incident-action-ended';
    const isMeant = ({ thread }: { readonly thread: string }): boolean => !isOfGroup(thread, id) || isOfGroups;
    // A group's beginning is told though somebody has taken it: others read there.
    const isOff = ({ thread }: Message): boolean => !isOfGroup(thread, id) || (isOfGroups && event.kind === 'incident-resolved');
    if (news.isCalledOff) outgoing.add(cancelEvents(outgoing.outbox, { incident: id, isOf: isOff, why: news.said }));
    const told = [...openThreads(outgoing.outbox, (one) => one.incident === id && isMeant(one)).values()];
    // What the machine has done by itself is told where the team reads, also when nobody had to be called for it.
    const isReport = told.length === 0 && event.kind === 'incident-action-ended';
    for (const { receiver, language, timeZone, thread } of isReport ? channelsOf(incident) : told) {
      const kind = isReport ? 'notice' : news.event;
      const about = `${atMs.toString(36)}-${index}/${kind}`;
      const code = incident.escalation?.code ?? null;
      const writing = { event: kind, about, language, timeZone, consoleUrl, atMs, code, news: textIn(news.said, language) };
      const message = { ...incidentMessage(incident, writing), key: `${thread}/${about}`, thread };
      outgoing.queue({ message, ...receiver, incident: id });
    }
  }
  return outgoing.events;
}

type News = { readonly event: MessageEvent; readonly said: Text; readonly isCalledOff: boolean };

/** What people hear of an event; null: nothing, it changes nothing for them. */
function newsOf(event: IncidentRecorded): News | null {
  const { actor } = event;
  switch (event.kind) {
    case 'incident-acknowledged':
      return { event: 'acknowledge', said: { en: `taken by ${actor}`, ru: `принят (${actor})` }, isCalledOff: true };
    case 'incident-resolved':
      return { event: 'resolve', said: event.data.said, isCalledOff: true };
    case 'incident-mitigated':
    case 'incident-reopened':
      return { event: 'update', said: event.data.said, isCalledOff: event.kind === 'incident-mitigated' };
    case 'incident-action-ended': {
      const { action, said } = event.data;
      return /^(restart|rollback)-/.test(action) ? { event: 'update', said, isCalledOff: false } : null;
    }
    case 'incident-severity-changed': {
      const { severity } = event.data;
      return { event: 'update', said: { en: `${severity} now`, ru: `важность теперь ${severity}` }, isCalledOff: false };
    }
    case 'incident-acknowledgement-ended':
      // That it has become worse they are told by the event before.
      if (event.data.said !== undefined) return null;
      return { event: 'update', said: { en: event.data.why, ru: 'подтверждение истекло' }, isCalledOff: false };
    default:
      return null;
  }
}

/** Where the team reads: the channels of the first step of the policy that has any. */
function channelsOf({ id, escalation }: Incident): readonly OpenThread[] {
  const channels = (escalation?.policy.steps ?? []).map(({ notify }) =>
    notify.flatMap((one): readonly OpenThread[] =>
      'notifier' in one ? [{ receiver: { notifier: one.notifier, to: null }, language: 'en', timeZone: null, thread: id }] : [],
    ),
  );
  return channels.find((found) => found.length > 0) ?? [];
}
