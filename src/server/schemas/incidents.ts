import { z } from 'zod';
import { acknowledgedForMs } from '../../incidents/acknowledgement.ts';
import { severities } from '../../incidents/severity.ts';
import type { IncidentAlert, IncidentNote, IncidentRoom, ResponderAction, Told } from '../../incidents/types.ts';
import { duration } from '../../spec/units.ts';
import type { IncidentRow, IncidentView } from '../../views/incident-view.ts';
import { AttributionAnswer } from './alerts.ts';
import { answer } from './answer.ts';
import { next, paging } from './lists.ts';
import { LanguageQuery, line, VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const severity = z.enum(severities, `expected one of ${severities.join(', ')}`);
const state = z.enum(['open', 'acknowledged', 'mitigated', 'resolved', 'reviewed']);
const momentMs = z.int().min(0).max(8_640_000_000_000_000);

export const IncidentsQuery = z.strictObject({
  service: z.string().max(300).optional(),
  state: z.enum(['live', 'over']).optional().describe('`live`: those that are not over.'),
  severity: severity.optional(),
  ...paging,
  lang: LanguageQuery.shape.lang,
});
export const IncidentParams = z.object({ id: z.string().max(300).describe('Such as `checkout-20261129-1`.') });

/** Text of several lines, without anything that a terminal or a page would take for more than text. */
export const paragraphs = z
  .string()
  .min(1)
  .max(10_000)
  .regex(/^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$/, 'expected text without control characters')
  .refine((text) => text.isWellFormed(), 'expected text without half a surrogate pair');

export const IncidentBody = z.strictObject({
  by,
  why,
  title: line.min(1).max(200),
  service: z.string().max(300).nullable().default(null).describe('The service that it is about; null: none.'),
  severity: severity.default('P1'),
  startedAtMs: momentMs.optional().describe('When users were hurt first, in unix milliseconds; left out: now.'),
});

export const IncidentVerbBody = z.discriminatedUnion('verb', [
  z.strictObject({
    by,
    why,
    verb: z.literal('acknowledge'),
    for: duration({ minMs: 60_000, maxMs: 86_400_000, example: '30m' })
      .exactOptional()
      .describe(
        `How long the word counts, and after each sign of work; left out: as the escalation policy says, else ${acknowledgedForMs / 60_000}m.`,
      ),
  }),
  z.strictObject({ by, why, verb: z.enum(['mitigate', 'resolve', 'reopen', 'review']) }),
  z.strictObject({ by, why, verb: z.literal('severity'), severity }),
  z.strictObject({
    by,
    why,
    verb: z.literal('started'),
    startedAtMs: momentMs.describe('When users were hurt first, in unix milliseconds; not after it was known of.'),
  }),
  z.strictObject({ by, why, verb: z.literal('note'), text: paragraphs }),
]);

const ack = z
  .object({ by: z.string(), untilMs: z.number(), forMs: z.number() })
  .nullable()
  .describe('Who has taken it, and until when their word counts.');

const person = z
  .object({ atMs: z.number(), why: z.string() })
  .nullable()
  .describe('Since when a person has to come, and why; null: the machine is at it, or has nothing to say about it.');

const IncidentAlertAnswer = answer<IncidentAlert>()(
  z
    .object({
      id: z.string(),
      key: z.string(),
      origin: z.enum(['objective', 'signal', 'release', 'alertmanager', 'source']),
      name: z.string(),
      service: z.string().nullable(),
      urgency: z.enum(['page', 'chat', 'email']),
      said: z.string(),
      url: z.string().nullable(),
      sinceMs: z.number().describe('When its condition began to hold.'),
      firedAtMs: z.number(),
      isRecovering: z.boolean().describe('It holds only because of what was before the way back.'),
      resolvedAtMs: z.number().nullable(),
    })
    .meta({ id: 'IncidentAlert', description: 'An alert of an incident.' }),
);

/** Fields of what the machine has tried. */
export const actionShape = {
  id: z.string(),
  kind: z.enum(['check', 'restart', 'rollback', 'verify', 'runbook']),
  begunAtMs: z.number(),
  untilMs: z.number().exactOptional().describe('By when the burn has to have fallen.'),
  endedAtMs: z.number().nullable(),
  outcome: z.enum(['helped', 'no-help', 'failed', 'skipped']).nullable(),
  said: z.string(),
};
const ActionAnswer = answer<ResponderAction>()(
  z
    .object(actionShape)
    .meta({ id: 'ResponderAction', description: 'What the machine itself has tried, and whether that helped.' }),
);

/** Fields of who was told. */
export const toldShape = {
  key: z.string(),
  atMs: z.number(),
  person: z.string().nullable(),
  notifier: z.string(),
  step: z.number().nullable(),
  state: z.enum(['queued', 'delivered', 'refused', 'cancelled']),
  said: z.string(),
  group: z
    .string()
    .exactOptional()
    .describe('Key of the group of alerts that it tells of, where routing names the receiver; absent: the policy does.'),
};
const ToldAnswer = answer<Told>()(
  z.object(toldShape).meta({ id: 'Told', description: 'That a person or a channel was told, or was to be told.' }),
);

const RoomAnswer = answer<IncidentRoom>()(
  z
    .object({
      number: z.number().describe('From 1; an incident that comes back after its room was archived has another one.'),
      notifier: z.string(),
      state: z.enum(['open', 'archived', 'failed']),
      channel: z.string().nullable().describe("The receiver's id of it; null: it was never made."),
      name: z.string().nullable(),
      url: z.string().nullable().describe('Where people open it.'),
      atMs: z.number().describe('Since when it is in this state.'),
      said: z.string().describe('Why it failed, or what of it is not as it should be.'),
    })
    .meta({ id: 'IncidentRoom', description: 'The war room of an incident: a channel of its own at a receiver.' }),
);

const NoteAnswer = answer<IncidentNote>()(
  z.object({ id: z.string(), atMs: z.number(), by: z.string(), text: z.string() }).meta({ id: 'IncidentNote' }),
);

export const IncidentAnswer = answer<IncidentView>()(
  z
    .object({
      id: z.string(),
      key: z.string().describe('What its alerts share; at most one incident of a key is not over.'),
      title: z.string(),
      severity,
      severityBy: z.string().nullable().describe('Who has set the severity by hand; null: its alerts have.'),
      service: z.string().nullable(),
      state,
      openedBy: z.string().nullable().describe('Who has opened it by hand; null: an alert has.'),
      policy: z.string().nullable(),
      startedAtMs: z.number().describe('When users were hurt first.'),
      startedBy: z.string().nullable().describe('Who has said when that was; null: nobody has.'),
      openedAtMs: z.number().describe('When it came to be known of.'),
      toldAtMs: z.number().nullable().describe('When somebody was told first.'),
      acknowledgedAtMs: z.number().nullable(),
      mitigatedAtMs: z.number().nullable(),
      resolvedAtMs: z.number().nullable(),
      reopenedAtMs: z.number().nullable(),
      reviewedAtMs: z.number().nullable(),
      ack,
      alerts: z.array(IncidentAlertAnswer).describe('The first 200, oldest first.'),
      alertCount: z.number(),
      firing: z.number(),
      recovering: z.number(),
      attribution: AttributionAnswer.nullable(),
      actions: z.array(ActionAnswer),
      person,
      told: z.array(ToldAnswer),
      room: RoomAnswer.nullable().describe('Where its people talk; null: it has no channel of its own.'),
      notes: z.array(NoteAnswer),
    })
    .meta({ id: 'Incident', description: 'One disturbance, from its first alert to its review. Times are unix milliseconds.' }),
);

const IncidentRowAnswer = answer<IncidentRow>()(
  z
    .object({
      id: z.string(),
      title: z.string(),
      severity,
      service: z.string().nullable(),
      state,
      startedAtMs: z.number(),
      openedAtMs: z.number(),
      acknowledgedAtMs: z.number().nullable(),
      mitigatedAtMs: z.number().nullable(),
      resolvedAtMs: z.number().nullable(),
      ack,
      alertCount: z.number(),
      firing: z.number().describe('Alerts of it that fire.'),
      release: z.string().nullable().describe('Id of the release that it is attributed to.'),
      action: ActionAnswer.nullable().describe('What the machine has tried last; null: nothing.'),
      person,
    })
    .meta({ id: 'IncidentRow', description: 'An incident in a list. Times are unix milliseconds.' }),
);

export const IncidentsAnswer = z.object({ incidents: z.array(IncidentRowAnswer), next }).meta({ id: 'Incidents' });

export const IncidentOpenedAnswer = z
  .object({ id: z.string(), done: z.boolean().describe('False: that one was open already.'), said: z.string() })
  .meta({ id: 'IncidentOpened' });

export const IncidentEventsAnswer = z
  .object({
    events: z.array(
      z.object({
        seq: z.number(),
        at: z.number(),
        kind: z.string(),
        actor: z.string(),
        hash: z.string(),
        said: z.string().describe('In one sentence.'),
      }),
    ),
  })
  .meta({ id: 'IncidentEvents', description: 'What happened in an incident, oldest first.' });
