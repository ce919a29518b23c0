import type { Origin } from '../../../access/types.ts';
import { itself, type StatusEvent } from '../../../status/types.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** What people ask of the status page; what follows by itself is on the page. */
export const statusKinds = [
  'status-post-published',
  'status-post-draft-dropped',
  'status-work-announced',
  'status-work-moved',
  'status-work-ended',
  'status-work-cancelled',
] as const satisfies readonly StatusEvent['kind'][];

/** Of the status page: what people have told customers. */
export function statusEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
  if (actor === itself || !(statusKinds as readonly string[]).includes(kind)) return null;
  const { id, why = '', from = null, ...after } = data as { readonly id: string; readonly why?: string; readonly from?: Origin };
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
    after: redacted(after),
    said: null,
    hash,
  };
}
