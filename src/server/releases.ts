import type { FastifyInstance } from 'fastify';
import { UserError } from '../errors.ts';
import { documentsIn } from '../runtime/documents.ts';
import { recordedIn } from '../runtime/record.ts';
import { recentTraffic } from '../runtime/traffic.ts';
import { planView } from '../views/plan-view.ts';
import { releaseView } from '../views/service-view.ts';
import { EventsQuery, PlanBody, parsed, ReleaseBody, SeriesQuery, VerbBody } from './body.ts';
import type { ServerOptions } from './options.ts';
import { seriesReader } from './series.ts';

/** Releases: plan, start, look, steer. */
export function releaseRoutes(api: FastifyInstance, { controller, log }: ServerOptions): void {
  api.post('/plan', async ({ body }) => {
    const { document, file, folder, version, requestsPerSecond } = parsed(PlanBody, body);
    const spec = onlyService(document, file, folder);
    const state = controller.service(spec.name);
    const measured = await recentTraffic(controller, spec.name);
    // Another rate than the measured one says nothing against the measured errors and latency.
    const traffic =
      requestsPerSecond === undefined ? measured : { errorPpm: null, histogram: [], ...measured, requestsPerSecond };
    return planView(spec, state?.stable?.version ?? null, version, traffic);
  });

  api.post('/releases', async ({ body }, reply) => {
    const { document, file, folder, version, by, why } = parsed(ReleaseBody, body);
    const spec = onlyService(document, file, folder);
    const id = await controller.request({ spec, version, by, why });
    return reply.status(201).send({ release: id, service: spec.name, version });
  });

  api.get<{ Params: { id: string } }>('/releases/:id', ({ params }) => releaseView(known(params.id), Date.now()));

  api.post<{ Params: { id: string } }>('/releases/:id/verbs', async ({ params, body }) => {
    const { verb, by, why } = parsed(VerbBody, body);
    return await controller.verb(params.id, verb, by, why);
  });

  api.get<{ Params: { id: string } }>('/releases/:id/events', async ({ params, query }) => {
    const { after, limit } = parsed(EventsQuery, query);
    const events = await log.readRelease(params.id, after, limit);
    // A release that is long over is in the log alone; one that is not even there never was.
    if (events.length === 0 && (await log.readRelease(params.id, 0, 1)).length === 0) known(params.id);
    return {
      events: events.map((event) => ({
        seq: event.seq,
        at: event.at,
        kind: event.kind,
        actor: event.actor,
        hash: event.hash,
        said: recordedIn(event).said,
        state: recordedIn(event).phase,
      })),
    };
  });

  const series = seriesReader(log);
  api.get<{ Params: { id: string } }>('/releases/:id/series', async ({ params, query }) => {
    return await series(params.id, parsed(SeriesQuery, query));
  });

  function known(id: string) {
    const found = controller.release(id);
    if (!found)
      throw new UserError('E_UNKNOWN_RELEASE', `there is no release ${id}`, {
        where: 'release',
        fix: 'see `rampart status` for the releases there are',
      });
    return found.release;
  }
}

function onlyService(text: string, file: string, folder: string) {
  const [spec, second] = documentsIn(text, file, folder);
  if (!spec || second)
    throw new UserError('E_INPUT', `expected one Service document, found ${second ? 'several' : 'none'}`, {
      where: file,
      fix: 'put the service into a file of its own',
    });
  return spec;
}
