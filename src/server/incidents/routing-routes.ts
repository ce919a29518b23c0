import { lintRouting } from '../../incidents/routing/lint.ts';
import { readRouting, routingIn } from '../../spec/routing-text.ts';
import { textIn } from '../../spec/text.ts';
import { explanationView } from '../../views/explanation-view.ts';
import { simulationView } from '../../views/routing-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, may } from '../principal.ts';
import { LanguageQuery } from '../schemas/requests.ts';
import {
  AlertParams,
  ExplainQuery,
  ExplanationAnswer,
  LintBody,
  LintsAnswer,
  SimulateBody,
  SimulationAnswer,
} from '../schemas/routing.ts';

/** Who is told of alerts and why, and what another routing would do. */
export function routingRoutes(api: Api, { routing, setup }: Pick<ServerOptions, 'routing' | 'setup'>): void {
  api.get(
    '/alerts/:id/explain',
    {
      schema: {
        tags: ['alerts'],
        summary: 'Who was told of an alert, who was not, and why: by the routing in force, and on record',
        description: 'Plays the newest 50,000 events of alerts up to the moment. Slashes in the id are written as %2F.',
        params: AlertParams,
        querystring: ExplainQuery,
        response: { 200: ExplanationAnswer },
      },
    },
    async (request, reply) => {
      const { at = Date.now() } = request.query;
      const isSeen = ({ service }: { readonly service: string | null }): boolean => may(request, 'read', service);
      const { explanation, incidents, messages, unsaid } = await routing.explain(request.params.id, at, isSeen);
      return explanationView(explanation, incidents, messages, unsaid, languageOf(request, reply));
    },
  );

  api.post(
    '/incidents/routing/simulate',
    {
      schema: {
        tags: ['incidents'],
        summary: 'What another routing, or another setup, would have done with what is on record, beside the one in force',
        description:
          'Plays the newest 50,000 events of alerts and of incidents, one question at a time, for at most 20 s. Changes nothing.',
        querystring: LanguageQuery,
        body: SimulateBody,
        response: { 200: SimulationAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'read', null);
      const { file, text, setup: files, until = Date.now() } = request.body;
      const given = files === undefined ? { routing: routingIn(text ?? '', file) } : { setup: setup.understood(files) };
      const { messages, calls } = await routing.simulate(given, until);
      return simulationView(messages, calls, languageOf(request, reply));
    },
  );

  api.post(
    '/incidents/routing/lint',
    {
      schema: {
        tags: ['incidents'],
        summary: 'What in a routing is allowed and hardly meant; names are compared with the setup in force',
        querystring: LanguageQuery,
        body: LintBody,
        response: { 200: LintsAnswer },
      },
    },
    (request, reply) => {
      allow(request, 'read', null);
      const { file, text } = request.body;
      const language = languageOf(request, reply);
      const { routing: written, problemAt } = readRouting(text, file);
      const { policies, notifiers } = setup.setup;
      const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
      const known = setup.state.version === 0 ? undefined : { policies: names(policies), notifiers: names(notifiers) };
      const found = lintRouting(written, known).map(({ rule, place, said }) => {
        const { line, column } = problemAt(place, '');
        return { rule, place, line, column, said: textIn(said, language) };
      });
      return { found };
    },
  );
}
