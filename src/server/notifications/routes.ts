import { randomBytes } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { messageId } from '../../notifications/keys.ts';
import { testMessage } from '../../notifications/test-message.ts';
import { releaseThread } from '../../notifications/threads.ts';
import { endedMessageView, handOverViews, messageViews, receiverViews } from '../../views/notification-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow } from '../principal.ts';
import { MessageAnswer, NotificationsAnswer, NotificationsQuery, NotifyTestBody } from '../schemas/notifications.ts';
import { LanguageQuery } from '../schemas/requests.ts';

const tags = ['incidents'];
/** A test that was not answered by then goes on in the outbox. */
const testWaitMs = 10_000;

/** What people and programs are told: receivers, the outbox, and a test of one. */
export function notificationRoutes(api: Api, { notifications, setup }: ServerOptions): void {
  api.get(
    '/notifications',
    {
      schema: {
        tags,
        summary: 'Receivers, what waits for them and why, and what became of the last messages',
        querystring: NotificationsQuery,
        response: { 200: NotificationsAnswer },
      },
    },
    (request, reply) => {
      allow(request, 'read', null);
      const language = languageOf(request, reply);
      const { limit, notifier, incident, release } = request.query;
      const thread = release === undefined ? undefined : releaseThread(release);
      const messages = messageViews(notifications.state, notifications.waits, language, incident).filter(
        (one) => (notifier ?? one.notifier) === one.notifier && (thread ?? one.thread) === one.thread,
      );
      return {
        receivers: [...receiverViews(setup.state, notifications.state, Date.now())],
        messages: messages.slice(0, limit),
        handedOver: [...handOverViews(notifications.state, language)],
      };
    },
  );

  api.post(
    '/notifications/test',
    {
      schema: {
        tags,
        summary: 'Sends a message to a receiver, and says what it answered',
        querystring: LanguageQuery,
        body: NotifyTestBody,
        response: { 200: MessageAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'steer', null, 'send messages');
      const { notifier, to = null, by } = request.body;
      const language = languageOf(request, reply);
      notifications.mustReach(notifier, to);
      const message = testMessage(randomBytes(6).toString('hex'), actorOf(request, by), language, Date.now());
      await notifications.tell({ message, notifier, to, incident: null });
      const ended = await notifications.outcome(messageId(message.key, { notifier, to }, null), testWaitMs);
      if (ended) return endedMessageView(ended, language);
      const waiting = messageViews(notifications.state, notifications.waits, language).find(({ key }) => key === message.key);
      if (waiting) return waiting;
      throw new UserError('E_REFUSED', 'the test is told in one message with others', {
        where: notifier,
        fix: 'see `rampart notify outbox`',
      });
    },
  );
}
