import type { GroupRecorded } from '../../../runtime/group-records.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** What the streams of groups begin with. */
export const groupPrefix = 'group/';

/** Of a group: who asked for it, and who aborted it. What follows from that is among the records of its services. */
export function groupEntry({ seq, at, actor, kind, hash, stream, data }: LoggedEvent): AuditEntry | null {
  const { event, said } = data as GroupRecorded;
  if (event.kind !== 'requested' && event.kind !== 'aborted') return null;
  const versions = (of: 'before' | 'version') =>
    event.kind === 'requested' ? Object.fromEntries(event.members.map((member) => [member.service, member[of]])) : null;
  return {
    seq,
    at,
    actor,
    kind: `group-${kind}`,
    service: null,
    release: null,
    subject: stream.slice(groupPrefix.length),
    why: redactedText(event.why),
    from: event.from ?? null,
    before: versions('before'),
    after: versions('version'),
    said: said === null ? null : redactedText(said),
    hash,
  };
}
