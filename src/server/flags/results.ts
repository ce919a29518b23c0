import type { Api } from '../api.ts';
import { describeProblems } from '../openapi.ts';
import { allow } from '../principal.ts';
import { FlagParams, FlagResultsAnswer, FlagResultsBody } from '../schemas/flags.ts';
import type { Flags } from './flags.ts';

/** What became of a variant for those who had it. It comes as often as users do, so it has the limits of evaluations. */
export function flagResultsRoute(scope: Api, flags: Flags): void {
  describeProblems(scope);
  scope.post(
    '/flags/:key/results',
    {
      schema: {
        tags: ['flags'],
        summary: 'Reports how users of a flag fared, for the guard of the release that gives it out',
        description: 'Counted in the second in which it arrives: report once a second, or after each request.',
        params: FlagParams,
        body: FlagResultsBody,
        response: { 200: FlagResultsAnswer },
      },
    },
    (request) => {
      const { key, route } = flags.flag(request.params.key);
      allow(request, 'report', route?.service ?? null);
      return { counted: flags.routing.report(key, request.body.results) };
    },
  );
}
