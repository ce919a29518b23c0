import { inOrder, overviewRow } from '../views/overview.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { may } from './principal.ts';
import { OverviewAnswer } from './schemas/overview.ts';
import { ListQuery } from './schemas/requests.ts';

/** Every service in a line. */
export function overviewRoute(api: Api, { controller, signals }: ServerOptions): void {
  api.get(
    '/overview',
    {
      schema: {
        tags: ['services'],
        summary: 'Every service in a line, what needs a person first',
        querystring: ListQuery,
        response: { 200: OverviewAnswer },
      },
    },
    (request, reply) => {
      const language = languageOf(request, reply);
      const nowMs = Date.now();
      const seen = controller.services.filter(({ name }) => may(request, 'read', name));
      return {
        nowMs,
        services: inOrder(
          seen.map((state) =>
            overviewRow(state, signals.signals(state.name, nowMs), signals.gauges(state.name, nowMs), nowMs, language),
          ),
        ),
      };
    },
  );
}
