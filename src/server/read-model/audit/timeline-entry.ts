import type { LoggedEvent } from '../../../stores/log.ts';
import type { TimelineEvent } from '../../../timeline/types.ts';
import { redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of a planned release: what people have decided. What it did by itself follows from that, and is in the log. */
export function timelineEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
  const event = { kind, data } as TimelineEvent;
  if (!('why' in event.data)) return null;
  const { id, why, from = null } = event.data;
  const after = {
    ...('version' in event.data ? { version: event.data.version } : {}),
    ...('startMs' in event.data ? { startMs: event.data.startMs } : {}),
    ...('entry' in event.data ? { entry: event.data.entry } : {}),
  };
  return {
    seq,
    at,
    actor,
    kind,
    // The id of a planned release begins with its service, as that of a release does.
    service: 'service' in event.data ? event.data.service : id.replace(/-[^-]+-[^-]+$/, ''),
    release: null,
    subject: id,
    why: redactedText(why),
    from,
    before: null,
    after: Object.keys(after).length === 0 ? null : after,
    said: null,
    hash,
  };
}
