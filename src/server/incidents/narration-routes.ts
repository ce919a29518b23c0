import type { FastifyRequest } from 'fastify';
import { unknownIncident } from '../../incidents/asked.ts';
import { textIn } from '../../spec/text.ts';
import { narrationView } from '../../views/narration-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { IncidentParams } from '../schemas/incidents.ts';
import { NarrationBody, NarrationStoryAnswer } from '../schemas/narration.ts';
import { IdempotencyHeaders, LanguageQuery } from '../schemas/requests.ts';
import { VerbAnswer } from '../schemas/verb.ts';

const tags = ['incidents'];

/** Narrations: the events of an incident in the words of a model, where an endpoint is set up for it. */
export function narrationRoutes(api: Api, { postMortems, narrator }: Pick<ServerOptions, 'postMortems' | 'narrator'>): void {
  api.get(
    '/incidents/:id/narration',
    {
      schema: {
        tags,
        summary: 'The last narration of an incident: sentences of a model, each with the events that it cites; not proven',
        params: IncidentParams,
        querystring: LanguageQuery,
        response: { 200: NarrationStoryAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await serviceOf(request, id);
      return narrationView(await postMortems.narrated(id), narrator.model, languageOf(request, reply));
    },
  );

  api.post(
    '/incidents/:id/narration',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Has an incident narrated; answers at once, and the narration is there some seconds later',
        params: IncidentParams,
        headers: IdempotencyHeaders,
        querystring: LanguageQuery,
        body: NarrationBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      allow(request, 'report', await serviceOf(request, id), 'have incidents narrated');
      const { by, why, language } = request.body;
      const { done, said } = await narrator.ask(id, { ...askerOf(request, by), why }, language);
      return { done, said: textIn(said, languageOf(request, reply)) };
    },
  );

  /** Somebody who may not see a service is told what they would be told if there were no such incident. */
  async function serviceOf(request: FastifyRequest, id: string): Promise<string | null> {
    const { service } = await postMortems.incident(id);
    if (!may(request, 'read', service)) throw unknownIncident(id);
    return service;
  }
}
