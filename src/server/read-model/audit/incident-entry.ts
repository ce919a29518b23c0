import type { IncidentEvent } from '../../../incidents/events.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of an incident: what people have asked. What follows by itself is in the incident. */
export function incidentEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
  const event = { kind, data } as IncidentEvent;
  if (!('from' in event.data) || !event.data.from) return null;
  const { id, from, why, ...rest } = event.data;
  const { said: _, ...after } = { said: null, ...rest };
  return {
    seq,
    at,
    actor,
    kind,
    service: serviceOfIncident(id),
    release: null,
    subject: id,
    why: redactedText(why),
    from,
    before: null,
    after: Object.keys(after).length === 0 ? null : redacted(after),
    said: null,
    hash,
  };
}

/** The id of an incident begins with its service; `rampart` is that of none. */
function serviceOfIncident(id: string): string | null {
  const service = id.replace(/-\d{8}-\d+$/, '');
  return service === 'rampart' ? null : service;
}
