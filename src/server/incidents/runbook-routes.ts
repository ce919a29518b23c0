import type { FastifyRequest } from 'fastify';
import { unknownIncident } from '../../incidents/asked.ts';
import type { Incident } from '../../incidents/types.ts';
import { runbookView } from '../../views/runbook-view.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow, may } from '../principal.ts';
import { IncidentParams } from '../schemas/incidents.ts';
import { IdempotencyHeaders, LanguageQuery } from '../schemas/requests.ts';
import { RunbookAgainBody, RunbookDoneBody, RunbookStepParams, RunbooksAnswer } from '../schemas/runbooks.ts';

const tags = ['incidents'];

/** Runbooks of an incident: what has been looked at by itself, and what people do. */
export function runbookRoutes(api: Api, { incidents, runbooks }: ServerOptions): void {
  const answered = (incident: Incident, language: 'en' | 'ru') => ({
    runbooks: runbooks.of(incident.id).map((run) => runbookView(run, incident.openedAtMs, language)),
  });

  api.get(
    '/incidents/:id/runbooks',
    {
      schema: {
        tags,
        summary: 'Runbooks of an incident, with what their steps have told',
        params: IncidentParams,
        querystring: LanguageQuery,
        response: { 200: RunbooksAnswer },
      },
    },
    (request, reply) => answered(known(request, request.params.id), languageOf(request, reply)),
  );

  api.post(
    '/incidents/:id/runbooks/:runbook/steps/:step/done',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Says that a person has done a step',
        headers: IdempotencyHeaders,
        params: RunbookStepParams,
        body: RunbookDoneBody,
        response: { 200: RunbooksAnswer },
      },
    },
    async (request, reply) => {
      const { id, runbook, step } = request.params;
      const incident = known(request, id);
      allow(request, 'steer', incident.service, 'act on incidents');
      const by = actorOf(request, request.body?.by);
      await runbooks.done(incident.id, runbook, step - 1, by, request.body?.text ?? '');
      return answered(incident, languageOf(request, reply));
    },
  );

  api.post(
    '/incidents/:id/runbooks/:runbook/steps/:step/run',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Runs a step again that runs by itself',
        headers: IdempotencyHeaders,
        params: RunbookStepParams,
        body: RunbookAgainBody,
        response: { 200: RunbooksAnswer },
      },
    },
    async (request, reply) => {
      const { id, runbook, step } = request.params;
      const incident = known(request, id);
      allow(request, 'steer', incident.service, 'act on incidents');
      await runbooks.again(incident, runbook, step - 1, actorOf(request, request.body?.by));
      return answered(incident, languageOf(request, reply));
    },
  );

  /** Somebody who may not see a service is told what they would be told if there were no such incident. */
  function known(request: FastifyRequest, id: string): Incident {
    const incident = incidents.find(id);
    if (!incident || !may(request, 'read', incident.service)) throw unknownIncident(id);
    return incident;
  }
}
