import type { ObjectiveEvent } from '../../../runtime/objectives/objective-records.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of an objective: what people have changed. What came with the document of a version is in the request for its release. */
export function objectiveEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
  const event = { kind, data } as ObjectiveEvent;
  if (!('from' in event.data)) return null;
  const { from = null, why, ...rest } = event.data;
  const subject = 'objective' in rest && typeof rest.objective === 'string' ? rest.objective : rest.id;
  const shown = 'standalone' in rest ? rest.standalone : 'fromMs' in rest ? { fromMs: rest.fromMs, toMs: rest.toMs } : null;
  const isGone = kind === 'objective-removed' || kind === 'correction-removed';
  return {
    seq,
    at,
    actor,
    kind,
    service: 'service' in rest ? rest.service : (/^(?!slo\/)([^/]+)\//.exec(subject)?.[1] ?? null),
    release: null,
    subject,
    why: redactedText(why),
    from,
    before: isGone ? redacted({ id: rest.id }) : null,
    after: redacted(shown),
    said: null,
    hash,
  };
}
