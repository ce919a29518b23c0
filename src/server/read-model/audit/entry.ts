import type { AccessEvent, Origin } from '../../../access/types.ts';
import type { FlagEvent } from '../../../flags/types.ts';
import type { IncidentEvent } from '../../../incidents/events.ts';
import type { OnCallEvent } from '../../../incidents/on-call/overrides.ts';
import type { SilenceEvent } from '../../../incidents/routing/silence-record.ts';
import type { SetupEvent } from '../../../incidents/setup.ts';
import { silencesStream } from '../../../runtime/alerts/silence-records.ts';
import { incidentsStream } from '../../../runtime/incidents/incident-records.ts';
import { setupStream } from '../../../runtime/notifications/setup-records.ts';
import { type ObjectiveEvent, objectivesStream } from '../../../runtime/objectives/objective-records.ts';
import { onCallStream } from '../../../runtime/on-call/on-call-records.ts';
import { type ReadinessEvent, readinessStream } from '../../../runtime/readiness/readiness-records.ts';
import { statusStream } from '../../../runtime/status/status-records.ts';
import { timelinesStream } from '../../../runtime/timeline/timeline-records.ts';
import type { LoggedEvent } from '../../../stores/log.ts';
import type { TimelineEvent } from '../../../timeline/types.ts';
import { redacted, redactedText } from '../../../views/redacted.ts';
import { groupEntry, groupPrefix } from './group-entry.ts';
import { incidentEntry } from './incident-entry.ts';
import { objectiveEntry } from './objective-entry.ts';
import { onCallEntry } from './on-call-entry.ts';
import { readinessEntry } from './readiness-entry.ts';
import { serviceEntry, servicePrefix } from './service-entry.ts';
import { setupEntry } from './setup-entry.ts';
import { silenceEntry } from './silence-entry.ts';
import { statusEntry, statusKinds } from './status-entry.ts';
import { timelineEntry } from './timeline-entry.ts';

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
  ...statusKinds,
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
  | (typeof statusKinds)[number]
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
  if (logged.stream === statusStream) return statusEntry(logged);
  if (logged.stream === readinessStream) return readinessEntry(logged);
  if (logged.stream.startsWith(groupPrefix)) return groupEntry(logged);
  return logged.stream.startsWith(servicePrefix) ? serviceEntry(logged) : null;
}
