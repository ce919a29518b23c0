import { UserError } from '../../errors.ts';
import type { Post } from '../../status/types.ts';
import { statusBoard } from '../../views/status/board.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf } from '../principal.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';
import {
  StatusBoardAnswer,
  StatusDeclineBody,
  StatusPostAnswer,
  StatusPostParams,
  StatusPublishBody,
} from '../schemas/status.ts';

const tags = ['status page'];

/** What customers are told, for those who tell them. */
export function statusPostRoutes(api: Api, { statusPage, subscribers }: ServerOptions): void {
  api.get(
    '/status-page',
    {
      schema: {
        tags,
        summary: 'What the status page shows, and what waits to be published',
        response: { 200: StatusBoardAnswer },
      },
    },
    (request) => {
      allow(request, 'read', null, 'read drafts of the status page');
      return statusBoard(statusPage.view, statusPage.unmeasured, statusPage.posts, statusPage.works, subscribers.counts);
    },
  );

  api.post(
    '/status-page/posts/:id/publish',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Publishes a text: the draft as it is, or with changes',
        headers: IdempotencyHeaders,
        params: StatusPostParams,
        body: StatusPublishBody,
        response: { 200: StatusPostAnswer },
      },
    },
    async (request) => {
      allow(request, 'steer', null, 'publish on the status page');
      const post = known(request.params.id);
      const { state = post.draft?.state, title = post.draft?.title ?? post.title, body = post.draft?.body } = request.body;
      if (state === undefined || body === undefined)
        throw new UserError('E_INPUT', `${post.id} has no draft: say what is told`, {
          where: 'body',
          fix: 'give state and body',
        });
      await statusPage.publish(post.id, askerOf(request, request.body.by), { state, title, body });
      return known(post.id);
    },
  );

  api.post(
    '/status-page/posts/:id/decline',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Drops a draft: it does not come again for the same state',
        headers: IdempotencyHeaders,
        params: StatusPostParams,
        body: StatusDeclineBody,
        response: { 200: StatusPostAnswer },
      },
    },
    async (request) => {
      allow(request, 'steer', null, 'decline drafts of the status page');
      await statusPage.decline(request.params.id, askerOf(request, request.body.by), request.body.why);
      return known(request.params.id);
    },
  );

  function known(id: string): Post {
    const post = statusPage.posts.find((one) => one.id === id);
    if (post) return post;
    throw new UserError('E_UNKNOWN_POST', `there is no post ${id.slice(0, 200)} on the status page`, {
      where: 'post',
      fix: 'see GET /api/v1/status-page',
    });
  }
}
