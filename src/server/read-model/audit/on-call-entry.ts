import type { OnCallEvent } from '../../../incidents/on-call/overrides.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of who is on call otherwise than the documents say. */
export function onCallEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry {
  const { id, why, from = null, ...rest } = data as OnCallEvent['data'];
  return {
    seq,
    at,
    actor,
    kind,
    service: null,
    release: null,
    subject: id,
    why: redactedText(why),
    from,
    before: null,
    after: 'overrides' in rest ? redacted(rest) : null,
    said: null,
    hash,
  };
}
