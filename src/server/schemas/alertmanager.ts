import { z } from 'zod';
import type { IntakeStatus } from '../../runtime/alerts/alert-intake.ts';
import type { AlertmanagerStatus } from '../../runtime/alerts/alert-outbox.ts';
import { answer } from './answer.ts';

/** A group of alerts of one message: more come in several. */
const alertsMax = 2_000;

const texts = z.record(z.string(), z.string());
/** Times may be left out; what a time has to look like is said for each alert, so that one that is wrong does not take the others with it. */
const time = z.string().max(100).optional();

const alert = {
  labels: texts.describe('What the alert is known by.'),
  annotations: texts.nullish(),
  startsAt: time.describe('RFC 3339; left out: now.'),
  endsAt: time,
  generatorURL: z.string().max(100_000).optional(),
};

export const WebhookBody = z
  .object({
    version: z.string().max(100).describe('"4".'),
    alerts: z.array(z.object({ ...alert, status: z.enum(['firing', 'resolved']) })).max(alertsMax),
    truncatedAlerts: z.number().min(0).nullish().describe('Alerts that Alertmanager has left out (`max_alerts`).'),
  })
  .describe('The message of `webhook_configs`; other fields are not looked at.');

export const PostedAlertsBody = z
  .array(z.object({ ...alert, endsAt: time.describe('Until when it lasts; past: it is over; left out: for `resolveTimeout`.') }))
  .max(alertsMax);

const count = z.number();
export const AlertsTakenAnswer = z
  .object({
    opened: count,
    resolved: count,
    repeated: count.describe('Open already: they last longer now.'),
    ours: count.describe('Sent by this controller, so no news.'),
    passed: count.describe('Over, and not open here.'),
    truncated: count.describe('Left out by the sender: nothing is known of them.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'AlertsTaken', description: 'What came of a message with alerts, in numbers of alerts.' });

const AlertmanagerAnswer = answer<AlertmanagerStatus>()(
  z
    .object({
      url: z.string(),
      ok: z.boolean().describe('Whether it has taken the last message.'),
      lastDeliveredAtMs: z.number().nullable(),
      lastProblem: z
        .object({ atMs: z.number(), text: z.string() })
        .nullable()
        .describe('The last thing that went wrong, also when all is well again.'),
      waiting: z.number().describe('Alerts, begun or ended, that it has not taken yet.'),
    })
    .meta({
      id: 'Alertmanager',
      description: 'An Alertmanager that is told of the alerts of objectives. Times are unix milliseconds.',
    }),
);

const ReceivedAnswer = answer<IntakeStatus>()(
  z
    .object({
      lastAtMs: z.number().nullable(),
      lastBy: z.string().nullable(),
      truncated: z
        .object({ atMs: z.number(), by: z.string(), count: z.number() })
        .nullable()
        .describe('When a sender last left alerts out of its message; null: none has.'),
    })
    .meta({ id: 'AlertsReceived', description: 'What has come in since the controller started.' }),
);

export const AlertmanagersAnswer = z
  .object({ alertmanagers: z.array(AlertmanagerAnswer), received: ReceivedAnswer })
  .meta({ id: 'Alertmanagers' });
