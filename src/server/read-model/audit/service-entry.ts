import { recordedIn } from '../../../runtime/record.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import type { AuditEntry } from './entry.ts';

/** What the streams of services begin with. */
export const servicePrefix = 'service/';
/** What is asked for in the stream of a service. */
const askedOfServices = ['requested', 'verb', 'drill-asked', 'restart-asked', 'restart-stopped'] as const;

/** Of a service: releases, verbs and restarts that were asked for. */
export function serviceEntry(logged: LoggedEvent): AuditEntry | null {
  const { seq, at, actor, kind, hash } = logged;
  if (!(askedOfServices as readonly string[]).includes(kind)) return null;
  const { event, said, audit } = recordedIn(logged);
  if (event.kind === 'drill-asked') {
    const shown = {
      service: logged.stream.slice(servicePrefix.length),
      release: event.release,
      subject: null,
      why: '',
      from: null,
    };
    return { seq, at, actor, kind, ...shown, before: null, after: { percent: event.percent }, said, hash };
  }
  if (event.kind === 'restart-asked' || event.kind === 'restart-stopped') {
    return {
      seq,
      at,
      actor,
      kind,
      service: logged.stream.slice(servicePrefix.length),
      release: null,
      subject: event.kind === 'restart-asked' ? event.version : null,
      why: redactedText(event.why),
      from: event.from ?? null,
      before: null,
      after: { restart: event.restart },
      said: said === null ? null : redactedText(said),
      hash,
    };
  }
  if (event.kind !== 'requested' && event.kind !== 'verb') return null;
  return {
    seq,
    at,
    actor,
    kind,
    service: logged.stream.slice(servicePrefix.length),
    release: event.release,
    subject: event.kind === 'requested' ? event.version : event.verb,
    why: redactedText(event.why),
    from: event.from ?? null,
    before: redacted(audit?.before ?? null),
    after: redacted(audit?.after ?? null),
    said: said === null ? null : redactedText(said),
    hash,
  };
}
