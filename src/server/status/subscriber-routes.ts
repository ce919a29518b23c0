import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow } from '../principal.ts';
import {
  SubscriberImportAnswer,
  SubscriberImportBody,
  SubscriberRemoveAnswer,
  SubscriberRemoveBody,
  SubscribersAnswer,
  SubscribersQuery,
} from '../schemas/status.ts';

const tags = ['status page'];

/** Subscribers of the status page, with their addresses: for admins alone. */
export function subscriberRoutes(api: Api, { subscribers }: ServerOptions): void {
  api.get(
    '/status-page/subscribers',
    {
      schema: {
        tags,
        summary: 'Who is told of the status page by mail, oldest first, with their addresses',
        querystring: SubscribersQuery,
        response: { 200: SubscribersAnswer },
      },
    },
    (request) => {
      allow(request, 'administer', null, 'see addresses of subscribers');
      const { after, limit } = request.query;
      const all = subscribers.list();
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const shown = all.slice(from, from + limit);
      return { subscribers: [...shown], next: from + limit < all.length ? (shown.at(-1)?.id ?? null) : null };
    },
  );

  // No idempotency keys: what was sent is kept with them for a day, and addresses are not to be.
  api.post(
    '/status-page/subscribers/import',
    {
      schema: {
        tags,
        summary: 'Takes in people who have agreed elsewhere: they are told from now on, without being asked',
        body: SubscriberImportBody,
        response: { 200: SubscriberImportAnswer },
      },
    },
    async (request) => {
      allow(request, 'administer', null, 'import subscribers');
      const given = request.body.subscribers.map(({ address, language, components = null }) => ({
        address,
        language,
        components,
      }));
      const { added, changed, refused } = await subscribers.takeIn(given, actorOf(request, request.body.by));
      return { added, changed, refused: [...refused] };
    },
  );

  api.post(
    '/status-page/subscribers/remove',
    {
      schema: {
        tags,
        summary: 'Takes somebody out, and deletes the address',
        body: SubscriberRemoveBody,
        response: { 200: SubscriberRemoveAnswer },
      },
    },
    async (request) => {
      allow(request, 'administer', null, 'remove subscribers');
      return { id: await subscribers.remove(request.body.subscriber, actorOf(request, request.body.by)) };
    },
  );
}
