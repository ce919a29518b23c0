import { z } from 'zod';
import type { HandOverView, IncidentMessageView, MessageView, ReceiverView } from '../../views/notification-view.ts';
import { answer } from './answer.ts';
import { LanguageQuery, line, VerbBody } from './requests.ts';

const { by } = VerbBody.shape;
const moment = z.number().nullable();

export const NotificationsQuery = LanguageQuery.extend({
  limit: z.coerce.number().int().min(1).max(2_000).default(200).describe('How many messages: what waits first.'),
  notifier: z.string().max(100).optional().describe('Only those of one receiver.'),
  incident: z.string().max(200).optional().describe('Only those of one incident.'),
  release: z.string().max(200).optional().describe('Only those of one release.'),
}).strict();

const Receiver = answer<ReceiverView>()(
  z
    .object({
      name: z.string(),
      kind: z.string(),
      revision: z.number().describe('Version of the setup that has brought its configuration.'),
      failures: z.number().describe('Failed sendings in a row.'),
      pausedUntilMs: moment.describe('Nothing is sent before.'),
      problem: z.string().nullable().describe('What it said last that was no yes.'),
      waiting: z.number(),
      lastSentAtMs: moment,
    })
    .meta({ id: 'Receiver', description: 'A configured receiver, and how it takes messages. Times are unix milliseconds.' }),
);

const message = {
  key: z.string(),
  event: z.string().describe('trigger, update, acknowledge, resolve or notice.'),
  severity: z.string(),
  title: z.string(),
  notifier: z.string(),
  state: z.enum(['waiting', 'under-way', 'delivered', 'refused', 'given-up', 'cancelled']),
  queuedAtMs: z.number(),
  endedAtMs: moment,
  attempts: z.number(),
  said: z.string().describe('Why it waits, or what became of it.'),
  nextMs: moment.describe('When it is sent next, where that is known.'),
};

export const MessageAnswer = answer<MessageView>()(
  z
    .object({
      ...message,
      id: z.string(),
      thread: z.string(),
      to: z.string().nullable(),
      incident: z.string().nullable(),
      bundle: z.string().nullable().describe('The message that tells of it together with others.'),
    })
    .meta({ id: 'OutboxMessage', description: 'A message at one receiver. Times are unix milliseconds.' }),
);

const HandOver = answer<HandOverView>()(
  z
    .object({
      notifier: z.string(),
      to: z.string().nullable(),
      thread: z.string(),
      incident: z.string().nullable(),
      title: z.string(),
      atMs: z.number(),
      why: z.string(),
    })
    .meta({ id: 'HandOver', description: 'A receiver that still shows something as open: end it there by hand.' }),
);

export const NotificationsAnswer = z
  .object({
    receivers: z.array(Receiver),
    messages: z.array(MessageAnswer).describe('What waits, oldest first, then what is over, newest first.'),
    handedOver: z.array(HandOver),
  })
  .meta({ id: 'Notifications' });

const IncidentMessage = answer<IncidentMessageView>()(
  z
    .object({ ...message, isBundled: z.boolean().describe('Whether it is told in one message with others.') })
    .meta({ id: 'IncidentMessage', description: 'A message about an incident, without the addresses of people.' }),
);

export const IncidentMessagesAnswer = z
  .object({ messages: z.array(IncidentMessage).describe('What waits, oldest first, then what is over, newest first.') })
  .meta({ id: 'IncidentMessages', description: 'Messages about one incident, as far as they are still kept.' });

export const NotifyTestBody = z.strictObject({
  by,
  notifier: z.string().min(1).max(100).describe('Name of a Notifier document.'),
  to: line.min(1).max(200).optional().describe('Another address of it, as a contact names one.'),
});
