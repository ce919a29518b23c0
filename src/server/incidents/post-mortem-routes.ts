import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { unknownIncident } from '../../incidents/asked.ts';
import { textIn } from '../../spec/text.ts';
import { postMortemForms } from '../../views/post-mortem/forms.ts';
import { shownData } from '../../views/post-mortem/shown-text.ts';
import type { PostMortem } from '../../views/post-mortem/types.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { IncidentParams } from '../schemas/incidents.ts';
import {
  ActionItemAnswer,
  ActionItemBody,
  LessonsAnswer,
  OpenItemsAnswer,
  PostMortemAnswer,
  PostMortemBody,
  PostMortemQuery,
} from '../schemas/post-mortem.ts';
import { IdempotencyHeaders, LanguageQuery } from '../schemas/requests.ts';
import { VerbAnswer } from '../schemas/verb.ts';

const tags = ['incidents'];
/** What writing is called when it is refused. */
const deed = 'write in post-mortems';

/** Post-mortems: what the record proves, and what people write beside it. */
export function postMortemRoutes(api: Api, { postMortems }: Pick<ServerOptions, 'postMortems'>): void {
  api.get(
    '/incidents/:id/post-mortem',
    {
      schema: {
        tags,
        summary: 'The post-mortem of an incident: exact impact, clocks, what helped, possible causes, what people wrote',
        description: 'Of an incident that goes on: how it stands now.',
        params: IncidentParams,
        querystring: LanguageQuery,
        response: { 200: PostMortemAnswer },
      },
    },
    async (request) => shownData(await known(request, request.params.id)),
  );

  api.get(
    '/incidents/:id/post-mortem/report',
    {
      schema: {
        tags,
        summary: 'The post-mortem in a form to read or to hand on',
        params: IncidentParams,
        querystring: PostMortemQuery,
        response: { 200: z.string().describe('The post-mortem.') },
      },
    },
    async (request, reply) => {
      const language = languageOf(request, reply);
      const { mediaType, write } = postMortemForms[request.query.format];
      return reply.type(mediaType).send(write(await known(request, request.params.id), language));
    },
  );

  api.put(
    '/incidents/:id/post-mortem',
    {
      schema: {
        tags,
        summary: 'Writes causes, lessons and the like in a post-mortem, and who its authors are',
        params: IncidentParams,
        querystring: LanguageQuery,
        body: PostMortemBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'report', await serviceOf(request, request.params.id), deed);
      const { by, why, authors, texts } = request.body;
      const edit = { ...(authors ? { authors } : {}), ...(texts ? { texts } : {}) };
      const asker = { ...askerOf(request, by), why };
      const { done, said } = await postMortems.edit(request.params.id, edit, asker);
      return { done, said: textIn(said, languageOf(request, reply)) };
    },
  );

  api.post(
    '/incidents/:id/action-items',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Adds an action item to a post-mortem, or changes one: who does what until when, and whether it is done',
        params: IncidentParams,
        headers: IdempotencyHeaders,
        querystring: LanguageQuery,
        body: ActionItemBody,
        response: { 200: ActionItemAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'report', await serviceOf(request, request.params.id), deed);
      const { by, why, ...wanted } = request.body;
      const asker = { ...askerOf(request, by), why };
      const { done, said, item } = await postMortems.setItem(request.params.id, wanted, asker);
      return { done, said: textIn(said, languageOf(request, reply)), item };
    },
  );

  api.get(
    '/action-items',
    {
      schema: {
        tags,
        summary: 'What was decided to be done after incidents and is not done yet, what is due first at the beginning',
        response: { 200: OpenItemsAnswer },
      },
    },
    async (request) => {
      const items = await postMortems.openItems();
      return { items: shownData(items.filter(({ service }) => may(request, 'read', service))) };
    },
  );

  api.get(
    '/incidents/:id/lessons',
    {
      schema: {
        tags,
        summary: 'Alerts that would have told of an incident earlier: how much, how many more false alarms, and the change',
        params: IncidentParams,
        response: { 200: LessonsAnswer },
      },
    },
    async (request) => {
      await serviceOf(request, request.params.id);
      return await postMortems.learned(request.params.id);
    },
  );

  async function known(request: FastifyRequest, id: string): Promise<PostMortem> {
    await serviceOf(request, id);
    return await postMortems.of(id);
  }

  /** Somebody who may not see a service is told what they would be told if there were no such incident. */
  async function serviceOf(request: FastifyRequest, id: string): Promise<string | null> {
    const { service } = await postMortems.incident(id);
    if (!may(request, 'read', service)) throw unknownIncident(id);
    return service;
  }
}
