import { itself } from '../incidents/decide.ts';
import type { Receiver } from '../incidents/escalation.ts';
import type { IncidentRecorded } from '../incidents/events.ts';
import type { Message } from '../notifiers/notifier.ts';

/** What an incident notes of a message that is queued for somebody: by a step of its policy, or of a group of alerts. */
export function queuedNote(
  incident: string,
  { key }: Message,
  { person, notifier }: Receiver,
  about: { readonly step: number } | { readonly group: string },
): IncidentRecorded {
  const told = { id: incident, key, person, notifier, step: null, state: 'queued', said: '' } as const;
  return { kind: 'incident-told', actor: itself, data: { ...told, ...about } };
}
