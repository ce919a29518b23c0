import type { SetupEvent } from '../../../incidents/setup.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** Of who is told of what: the documents' names; their texts, with numbers of people, are in the log. */
export function setupEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry {
  const { version, files, notifiers, why, from = null } = data as SetupEvent['data'];
  const shown = { version, files: files.map(({ file }) => file), notifiers: notifiers.map(({ name }) => name) };
  return {
    seq,
    at,
    actor,
    kind,
    service: null,
    release: null,
    subject: `version ${version}`,
    why: redactedText(why),
    from,
    before: version > 1 ? { version: version - 1 } : null,
    after: redacted(shown),
    said: null,
    hash,
  };
}
