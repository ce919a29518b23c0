import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';
import { unrecordedText, verbDoneRu } from '../release/verb-text.ts';
import { verbRefusal } from '../release/verbs.ts';
import { foldedRelease, releaseAt } from '../runtime/past-release.ts';
import type { Recorded } from '../runtime/record.ts';
import { releaseView } from '../views/service-view.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { planOf } from './plan-of.ts';
import { actorOf, allow, originOf } from './principal.ts';
import { placeOf } from './read-model/release-list.ts';
import { releaseAsked, specOf } from './release-document.ts';
import { PlanAnswer } from './schemas/plan.ts';
import { ReleaseAnswer, TimelineAnswer } from './schemas/release.ts';
import {
  EventsQuery,
  IdempotencyHeaders,
  LanguageQuery,
  PlanBody,
  ReleaseBody,
  ReleaseParams,
  SeriesQuery,
  VerbBody,
} from './schemas/requests.ts';
import { SeriesAnswer } from './schemas/series.ts';
import { VerbAnswer } from './schemas/verb.ts';
import { seriesReader } from './series.ts';
import { neededFor } from './verb-permissions.ts';

const tags = ['releases'];

const StartedAnswer = z
  .object({ release: z.string(), service: z.string(), version: z.string() })
  .meta({ id: 'Started', description: 'A release that is on record and has begun, or waits for the one before it.' });

/** Releases: plan, start, look, steer. */
export function releaseRoutes(api: Api, { controller, log, views, setup }: ServerOptions): void {
  api.post(
    '/plan',
    {
      schema: {
        tags,
        summary: 'What a release would do, and what its guard would see',
        body: PlanBody,
        response: { 200: PlanAnswer },
      },
    },
    async (request) => {
      const { version, requestsPerSecond } = request.body;
      return await planOf({ controller, setup }, { spec: specOf(controller, request, 'read'), version, requestsPerSecond });
    },
  );

  api.post(
    '/releases',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Starts a release',
        headers: IdempotencyHeaders,
        body: ReleaseBody,
        response: { 201: StartedAnswer },
      },
    },
    async (request, reply) => {
      const { committedAtMs } = request.body;
      const asked = releaseAsked(controller, request);
      const id = await controller.request(committedAtMs === undefined ? asked : { ...asked, committedAtMs });
      return reply.status(201).send({ release: id, service: asked.spec.name, version: asked.version });
    },
  );

  api.get(
    '/releases/:id',
    {
      schema: {
        tags,
        summary: 'One release as it is now',
        params: ReleaseParams,
        querystring: LanguageQuery,
        response: { 200: ReleaseAnswer },
      },
    },
    async (request, reply) => {
      const { release, service } = await known(request.params.id);
      allow(request, 'read', release.plan.service);
      return releaseView(release, service, Date.now(), languageOf(request, reply));
    },
  );

  api.post(
    '/releases/:id/verbs',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Steers a release: pause, resume, approve, promote, abort, retry',
        description:
          'A verb that does nothing any more changes nothing, and `said` says why. `abort` always wins, and is never refused for a limit. In place of the id of a release, the name of a service means its live or waiting one.',
        params: ReleaseParams,
        querystring: LanguageQuery,
        headers: IdempotencyHeaders,
        body: VerbBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request, reply) => {
      const { verb, why } = request.body;
      const live = controller.release(request.params.id) ?? releaseOf(request.params.id);
      if (!live) {
        const { release } = await known(request.params.id);
        for (const permission of neededFor(null, verb)) allow(request, permission, release.plan.service);
        // `by` is checked as for any other.
        actorOf(request, request.body.by);
        const { verbs } = releaseView(release, null, Date.now(), languageOf(request, reply));
        return { done: false, said: verbs.find((one) => one.verb === verb)?.refusal ?? '' };
      }
      const { release, service } = live;
      for (const permission of neededFor(release, verb)) allow(request, permission, service.name);
      const language = languageOf(request, reply);
      const by = actorOf(request, request.body.by);
      // Asked in the same turn of the event loop as the verb is given, so both are about one state.
      const refusal = verbRefusal(service, release.id, verb, by, language, why);
      const { done, said, unrecorded } = await controller.verb(release.id, verb, by, why, originOf(request));
      const words = language === 'en' ? said : (refusal ?? verbDoneRu(release, verb, by, why));
      return { done, said: unrecorded === undefined ? words : words + unrecordedText(unrecorded, language) };
    },
  );

  api.get(
    '/releases/:id/events',
    {
      schema: {
        tags,
        summary: 'The timeline of a release, oldest first',
        params: ReleaseParams,
        querystring: EventsQuery,
        response: { 200: TimelineAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { after, limit } = request.query;
      allow(request, 'read', await serviceOf(id));
      const events = await log.readRelease(id, after, limit);
      return {
        events: events.map((event) => {
          // What they say stands beside the counts of a record: unpacking those only to leave them out costs more than all the rest.
          const { said, phase } = event.data as Pick<Recorded, 'said' | 'phase'>;
          const { seq, at, kind, actor, hash } = event;
          return { seq, at, kind, actor, hash, said, state: phase };
        }),
      };
    },
  );

  const series = seriesReader(log);
  api.get(
    '/releases/:id/series',
    {
      schema: {
        tags,
        summary: 'What the guard saw and said, ready to be drawn',
        params: ReleaseParams,
        querystring: SeriesQuery,
        response: { 200: SeriesAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { after, every } = request.query;
      allow(request, 'read', await serviceOf(id));
      return await series(id, { after, every, language: languageOf(request, reply) });
    },
  );

  /** The live or waiting release of a service: whoever has asked too often to look for its id can still abort it. */
  function releaseOf(name: string): { readonly release: ReleaseState; readonly service: ServiceState } | null {
    const service = controller.service(name);
    const release = service?.live ?? service?.queued;
    return service && release ? { service, release } : null;
  }

  /** `service` is null for a release that left its service's memory long ago. */
  async function known(id: string): Promise<{ readonly release: ReleaseState; readonly service: ServiceState | null }> {
    const found = controller.release(id);
    if (found) return found;
    const place = placeOf(views, id);
    const past = (place && (await releaseAt(log, id, place))) ?? (await foldedRelease(log, id));
    if (past) return { release: past, service: null };
    throw unknownRelease(id);
  }

  /** A release that is long over is in the log alone; one that is not even there never was. */
  async function serviceOf(id: string): Promise<string> {
    const live = controller.release(id);
    if (live) return live.service.name;
    const [first] = await log.readRelease(id, 0, 1);
    if (!first) throw unknownRelease(id);
    return first.stream.slice(first.stream.indexOf('/') + 1);
  }
}

function unknownRelease(id: string): UserError {
  return new UserError('E_UNKNOWN_RELEASE', `there is no release ${id}`, {
    where: 'release',
    fix: 'see `rampart status` for the releases there are',
  });
}
