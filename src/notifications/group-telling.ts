import type { Alert } from '../alerts/types.ts';
import { itself } from '../incidents/decide.ts';
import type { IncidentRecorded } from '../incidents/events.ts';
import type { IncidentsState } from '../incidents/fold.ts';
import type { GroupRecorded, GroupsState, ToldGroup } from '../incidents/routing/group-record.ts';
import type { Look, Telling } from '../incidents/routing/live-groups.ts';
import type { NoticeReason } from '../incidents/routing/notify-decision.ts';
import { isOver, severities } from '../incidents/severity.ts';
import type { Incident, Severity } from '../incidents/types.ts';
import type { Message, MessageEvent } from '../notifiers/notifier.ts';
import { incidentMessage } from './incident-message.ts';
import { queuedNote } from './incident-told.ts';
import { Outgoing } from './outgoing.ts';
import { groupThread } from './threads.ts';
import type { OutboxRecorded, OutboxState } from './types.ts';

/** What comes on record of looks at groups, in one transaction. */
export type GroupsTold = {
  readonly groups: readonly GroupRecorded[];
  readonly incidents: readonly IncidentRecorded[];
  readonly messages: readonly OutboxRecorded[];
};

/** Alerts that a message names, and longest text of one. */
const namedMax = 10;
const saidMax = 300;

/** What looks at groups put on record: a message for each receiver that is to be told, and that it was. Pure. */
export function tellGroups(
  looks: readonly Look[],
  state: IncidentsState,
  outbox: OutboxState,
  consoleUrl: string | null,
  atMs: number,
): GroupsTold {
  const groups: GroupRecorded[] = [];
  const incidents: IncidentRecorded[] = [];
  const outgoing = new Outgoing(outbox, atMs);
  for (const look of looks) {
    const { group, ended } = look;
    if (ended.length > 0)
      groups.push({
        kind: 'alert-group-ended',
        actor: itself,
        data: { group, notifiers: ended, why: 'nothing of it is left to tell' },
      });
    for (const telling of look.tellings) {
      const found = written(look, telling, state, consoleUrl, atMs);
      if (!found) {
        // Its incident is not kept any more: there is nothing to say it with.
        groups.push({
          kind: 'alert-group-ended',
          actor: itself,
          data: { group, notifiers: telling.notifiers, why: 'its incident is not kept any more' },
        });
        continue;
      }
      const { incident, message, severity } = found;
      for (const notifier of telling.notifiers) {
        const receiver = { person: null, notifier, to: null };
        outgoing.queue({ message, notifier, to: null, incident: incident.id });
        incidents.push(queuedNote(incident.id, message, receiver, { group }));
      }
      groups.push({
        kind: 'alert-group-told',
        actor: itself,
        data: {
          group,
          route: look.route?.id ?? telling.last?.route ?? '',
          reason: telling.reason,
          lookMs: look.lookMs,
          notifiers: telling.notifiers,
          firing: [...telling.firing.keys()],
          resolved: [...telling.resolved.keys()],
          severity,
          incident: incident.id,
          thread: message.thread,
          message: message.key,
          isLast: telling.isLast,
        },
      });
    }
  }
  return { groups, incidents, messages: outgoing.events };
}

/**
 * Groups whose threads end because somebody has ended their incident by hand: told of in the same transaction, so that they are begun anew
 * when it comes back.
 */
export function endedByHand(groups: GroupsState, events: readonly IncidentRecorded[]): readonly GroupRecorded[] {
  const over = new Map(
    events.flatMap(({ kind, actor, data }) => (kind === 'incident-resolved' && actor !== itself ? [[data.id, actor]] : [])),
  );
  if (over.size === 0) return [];
  return [...groups].flatMap(([group, told]) =>
    [...Map.groupBy(told, ([, { incident }]) => over.get(incident))].flatMap(([by, own]): readonly GroupRecorded[] =>
      by === undefined
        ? []
        : [
            {
              kind: 'alert-group-ended',
              actor: by,
              data: { group, notifiers: own.map(([name]) => name), why: `its incident was resolved by ${by}` },
            },
          ],
    ),
  );
}

