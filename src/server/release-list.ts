import { releaseSummary } from '../release/summary.ts';
import { releaseAt } from '../runtime/past-release.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { listReleases, type ReleaseRow } from './read-model/release-list.ts';
import { ReleasesAnswer, ReleasesQuery } from './schemas/lists.ts';
import { servicesSeen } from './sight.ts';

/** All releases, also those of long ago. */
export function releaseListRoute(api: Api, { log, views }: ServerOptions): void {
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
}
