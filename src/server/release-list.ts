import { releaseSummary } from '../release/summary.ts';
import { releaseAt } from '../runtime/past-release.ts';
import { unknownService } from '../runtime/refusals.ts';
import { dora } from '../views/dora.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { allow } from './principal.ts';
import { endedSince, listReleases, type ReleaseRow } from './read-model/release-list.ts';
import { DoraAnswer, DoraQuery, ReleasesAnswer, ReleasesQuery } from './schemas/lists.ts';
import { ServiceParams } from './schemas/requests.ts';
import { allowFilter, servicesSeen } from './sight.ts';

/** All releases, also those of long ago, and what follows from them. */
export function releaseListRoutes(api: Api, { controller, log, views }: ServerOptions): void {
  api.get(
    '/releases',
    {
      schema: {
        tags: ['releases'],
        summary: 'Releases, newest first',
        description: 'All filters have to hold. A list that goes on has `next`: send it as `cursor`, with the same filters.',
        querystring: ReleasesQuery,
        response: { 200: ReleasesAnswer },
      },
    },
    async (request, reply) => {
      const language = languageOf(request, reply);
      allowFilter(request, controller, request.query.service);
      const { releases, next, places } = listReleases(views, request.query, servicesSeen(request));
      if (language === 'en') return { releases: [...releases], next };
      const told: ReleaseRow[] = [];
      for (const row of releases) {
        const place = places.get(row.id);
        // Others ended without the guard: their reason is what was said.
        const release = place && row.outcome === 'rolled-back' ? await releaseAt(log, row.id, place) : null;
        const summary = release && releaseSummary(release, language);
        told.push(summary ? { ...row, reason: summary.reason } : row);
      }
      return { releases: told, next };
    },
  );

  api.get(
    '/services/:name/dora',
    {
      schema: {
        tags: ['services'],
        summary: 'How often it is released, how fast, how often that fails, and how fast it is restored',
        params: ServiceParams,
        querystring: DoraQuery,
        response: { 200: DoraAnswer },
      },
    },
    (request) => {
      const { name } = request.params;
      const { days } = request.query;
      allow(request, 'read', name);
      if (!controller.service(name)) throw unknownService(name);
      const nowMs = Date.now();
      return dora(endedSince(views, name, nowMs - days * 86_400_000), days, nowMs);
    },
  );
}
