import type { FastifyRequest } from 'fastify';
import { UserError } from '../../errors.ts';
import { askedObjectives } from '../../runtime/objectives/gates.ts';
import { unknownObjective } from '../../runtime/objectives/objective-changes.ts';
import type { RunningObjective } from '../../runtime/objectives/running-objective.ts';
import { verifyObjective } from '../../runtime/objectives/verify.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { AlertsAnswer, AlertsQuery } from '../schemas/alerts.ts';
import {
  BurnDownAnswer,
  CorrectionAskedQuery,
  CorrectionBody,
  CorrectionParams,
  ObjectiveAnswer,
  ObjectiveParams,
  ObjectivesAnswer,
  ObjectivesQuery,
  VerifyAnswer,
  VerifyQuery,
} from '../schemas/objectives.ts';
import { IdempotencyHeaders, ServiceParams } from '../schemas/requests.ts';
import { burnDownOf, knownObjective, viewOf } from './view.ts';

const tags = ['objectives'];

/** Objectives, their budgets, and what does not count; and what somebody has to know of. */
export function objectiveRoutes(api: Api, options: ServerOptions): void {
  const { objectives, alerts, incidents } = options;

  api.get(
    '/objectives',
    {
      schema: {
        tags,
        summary: 'Every objective as it is now',
        querystring: ObjectivesQuery,
        response: { 200: ObjectivesAnswer },
      },
    },
    (request) => {
      const { service } = request.query;
      const visible = objectives.all
        .filter(({ known }) => (service === undefined || known.service === service) && may(request, 'read', known.service))
        .toSorted((a, b) => a.id.localeCompare(b.id));
      return { objectives: visible.map((running) => viewOf(options, running, true)) };
    },
  );

  api.get(
    '/objectives/:owner/:name',
    { schema: { tags, summary: 'One objective as it is now', params: ObjectiveParams, response: { 200: ObjectiveAnswer } } },
    (request) => viewOf(options, known(request)),
  );

  api.get(
    '/objectives/:owner/:name/budget',
    {
      schema: {
        tags,
        summary: 'The budget of an objective over its period, with the releases in it',
        params: ObjectiveParams,
        response: { 200: BurnDownAnswer },
      },
    },
    (request) => burnDownOf(options, known(request)),
  );

  api.post(
    '/objectives/:owner/:name/corrections',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Leave time out of the account of an objective, such as maintenance',
        headers: IdempotencyHeaders,
        params: ObjectiveParams,
        body: CorrectionBody,
        response: { 200: ObjectiveAnswer },
      },
    },
    async (request) => {
      const { id, known: of } = known(request);
      allow(request, 'steer', of.service, 'change what counts for an objective');
      const { fromMs, toMs, why, by } = request.body;
      await objectives.changes.correct(id, fromMs, toMs, { ...askerOf(request, by), why });
      return viewOf(options, knownObjective(objectives, id));
    },
  );

  api.delete(
    '/objectives/:owner/:name/corrections/:id',
    {
      schema: {
        tags,
        summary: 'Let time count again',
        params: CorrectionParams,
        querystring: CorrectionAskedQuery,
        response: { 200: ObjectiveAnswer },
      },
    },
    async (request) => {
      const { id, known: of } = known(request);
      allow(request, 'steer', of.service, 'change what counts for an objective');
      const { why, by } = request.query;
      await objectives.changes.uncorrect(id, request.params.id, { ...askerOf(request, by), why });
      return viewOf(options, knownObjective(objectives, id));
    },
  );

  api.get(
    '/services/:name/verify',
    {
      schema: {
        tags,
        summary: 'Whether the objectives of a service were kept over the last so much time',
        params: ServiceParams,
        querystring: VerifyQuery,
        response: { 200: VerifyAnswer },
      },
    },
    (request) => {
      const { name } = request.params;
      allow(request, 'read', name);
      const { windowMs, slo } = request.query;
      const asked = askedObjectives({ objectives }, slo === undefined ? null : slo.split(','), name);
      if (typeof asked === 'string')
        throw new UserError('E_UNKNOWN_OBJECTIVE', asked, { where: 'slo', fix: 'see `rampart slo` for those there are' });
      const results = asked.map((running) => verifyObjective(objectives, running, windowMs));
      return { ok: results.every(({ ok }) => ok), results };
    },
  );

  api.get(
    '/alerts',
    {
      schema: {
        tags: ['alerts'],
        summary: 'What somebody has to know of',
        querystring: AlertsQuery,
        response: { 200: AlertsAnswer },
      },
    },
    (request) => {
      const { state, service, limit } = request.query;
      const { open, ended } = alerts.state;
      const all = [...[...open.values()].sort(byUrgency), ...(state === 'all' ? ended : [])];
      const visible = all.filter(
        (one) => (service === undefined || one.service === service) && may(request, 'read', one.service),
      );
      const shown = visible.slice(0, limit);
      const known = shown.flatMap(({ id }) => {
        const incident = incidents.incidentOf(id);
        return incident === null ? [] : [[id, incident] as const];
      });
      return { alerts: shown, incidents: Object.fromEntries(known) };
    },
  );

  function known(request: FastifyRequest<{ Params: { readonly owner: string; readonly name: string } }>): RunningObjective {
    const { owner, name } = request.params;
    const found = objectives.get(`${owner}/${name}`);
    // Whoever may not see an objective is not told that it is there.
    if (!found || !may(request, 'read', found.known.service)) throw unknownObjective(`${owner}/${name}`);
    return found;
  }
}

const urgencies = ['page', 'chat', 'email'];
const states = ['firing', 'recovering', 'pending', 'resolved'];

function byUrgency(
  a: { readonly urgency: string; readonly state: string; readonly pendingAtMs: number },
  b: { readonly urgency: string; readonly state: string; readonly pendingAtMs: number },
): number {
  return (
    states.indexOf(a.state) - states.indexOf(b.state) ||
    urgencies.indexOf(a.urgency) - urgencies.indexOf(b.urgency) ||
    b.pendingAtMs - a.pendingAtMs
  );
}
