import type { ReadinessEvent } from '../../../runtime/readiness/readiness-records.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of readiness: what people have asked, claimed and signed. What checks have found stands in the report. */
export function readinessEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
  const event = { kind, data } as ReadinessEvent;
  if (event.kind === 'item-checked' || event.kind === 'readiness-ended') return null;
  const { from = null, service, checklist, ...rest } = event.data;
  const said = 'why' in rest ? rest.why : 'reason' in rest ? rest.reason : 'comment' in rest ? (rest.comment ?? '') : '';
  return {
    seq,
    at,
    actor,
    kind,
    service,
    release: null,
    subject: 'item' in rest ? rest.item : 'role' in rest ? rest.role : checklist,
    why: redactedText(said),
    from,
    before: null,
    after: redacted({ checklist, ...rest }),
    said: null,
    hash,
  };
}
