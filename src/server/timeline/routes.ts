import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Language } from '../../analysis/sentence.ts';
import { UserError } from '../../errors.ts';
import { isOverride, unknownTimeline } from '../../timeline/asked.ts';
import type { PlannedRelease } from '../../timeline/types.ts';
import { timelineView } from '../../views/timeline-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { releaseAsked } from '../release-document.ts';
import { IdempotencyHeaders, LanguageQuery } from '../schemas/requests.ts';
import {
  PlannedAnswer,
  PlannedListAnswer,
  TimelineAskedBody,
  TimelineEntryParams,
  TimelineMoveBody,
  TimelineParams,
  TimelinePlanBody,
  TimelineSkipBody,
  TimelinesQuery,
} from '../schemas/timeline.ts';

const tags = ['timelines'];

/** Planned releases: what happens before and after their start, and what people decide about it. */
export function timelineRoutes(api: Api, { timelines, controller }: ServerOptions): void {
  const shown = (planned: PlannedRelease, language: Language) => timelineView(planned, Date.now(), language);

  api.get(
    '/timelines',
    { schema: { tags, summary: 'Every planned release', querystring: TimelinesQuery, response: { 200: PlannedListAnswer } } },
    (request, reply) => {
      const { service } = request.query;
      const language = languageOf(request, reply);
      const seen = timelines.all.filter((one) => may(request, 'read', one.service));
      const wanted = service === undefined ? seen : seen.filter((one) => one.service === service);
      return { timelines: wanted.map((one) => shown(one, language)) };
    },
  );

  api.get(
    '/timelines/:id',
    {
      schema: {
        tags,
        summary: 'One planned release with its entries',
        params: TimelineParams,
        querystring: LanguageQuery,
        response: { 200: PlannedAnswer },
      },
    },
    (request, reply) => shown(known(request, request.params.id), languageOf(request, reply)),
  );

  api.post(
    '/timelines',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Plans a release: its entries run by themselves in their time, and it starts at T-0 if they allow it',
        headers: IdempotencyHeaders,
        body: TimelinePlanBody,
        response: { 201: PlannedAnswer },
      },
    },
    async (request, reply) => {
      const id = await timelines.plan({ ...releaseAsked(controller, request), startMs: request.body.startMs });
      return reply.status(201).send(answered(request, reply, id));
    },
  );

  api.post(
    '/timelines/:id/move',
    changing('Moves the start, and with it what is still to come', TimelineParams, TimelineMoveBody),
    async (request, reply) => {
      const { id, service } = known(request, request.params.id);
      allow(request, 'release', service);
      await timelines.move(id, request.body.startMs, asked(request));
      return answered(request, reply, id);
    },
  );

  api.post(
    '/timelines/:id/cancel',
    changing('Cancels what is still to come; a release that has started goes on', TimelineParams, TimelineAskedBody),
    async (request, reply) => {
      const { id, service } = known(request, request.params.id);
      allow(request, 'abort', service);
      await timelines.cancel(id, asked(request));
      return answered(request, reply, id);
    },
  );

  api.post(
    '/timelines/:id/entries/:entry/run',
    changing(
      'Runs an entry now; `T-0` starts the release, and past what stands against it only for an approver, with a reason',
      TimelineEntryParams,
      TimelineAskedBody,
    ),
    async (request, reply) => {
      const { entry } = request.params;
      const planned = known(request, request.params.id);
      const isStart = planned.entries.find(({ id }) => id === entry)?.does.kind === 'start';
      const given = asked(request);
      if (isOverride(planned, entry, 'run')) {
        allow(request, 'approve', planned.service);
        if (given.why === '')
          throw new UserError('E_REFUSED', `${planned.service}: what comes before the start does not allow it yet`, {
            where: entry,
            fix: 'give a reason with --why to start it all the same, or wait',
          });
      } else allow(request, isStart ? 'release' : 'steer', planned.service);
      await timelines.run(planned.id, entry, given);
      return answered(request, reply, planned.id);
    },
  );

  api.post(
    '/timelines/:id/entries/:entry/skip',
    changing(
      'Leaves an entry out, with a reason; what the start waits for only an approver may leave out',
      TimelineEntryParams,
      TimelineSkipBody,
    ),
    async (request, reply) => {
      const { entry } = request.params;
      const planned = known(request, request.params.id);
      allow(request, isOverride(planned, entry, 'skip') ? 'approve' : 'steer', planned.service);
      await timelines.skip(planned.id, entry, asked(request));
      return answered(request, reply, planned.id);
    },
  );

  /** Somebody who may not see a service is told what they would be told if there were no such plan. */
  function known(request: FastifyRequest, idOrService: string): PlannedRelease {
    const planned = timelines.find(idOrService);
    if (!planned || !may(request, 'read', planned.service)) throw unknownTimeline(idOrService);
    return planned;
  }

  function answered(request: FastifyRequest, reply: FastifyReply, id: string) {
    return shown(known(request, id), languageOf(request, reply));
  }
}

/** What a route that changes a planned release takes and answers. */
function changing<Params extends z.ZodType, Body extends z.ZodType>(summary: string, params: Params, body: Body) {
  const schema = { tags, summary, params, headers: IdempotencyHeaders, body, response: { 200: PlannedAnswer } };
  return { config: { idempotent: true }, schema };
}

function asked(request: FastifyRequest) {
  const { by, why = '' } = (request.body ?? {}) as { by?: string; why?: string };
  return { ...askerOf(request, by), why };
}
