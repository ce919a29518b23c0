import type { Alert, Attribution } from '../alerts/types.ts';
import type { EscalationPolicySpec } from '../spec/escalation-policy.ts';
import type { RespondPolicy } from '../spec/incident-response.ts';
import type { Text } from '../spec/text.ts';
import type { DoneStep } from './escalation.ts';

/**
 * How bad it is for users, and how soon somebody has to answer: `P0` within 5 minutes, `P1` within 30, `P2` on the next working day.
 * An alert's urgency gives it: `page` is P0, `chat` P1, `email` P2; people may change it.
 */
export type Severity = 'P0' | 'P1' | 'P2';

/**
 * `open`: nobody has taken it yet. `acknowledged`: somebody has, until their word expires. `mitigated`: users are not hurt any more, as far
 * as is known. `resolved`: it is over. `reviewed`: its post-mortem was accepted.
 */
export type IncidentState = 'open' | 'acknowledged' | 'mitigated' | 'resolved' | 'reviewed';

/** An alert of an incident: what is needed to show it when the alert itself is long forgotten. */
export type IncidentAlert = Pick<Alert, 'id' | 'key' | 'origin' | 'name' | 'service' | 'urgency' | 'said' | 'url'> & {
  /** When its condition began to hold, unix milliseconds. */
  readonly sinceMs: number;
  readonly firedAtMs: number;
  /** It still holds only because of what was before the way back. */
  readonly isRecovering: boolean;
  /** Null: it has not ended. */
  readonly resolvedAtMs: number | null;
};

/** What the machine itself has tried, and whether that helped. */
export type ResponderAction = {
  /** Unique in its incident: `rollback-1`. */
  readonly id: string;
  /** `check` looks at the health, `restart` starts instances anew, `rollback` takes the traffic back, `verify` looks whether the burn falls. */
  readonly kind: 'check' | 'restart' | 'rollback' | 'verify' | 'runbook';
  readonly begunAtMs: number;
  /** Of `verify`: by when the burn has to have fallen. Absent: it has no time of its own. */
  readonly untilMs?: number;
  /** Null: it is under way. */
  readonly endedAtMs: number | null;
  /** Null: not known yet. `failed`: it could not be done; `no-help`: it was done, and users are hurt all the same. */
  readonly outcome: 'helped' | 'no-help' | 'failed' | 'skipped' | null;
  /** In one sentence, with numbers. */
  readonly said: string;
};

/** How far the escalation of an incident is. Times are unix milliseconds. */
export type Escalation = {
  /** As it was when the incident opened: a change of the documents does not move what is under way. */
  readonly policy: EscalationPolicySpec;
  /** A number of few digits by which people who type mean it; no other incident that is not over has it. */
  readonly code: string;
  /** Steps that were told since it opened, came back, or became worse. */
  readonly done: readonly DoneStep[];
  /** When the last acknowledgement ended without anything else having happened; null: none has. */
  readonly lapsedAtMs: number | null;
  /** When it last became worse: from then on the steps count anew. Null: it has not since it opened or came back. */
  readonly raisedAtMs: number | null;
};

/** That a person or a channel was told, or was to be told. */
export type Told = {
  /** Key of the message in the outbox. */
  readonly key: string;
  readonly atMs: number;
  /** Name of the person, null: a channel. */
  readonly person: string | null;
  /** Name of the Notifier document. */
  readonly notifier: string;
  /** Step of the escalation policy, from 0; null: it was not an escalation. */
  readonly step: number | null;
  readonly state: 'queued' | 'delivered' | 'refused' | 'cancelled';
  /** What the receiver said, or why it was called off. */
  readonly said: string;
  /** Key of the group of alerts that it tells of, where routing names the receiver; absent: the policy does. */
  readonly group?: string;
};

/** The war room of an incident: a channel of its own at a receiver, where the people at work on it talk. */
export type IncidentRoom = {
  /** From 1: one that was archived is not used again, so an incident that comes back has another one. */
  readonly number: number;
  /** Name of the Notifier document. */
  readonly notifier: string;
  /** `failed`: it could not be made, or nothing can be said there any more; `said` is why. */
  readonly state: 'open' | 'archived' | 'failed';
  /** The receiver's id of it; null: it was never made. */
  readonly channel: string | null;
  readonly name: string | null;
  /** Where people open it; null: not known. */
  readonly url: string | null;
  /** Since when it is in this state, unix milliseconds. */
  readonly atMs: number;
  readonly said: string;
};

/** What somebody wrote, or a command printed. */
export type IncidentNote = { readonly id: string; readonly atMs: number; readonly by: string; readonly text: string };

/** One disturbance, from the first alert to what was learned of it. Everything in it is a fold of the stream `incidents`. */
export type Incident = {
  /** `checkout-20261129-1`: service (or `rampart`), UTC day, number of that day. */
  readonly id: string;
  /** What alerts of it share (the group's key of the routing tree). At most one incident of a key is not resolved. */
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** Who has set the severity by hand last; null: its alerts have. */
  readonly severityBy: string | null;
  readonly state: IncidentState;
  /** Who has opened it by hand; null: an alert has. */
  readonly openedBy: string | null;
  /** Name of its escalation policy, as routing has said when it opened; null: none. */
  readonly policy: string | null;
  /** Unix milliseconds. When users were hurt first: the earliest beginning of its alerts; corrected by a person where that is known better. */
  readonly startedAtMs: number;
  /** Who has said when it began; then alerts that join later do not move it. Null: nobody has. */
  readonly startedBy: string | null;
  /** When it came to be known of: the four clocks are started, detected (this), told (`toldAtMs`), ended (`endedAtMs`). */
  readonly openedAtMs: number;
  /** When the first person or channel was told of it, by the receiver's own yes. */
  readonly toldAtMs: number | null;
  readonly acknowledgedAtMs: number | null;
  readonly mitigatedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  /** When it last came back after its end or its mitigation; null: never. Escalation begins anew then. */
  readonly reopenedAtMs: number | null;
  readonly reviewedAtMs: number | null;
  /**
   * Who has taken it, and until when their word counts; null: nobody. Whatever they do of it within that time makes it last `forMs` from
   * then on.
   */
  readonly ack: { readonly by: string; readonly untilMs: number; readonly forMs: number } | null;
  /** The first 200, oldest first; `alertCount` counts all. */
  readonly alerts: readonly IncidentAlert[];
  readonly alertCount: number;
  /** How many of all its alerts have not ended, by how they are. */
  readonly firing: number;
  readonly recovering: number;
  /** Where it comes from, as far as is known by joining with releases. */
  readonly attribution: Attribution | null;
  readonly actions: readonly ResponderAction[];
  /** What the machine may try, as the service's document said when it began; null: nothing, people are called. */
  readonly response: RespondPolicy | null;
  /** Since when a person has to come, and why; null: the machine is at it, or has nothing to say about it. */
  readonly person: { readonly atMs: number; readonly why: Text } | null;
  /** How its people are called; null: nobody is by a policy. */
  readonly escalation: Escalation | null;
  readonly told: readonly Told[];
  /** Where its people talk; null: it has no channel of its own. */
  readonly room: IncidentRoom | null;
  readonly notes: readonly IncidentNote[];
};
