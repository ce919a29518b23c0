import { type SilenceEvent, serviceOfSilence } from '../../../incidents/routing/silence-record.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of silences: what people have asked. That their time is up is not on record. */
export function silenceEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry {
  const event = { kind, data } as SilenceEvent;
  const { id, from } = event.data;
  const isSet = event.kind === 'silence-set';
  return {
    seq,
    at,
    actor,
    kind,
    service: isSet ? serviceOfSilence(event.data) : null,
    release: null,
    subject: id,
    why: redactedText(isSet ? event.data.comment : event.data.why),
    from,
    before: null,
    after: isSet ? redacted({ ...event.data, id: undefined, from: undefined, comment: undefined }) : null,
    said: null,
    hash,
  };
}