function written(
  look: Look,
  telling: Telling,
  state: IncidentsState,
  consoleUrl: string | null,
  atMs: number,
): { readonly incident: Incident; readonly message: Message; readonly severity: Severity } | null {
  const { firing, resolved, reason, last } = telling;
  const own = incidentsOf([...firing.values()], state);
  const incident =
    (isGoingOn(last) ? state.incidents.get(last.incident) : undefined) ?? own[0] ?? state.incidents.get(last?.incident ?? '');
  if (!incident) return null;
  const severity = worst([...own, ...(own.length === 0 ? [incident] : [])]);
  const thread = isGoingOn(last) ? last.thread : groupThread(incident.id, look.group);
  const event = eventOf(reason, last);
  const base = incidentMessage(incident, {
    event,
    about: '',
    language: 'en',
    timeZone: null,
    consoleUrl,
    atMs,
    code: incident.escalation?.code ?? null,
    news: '',
  });
  const others = own.filter(({ id }) => id !== incident.id).length;
  const names = namesOf(reason, firing, resolved, last);
  // Alerts that are named say it themselves.
  const told = names.length === 0 ? null : incident.alerts.at(-1)?.said;
  const about = base.text.split('\n').filter((line) => line !== told);
  const labels = Object.entries(look.groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return {
    incident,
    severity,
    message: {
      ...base,
      key: `${thread}/${look.lookMs.toString(36)}-${reason}`,
      thread,
      severity,
      title: others === 0 ? base.title : `${base.title}, and ${others} more ${others === 1 ? 'incident' : 'incidents'}`,
      text: [headline(telling), ...names, ...about].filter((line) => line !== '').join('\n'),
      facts: [
        ...base.facts.filter(({ label }) => label !== 'Alerts'),
        { label: 'Firing', value: `${firing.size}` },
        ...(labels.length === 0 ? [] : [{ label: 'Group', value: labels.join(', ').slice(0, saidMax) }]),
      ],
      // What is over is no matter of buttons: the thread goes on for others.
      actions: isOver(incident) ? [] : base.actions,
    },
  };
}

/** Whether its thread is open: what was told of it last was not its end. */
function isGoingOn(last: ToldGroup | null): last is ToldGroup {
  return last !== null && last.firing.size > 0;
}

/** The incidents of alerts that are not over, in the order of the alerts. */
function incidentsOf(alerts: readonly (Alert | null)[], { alerts: held, incidents }: IncidentsState): readonly Incident[] {
  const oldest = alerts.flatMap((alert) => alert ?? []).sort((a, b) => (a.firedAtMs ?? 0) - (b.firedAtMs ?? 0));
  const found = oldest.flatMap(({ id }) => incidents.get(held.get(id)?.incident ?? '') ?? []);
  return [...new Set(found)].filter((incident) => !isOver(incident));
}

function worst(incidents: readonly Incident[]): Severity {
  return severities.find((one) => incidents.some(({ severity }) => severity === one)) ?? 'P2';
}

function eventOf(reason: NoticeReason, last: ToldGroup | null): MessageEvent {
  switch (reason) {
    case 'FirstNotification':
    case 'NewAlertsInGroup':
    case 'RepeatIntervalElapsed':
      return 'trigger';
    case 'NewResolvedAlerts':
      return last !== null && !isGoingOn(last) ? 'trigger' : 'update';
    case 'AllAlertsResolved':
      return 'resolve';
  }
}

function headline({ reason, isMoved, ...telling }: Telling): string {
  const [firing, resolved] = [telling.firing.size, telling.resolved.size];
  const fires = `${firing} ${firing === 1 ? 'alert fires' : 'alerts fire'}`;
  switch (reason) {
    case 'FirstNotification':
      return firing === 1 ? '' : fires;
    case 'NewAlertsInGroup':
      return `new alerts: ${fires} now`;
    case 'NewResolvedAlerts':
      return `${resolved} ${resolved === 1 ? 'alert is' : 'alerts are'} over, ${fires} still`;
    case 'RepeatIntervalElapsed':
      return `still so: ${fires}`;
    case 'AllAlertsResolved':
      return isMoved ? 'it is not told here any more: the routing has changed' : 'all alerts of the group are over';
  }
}

/** The alerts that are news, one in a line. */
function namesOf(
  reason: NoticeReason,
  firing: Telling['firing'],
  resolved: Telling['resolved'],
  last: ToldGroup | null,
): readonly string[] {
  const news =
    reason === 'AllAlertsResolved' || reason === 'NewResolvedAlerts'
      ? [...resolved].filter(([print]) => !last?.resolved.has(print))
      : [...firing].filter(([print]) => reason === 'RepeatIntervalElapsed' || !last?.firing.has(print));
  const alerts = news.flatMap(([, alert]) => alert ?? []);
  if (alerts.length <= 1 && (reason === 'FirstNotification' || reason === 'AllAlertsResolved')) return [];
  const lines = alerts.slice(0, namedMax).map(({ name, said }) => `- ${name}: ${said}`.slice(0, saidMax));
  return alerts.length > namedMax ? [...lines, `- and ${alerts.length - namedMax} more`] : lines;
}
