import type { IncidentRecorded } from '../../incidents/events.ts';
import type { IncidentsState } from '../../incidents/fold.ts';
import type { Incident } from '../../incidents/types.ts';
import { outcomesOf } from '../../notifications/outcomes.ts';
import { roomOutcome } from '../../notifications/room-outcome.ts';
import { type EndedMessage, itself, type OutboxState } from '../../notifications/types.ts';
import { textIn } from '../../spec/text.ts';
import type { IncidentsRecorded } from '../incidents/incident-records.ts';
import { RecordedState } from '../recorded-state.ts';
import type { Commit } from './outbox-keeper.ts';
import type { MessagesRecorded } from './outbox-records.ts';

/** Puts what becomes of messages on record together with what their incidents note of it. */
export function withIncidents(messages: MessagesRecorded, incidents: IncidentsRecorded): Commit {
  return (build, effect) =>
    RecordedState.changeBoth(
      messages,
      incidents,
      (outbox, known, atMs) => {
        const events = build(outbox, atMs);
        const told = outcomesOf(outbox, events, atMs).flatMap((ended) => toldEvents(known, outbox, ended));
        return [events, [...told, ...events.flatMap((event) => roomOutcome(outbox, event))]];
      },
      effect,
    );
}

/**
 * What an incident notes of a message that is over.
 *
 * @param outbox - With what was told before: what comes later is for whoever was called at the same address.
 */
export function toldEvents(incidents: IncidentsState, outbox: OutboxState, ended: EndedMessage): readonly IncidentRecorded[] {
  const incident = ended.incident === null ? undefined : incidents.incidents.get(ended.incident);
  if (!incident) return [];
  const { key, language } = ended.message;
  const queued = incident.told.find((told) => told.key === key && told.notifier === ended.notifier);
  const { person = personAt(incident, outbox, ended), step = null, group } = queued ?? {};
  const state = ended.state === 'given-up' ? 'refused' : ended.state;
  const said = textIn(ended.said, language);
  const about = group === undefined ? {} : { group };
  const data = { id: incident.id, key, notifier: ended.notifier, person, step, state, said, ...about } as const;
  return [{ kind: 'incident-told', actor: itself, data }];
}

/** Whom a policy has called at the address of a message; null: nobody, it is that of a channel. */
function personAt({ id, told }: Incident, { ended }: OutboxState, { notifier, to }: EndedMessage): string | null {
  const keys = new Set(
    ended.flatMap((one) => (one.incident === id && one.notifier === notifier && one.to === to ? [one.message.key] : [])),
  );
  return told.find((one) => one.person !== null && one.notifier === notifier && keys.has(one.key))?.person ?? null;
}
