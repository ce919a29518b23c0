import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { UserError } from '../../errors.ts';
import { unknownIncident, type Verb } from '../../incidents/asked.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import { serviceKey } from '../../incidents/group.ts';
import type { Incident } from '../../incidents/types.ts';
import { textIn } from '../../spec/text.ts';
import { incidentRow, incidentSaid, incidentView } from '../../views/incident-view.ts';
import { incidentMessages } from '../../views/notification-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { incidentEvents, listIncidents, pastIncident } from '../read-model/incident-list.ts';
import {
  IncidentAnswer,
  IncidentBody,
  IncidentEventsAnswer,
  IncidentOpenedAnswer,
  IncidentParams,
  IncidentsAnswer,
  IncidentsQuery,
  IncidentVerbBody,
} from '../schemas/incidents.ts';
import { IncidentMessagesAnswer } from '../schemas/notifications.ts';
import { EventsQuery, IdempotencyHeaders, LanguageQuery } from '../schemas/requests.ts';
import { VerbAnswer } from '../schemas/verb.ts';
import { allowFilter, servicesSeen } from '../sight.ts';

const tags = ['incidents'];
/** What acting on an incident is called when it is refused. */
const deed = 'act on incidents';

/** Incidents: what alerts have become, and what people decide about it. */
export function incidentRoutes(api: Api, { incidents, views, log, controller, notifications }: ServerOptions): void {
  api.get(
    '/incidents',
    {
      schema: {
        tags,
        summary: 'Incidents, newest first',
        description: 'All filters have to hold. A list that goes on has `next`: send it as `cursor`, with the same filters.',
        querystring: IncidentsQuery,
        response: { 200: IncidentsAnswer },
      },
    },
    async (request, reply) => {
      allowFilter(request, controller, request.query.service);
      const language = languageOf(request, reply);
      const { ids, next } = listIncidents(views, request.query, servicesSeen(request));
      const found = await Promise.all(ids.map((id) => at(id)));
      return { incidents: found.flatMap((incident) => (incident ? [incidentRow(incident, language)] : [])), next };
    },
  );

  api.get(
    '/incidents/:id',
    {
      schema: {
        tags,
        summary: 'One incident: its alerts, what was tried, who was told, notes',
        params: IncidentParams,
        querystring: LanguageQuery,
        response: { 200: IncidentAnswer },
      },
    },
    async (request, reply) => incidentView(await known(request, request.params.id), languageOf(request, reply)),
  );

  api.get(
    '/incidents/:id/events',
    {
      schema: {
        tags,
        summary: 'What happened in an incident, oldest first',
        params: IncidentParams,
        querystring: EventsQuery,
        response: { 200: IncidentEventsAnswer },
      },
    },
    async (request, reply) => {
      const { id } = await known(request, request.params.id);
      const { after, limit } = request.query;
      const language = languageOf(request, reply);
      const events = await incidentEvents(views, log, id, after, limit);
      return {
        events: events.map(({ seq, at: atMs, kind, actor, hash, data }) => {
          const said = incidentSaid({ kind, actor, data } as IncidentRecorded, language);
          return { seq, at: atMs, kind, actor, hash, said };
        }),
      };
    },
  );

  api.get(
    '/incidents/:id/messages',
    {
      schema: {
        tags,
        summary: 'Messages about one incident: what waits and why, what became of the others',
        params: IncidentParams,
        querystring: LanguageQuery,
        response: { 200: IncidentMessagesAnswer },
      },
    },
    async (request, reply) => {
      const { id } = await known(request, request.params.id);
      const language = languageOf(request, reply);
      return { messages: [...incidentMessages(notifications.state, notifications.waits, language, id)] };
    },
  );

  api.post(
    '/incidents',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Opens an incident by hand, or answers the one that is open for the same service or title',
        headers: IdempotencyHeaders,
        body: IncidentBody,
        response: { 200: IncidentOpenedAnswer, 201: IncidentOpenedAnswer },
      },
    },
    async (request, reply) => {
      const { by, why, service, title, severity, startedAtMs } = request.body;
      allowFilter(request, controller, service ?? undefined);
      allow(request, 'report', service, 'open incidents');
      const key = service === null ? `hand:${title}` : serviceKey(service);
      const wanted = { key, policy: null, title, service, severity, ...(startedAtMs === undefined ? {} : { startedAtMs }) };
      const asker = { ...askerOf(request, by), why };
      const { id, done, said } = await incidents.open(wanted, asker);
      return reply.status(done ? 201 : 200).send({ id, done, said: textIn(said, languageOf(request, reply)) });
    },
  );

  api.post(
    '/incidents/:id/verbs',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary:
          'Acknowledges, mitigates, resolves or reopens an incident, sets its severity, corrects when it began, or notes something in it',
        params: IncidentParams,
        headers: IdempotencyHeaders,
        body: IncidentVerbBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { id, service } = await known(request, request.params.id);
      if (body.verb === 'note') allow(request, 'report', service, 'note anything in incidents');
      else allow(request, 'steer', service, deed);
      if (!incidents.find(id))
        throw new UserError('E_REFUSED', `${id} ended so long ago that it is only read any more`, {
          where: 'incident',
          fix: 'open another one with `rampart incidents open`',
        });
      const asker = { ...askerOf(request, body.by), why: body.why };
      const { done, said } = await incidents.ask(id, verbOf(body), asker);
      return { done, said: textIn(said, languageOf(request, reply)) };
    },
  );

  async function at(id: string): Promise<Incident | undefined> {
    return incidents.find(id) ?? (await pastIncident(views, log, id));
  }

  /** Somebody who may not see a service is told what they would be told if there were no such incident. */
  async function known(request: FastifyRequest, id: string): Promise<Incident> {
    const incident = await at(id);
    if (!incident || !may(request, 'read', incident.service)) throw unknownIncident(id);
    return incident;
  }
}

function verbOf(body: typeof IncidentVerbBody._zod.output): Verb {
  switch (body.verb) {
    case 'acknowledge':
      return { kind: 'acknowledge', forMs: body.for ?? null };
    case 'severity':
      return { kind: 'severity', severity: body.severity };
    case 'started':
      return { kind: 'started', startedAtMs: body.startedAtMs };
    case 'note':
      return { kind: 'note', note: `note-${randomBytes(6).toString('hex')}`, text: body.text };
    default:
      return { kind: body.verb };
  }
}
