import type { Origin } from '../access/types.ts';
import type { Attribution } from '../alerts/types.ts';
import type { EscalationPolicySpec } from '../spec/escalation-policy.ts';
import type { RespondPolicy } from '../spec/incident-response.ts';
import type { Text } from '../spec/text.ts';
import type { AfterEvent } from './after-events.ts';
import type { IncidentAlert, ResponderAction, Severity, Told } from './types.ts';

/** What is noted of a person who has asked for something: of which incident, why, and from where. */
export type Asked = { readonly id: string; readonly why: string; readonly from?: Origin };

/** Names of the first few different alerts of a record. Absent in records of before they were kept. */
type AlertNames = readonly string[];

/**
 * What the stream `incidents` of the log records. The actor is the person who has asked for it, or `rampart` for what follows by itself;
 * `from` is there when a person has asked.
 */
export type IncidentEvent =
  | AfterEvent
  | {
      readonly kind: 'incident-opened';
      readonly data: {
        readonly id: string;
        readonly key: string;
        readonly policy: string | null;
        readonly title: string;
        readonly service: string | null;
        readonly severity: Severity;
        readonly startedAtMs: number;
        readonly attribution: Attribution | null;
        /** Whether a person has opened it, who is the actor then. */
        readonly byHand: boolean;
        readonly why: string;
        readonly from?: Origin;
      };
    }
  /** Many at once: a storm of alerts is a few records. Those that came and ended meanwhile have their end in them. */
  | {
      readonly kind: 'incident-alert-joined';
      readonly data: { readonly id: string; readonly alerts: readonly IncidentAlert[] };
    }
  /** Whether alerts still hold only because of what was before the way back. */
  | {
      readonly kind: 'incident-alert-changed';
      readonly data: {
        readonly id: string;
        readonly alerts: readonly string[];
        readonly names?: AlertNames;
        readonly isRecovering: boolean;
      };
    }
  | {
      readonly kind: 'incident-alert-ended';
      readonly data: {
        readonly id: string;
        readonly alerts: readonly { readonly id: string; readonly atMs: number }[];
        readonly names?: AlertNames;
      };
    }
  | { readonly kind: 'incident-attributed'; readonly data: { readonly id: string; readonly attribution: Attribution } }
  | {
      readonly kind: 'incident-severity-changed';
      readonly data: Asked & { readonly severity: Severity; readonly byHand: boolean };
    }
  /** When users were hurt first, as a person knows it better. `beforeMs`: as it was on record. */
  | {
      readonly kind: 'incident-start-corrected';
      readonly data: Asked & { readonly startedAtMs: number; readonly beforeMs: number };
    }
  | { readonly kind: 'incident-acknowledged'; readonly data: Asked & { readonly untilMs: number } }
  /** `said` is there where it did not expire: the incident has become worse than what was taken. */
  | { readonly kind: 'incident-acknowledgement-ended'; readonly data: Asked & { readonly said?: Text } }
  /** `said`: what is known of it, for people. */
  | { readonly kind: 'incident-mitigated'; readonly data: Asked & { readonly said: Text } }
  | { readonly kind: 'incident-resolved'; readonly data: Asked & { readonly said: Text } }
  /** After its end, or after it was mitigated. */
  | { readonly kind: 'incident-reopened'; readonly data: Asked & { readonly said: Text } }
  /** Its post-mortem was accepted. */
  | { readonly kind: 'incident-reviewed'; readonly data: Asked }
  | { readonly kind: 'incident-noted'; readonly data: Asked & { readonly note: string; readonly text: string } }
  /** The machine takes it up, by what the service's document allows. */
  | { readonly kind: 'incident-responding'; readonly data: { readonly id: string; readonly policy: RespondPolicy } }
  /** The machine does not get on, or may not: a person has to come. */
  | { readonly kind: 'incident-person-needed'; readonly data: { readonly id: string; readonly why: Text } }
  | {
      readonly kind: 'incident-action-begun';
      readonly data: {
        readonly id: string;
        readonly action: string;
        readonly does: ResponderAction['kind'];
        readonly said: string;
        /** By when it has to have helped. */
        readonly untilMs?: number;
      };
    }
  | {
      readonly kind: 'incident-action-ended';
      readonly data: {
        readonly id: string;
        readonly action: string;
        readonly outcome: NonNullable<ResponderAction['outcome']>;
        readonly said: string;
      };
    }
  /** Who is called for it, as the setup says now. */
  | {
      readonly kind: 'incident-policy-taken';
      readonly data: { readonly id: string; readonly policy: EscalationPolicySpec; readonly code: string };
    }
  /** A step of the escalation has come; what was sent for it is `incident-told`. */
  | {
      readonly kind: 'incident-escalated';
      readonly data: {
        readonly id: string;
        readonly step: number;
        readonly round: number;
        readonly said: Text;
        /** It has reached nobody. */
        readonly isVain?: true;
      };
    }
  /** Where somebody was told, or how that went since: the last one of a key counts. */
  | { readonly kind: 'incident-told'; readonly data: { readonly id: string } & Omit<Told, 'atMs'> }
  /** It has a channel of its own. `said`: what of it is not as it should be; empty: nothing. */
  | {
      readonly kind: 'incident-room-opened';
      readonly data: {
        readonly id: string;
        readonly number: number;
        readonly notifier: string;
        readonly channel: string;
        readonly name: string;
        readonly url: string | null;
        readonly said: string;
      };
    }
  /** It could not be made, or nothing can be said there any more. */
  | {
      readonly kind: 'incident-room-failed';
      readonly data: { readonly id: string; readonly number: number; readonly notifier: string; readonly said: string };
    }
  | { readonly kind: 'incident-room-archived'; readonly data: { readonly id: string; readonly number: number } };

/** An event, with whose it is. */
export type IncidentRecorded = IncidentEvent & { readonly actor: string };

/** The events, with when and by whom, as the log holds them. */
export type IncidentRecord = IncidentRecorded & { readonly at: number };

/** Every kind of event of the stream. */
export const incidentEventKinds: Readonly<Record<IncidentEvent['kind'], true>> = {
  'incident-opened': true,
  'incident-alert-joined': true,
  'incident-alert-changed': true,
  'incident-alert-ended': true,
  'incident-attributed': true,
  'incident-severity-changed': true,
  'incident-start-corrected': true,
  'incident-acknowledged': true,
  'incident-acknowledgement-ended': true,
  'incident-mitigated': true,
  'incident-resolved': true,
  'incident-reopened': true,
  'incident-reviewed': true,
  'incident-noted': true,
  'incident-responding': true,
  'incident-person-needed': true,
  'incident-action-begun': true,
  'incident-action-ended': true,
  'incident-policy-taken': true,
  'incident-escalated': true,
  'incident-told': true,
  'incident-room-opened': true,
  'incident-room-failed': true,
  'incident-room-archived': true,
  'incident-measured': true,
  'incident-diagnosed': true,
  'incident-learned': true,
  'incident-narration-asked': true,
  'incident-narrated': true,
  'incident-narration-failed': true,
  'incident-review-edited': true,
  'incident-action-item-set': true,
};
