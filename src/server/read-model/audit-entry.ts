import type { AccessEvent, Origin } from '../../access/types.ts';
import type { FlagEvent } from '../../flags/types.ts';
import type { IncidentEvent } from '../../incidents/events.ts';
import type { OnCallEvent } from '../../incidents/on-call/overrides.ts';
import type { SilenceEvent } from '../../incidents/routing/silence-record.ts';
import type { SetupEvent } from '../../incidents/setup.ts';
import { silencesStream } from '../../runtime/alerts/silence-records.ts';
import type { GroupRecorded } from '../../runtime/group-records.ts';
import { incidentsStream } from '../../runtime/incidents/incident-records.ts';
import { setupStream } from '../../runtime/notifications/setup-records.ts';
import { type ObjectiveEvent, objectivesStream } from '../../runtime/objectives/objective-records.ts';
import { onCallStream } from '../../runtime/on-call/on-call-records.ts';
import { type ReadinessEvent, readinessStream } from '../../runtime/readiness/readiness-records.ts';
import { recordedIn } from '../../runtime/record.ts';
import { timelinesStream } from '../../runtime/timeline/timeline-records.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { TimelineEvent } from '../../timeline/types.ts';
import { redacted, redactedText } from '../../views/redacted.ts';
import { silenceEntry } from './silence-entry.ts';

/** What people ask of incidents. What follows by itself has no `from`. */
const incidentKinds = [
  'incident-opened',
  'incident-severity-changed',
  'incident-start-corrected',
  'incident-acknowledged',
  'incident-mitigated',
  'incident-resolved',
  'incident-reopened',
  'incident-reviewed',
  'incident-noted',
  'incident-narration-asked',
  'incident-review-edited',
  'incident-action-item-set',
] as const satisfies readonly IncidentEvent['kind'][];

/** Kinds of entries: what is asked of a service or a group, and what is done about access and flags. */
export const auditKinds = [
  'requested',
  'verb',
  'drill-asked',
  'restart-asked',
  'restart-stopped',
  'user-added',
  'user-changed',
  'user-removed',
  'password-set',
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'token-added',
  'token-revoked',
  'configured',
  'group-requested',
  'group-aborted',
  'flag-set-applied',
  'flag-set-removed',
  'flag-off',
  'flag-share',
  'flag-routed',
  'flag-reset',
  'silence-set',
  'silence-ended',
  'objective-set',
  'objective-removed',
  'correction-added',
  'correction-removed',
  ...incidentKinds,
  'incident-setup-applied',
  'timeline-planned',
  'timeline-moved',
  'timeline-cancelled',
  'timeline-entry-asked',
  'timeline-entry-skipped',
  'readiness-run',
  'item-confirmed',
  'confirmation-withdrawn',
  'item-exempted',
  'exemption-ended',
  'report-signed',
  'incident-setup-applied',
  'on-call-overridden',
  'on-call-override-cancelled',
] as const satisfies readonly (
  | AccessEvent['kind']
  | FlagEvent['kind']
  | SilenceEvent['kind']
  | ObjectiveEvent['kind']
  | TimelineEvent['kind']
  | ReadinessEvent['kind']
  | IncidentEvent['kind']
  | SetupEvent['kind']
  | OnCallEvent['kind']
  | `group-${'requested' | 'aborted'}`
  | 'requested'
  | 'verb'
  | 'drill-asked'
  | 'restart-asked'
  | 'restart-stopped'
)[];

/** What somebody has asked for or done: who, when, from where, why, and what was before and after. */
export type AuditEntry = {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly actor: string;
  /** `requested`, `verb`, or what the streams `access` and `flags` record. */
  readonly kind: string;
  readonly service: string | null;
  readonly release: string | null;
  /** The version that was asked for, the verb, the user, token, setting, flag or set of flags. */
  readonly subject: string | null;
  readonly why: string;
  /** null: of before it was kept. */
  readonly from: Origin | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly said: string | null;
  /** The record's hash in the chain. */
  readonly hash: string;
};

const servicePrefix = 'service/';
/** What is asked for in the stream of a service. */
const askedOfServices = ['requested', 'verb', 'drill-asked', 'restart-asked', 'restart-stopped'] as const;
const groupPrefix = 'group/';

/** Of a group: who asked for it, and who aborted it. What follows from that is among the records of its services. */
function groupEntry({ seq, at, actor, kind, hash, stream, data }: LoggedEvent): AuditEntry | null {
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

/** Of an objective: what people have changed. What came with the document of a version is in the request for its release. */
function objectiveEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
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

/** Of a planned release: what people have decided. What it did by itself follows from that, and is in the log. */
function timelineEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
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

/** Of readiness: what people have asked, claimed and signed. What checks have found stands in the report. */
function readinessEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
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

/** Of an incident: what people have asked. What follows by itself is in the incident. */
function incidentEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry | null {
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

/** Of who is told of what: the documents' names; their texts, with numbers of people, are in the log. */
function setupEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry {
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

/** The id of an incident begins with its service; `rampart` is that of none. */
function serviceOfIncident(id: string): string | null {
  const service = id.replace(/-\d{8}-\d+$/, '');
  return service === 'rampart' ? null : service;
}

/** Of who is on call otherwise than the documents say. */
function onCallEntry({ seq, at, actor, kind, hash, data }: LoggedEvent): AuditEntry {
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

/** A record as the audit shows it, without secrets; null for what no person or program has asked for. */
export function auditEntry(logged: LoggedEvent): AuditEntry | null {
  const { seq, at, actor, kind, hash } = logged;
  if (logged.stream === 'access' || logged.stream === 'flags') {
    const { subject = null, from = null, why = '', before = null, after = null } = logged.data as Partial<AuditEntry>;
    const shown = { before: redacted(before), after: redacted(after), why: redactedText(why) };
    return { seq, at, actor, kind, service: null, release: null, subject, from, said: null, hash, ...shown };
  }
  if (logged.stream === silencesStream) return silenceEntry(logged);
  if (logged.stream === objectivesStream) return objectiveEntry(logged);
  if (logged.stream === timelinesStream) return timelineEntry(logged);
  if (logged.stream === onCallStream) return onCallEntry(logged);
  if (logged.stream === incidentsStream) return incidentEntry(logged);
  if (logged.stream === setupStream) return setupEntry(logged);
  if (logged.stream === readinessStream) return readinessEntry(logged);
  if (logged.stream.startsWith(groupPrefix)) return groupEntry(logged);
  if (!logged.stream.startsWith(servicePrefix) || !(askedOfServices as readonly string[]).includes(kind)) return null;
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
