import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { builtinChecklists } from '../../readiness/checklists/index.ts';
import { builtinChecklist, builtinNames } from '../../runtime/readiness/checklists.ts';
import type { RunRecord } from '../../runtime/readiness/readiness-records.ts';
import { textIn } from '../../spec/text.ts';
import { reportForms } from '../../views/readiness/forms.ts';
import { reportJson } from '../../views/readiness/json.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow, originOf } from '../principal.ts';
import {
  ChecklistAnswer,
  ChecklistParams,
  ChecklistsAnswer,
  EvidenceParams,
  ReadinessAnswer,
  ReadinessQuery,
  ReportQuery,
  RunAnswer,
  RunBody,
  RunParams,
  RunsAnswer,
  StartedAnswer,
} from '../schemas/readiness.ts';
import { IdempotencyHeaders, LanguageQuery, ServiceParams } from '../schemas/requests.ts';
import { checklistToRun, documentOf, inputOf } from './asked.ts';

const tags = ['readiness'];

/** Each form with its type; what JSON of a report holds is said where it is read by itself. */
const reportContent = Object.fromEntries(
  Object.values(reportForms).map(({ mediaType }) => {
    const type = mediaType.split(';')[0] ?? mediaType;
    return [type, { schema: type.endsWith('json') ? z.unknown() : z.string() }];
  }),
);

/** Whether a service is ready: its report, and runs of its checks. */
export function readinessRoutes(api: Api, options: ServerOptions): void {
  const { readiness } = options;

  api.get(
    '/checklists',
    { schema: { tags, summary: 'The built-in checklists', querystring: LanguageQuery, response: { 200: ChecklistsAnswer } } },
    (request, reply) => {
      const language = languageOf(request, reply);
      const checklists = builtinNames.flatMap((name) => builtinChecklist(name) ?? []);
      return {
        checklists: checklists.map(({ name, title, phases }) => ({
          name,
          title: textIn(title, language),
          phases: phases.map(({ id, title: called, items }) => ({ id, title: textIn(called, language), items: items.length })),
        })),
      };
    },
  );

  api.get(
    '/checklists/:checklist',
    {
      schema: {
        tags,
        summary: 'A built-in checklist as a document',
        params: ChecklistParams,
        response: { 200: ChecklistAnswer },
      },
    },
    (request) => {
      const { checklist } = request.params;
      if (builtinNames.includes(checklist)) return { document: builtinChecklists[checklist] };
      throw new UserError('E_UNKNOWN_CHECKLIST', `there is no checklist ${checklist}`, {
        where: 'checklist',
        fix: `use one of ${builtinNames.join(', ')}`,
      });
    },
  );

  api.get(
    '/services/:name/readiness',
    {
      schema: {
        tags,
        summary: 'How ready a service is',
        params: ServiceParams,
        querystring: ReadinessQuery,
        response: { 200: ReadinessAnswer },
      },
    },
    async (request, reply) => {
      const language = languageOf(request, reply);
      const input = await inputOf(options, readable(request), request.query);
      return { report: reportJson(input, language), running: [...readiness.underWay(request.params.name)] };
    },
  );

  api.get(
    '/services/:name/readiness/report',
    {
      schema: {
        tags,
        summary: 'The readiness report in a form to read or to hand on',
        params: ServiceParams,
        querystring: ReportQuery,
        response: { 200: { description: 'The report.', content: reportContent } },
      },
    },
    async (request, reply) => {
      const language = languageOf(request, reply);
      const { format } = request.query;
      const input = await inputOf(options, readable(request), request.query);
      const { mediaType, write } = reportForms[format];
      return reply.type(mediaType).send(write(input, language));
    },
  );

  api.get(
    '/services/:name/readiness/runs',
    { schema: { tags, summary: 'The last runs of checklists', params: ServiceParams, response: { 200: RunsAnswer } } },
    (request) => {
      const name = readable(request);
      documentOf(options, name);
      return { runs: (readiness.records.state.runs.get(name) ?? []).map(runView) };
    },
  );

  api.get(
    '/services/:name/readiness/runs/:run',
    { schema: { tags, summary: 'One run, and how far it is', params: RunParams, response: { 200: RunAnswer } } },
    (request) => {
      const name = readable(request);
      const { run } = request.params;
      const found = (readiness.records.state.runs.get(name) ?? []).find(({ id }) => id === run);
      if (found) return runView(found);
      throw new UserError('E_UNKNOWN_RUN', `there is no run ${run} of ${name}`, {
        where: 'run',
        fix: 'see the runs of the service; only the last ones are kept',
      });
    },
  );

  api.post(
    '/services/:name/readiness/runs',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Run the checks that nothing proves now',
        headers: IdempotencyHeaders,
        params: ServiceParams,
        body: RunBody,
        response: { 202: StartedAnswer },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      allow(request, 'steer', name, 'run its checks');
      const { phases, items, again, why, by } = request.body;
      const { spec, version } = documentOf(options, name, request.body.version);
      const { run } = await readiness.start({
        service: name,
        version,
        spec,
        checklist: checklistToRun(spec, request.body.checklist),
        phases: phases ?? null,
        items: items ?? null,
        again,
        by: actorOf(request, by),
        why,
        from: originOf(request),
      });
      return reply.status(202).send({ run });
    },
  );

  api.get(
    '/services/:name/readiness/evidence/:sha256',
    {
      schema: {
        tags,
        summary: 'A file that was given as proof',
        params: EvidenceParams,
        response: { 200: z.unknown().describe('Its bytes.') },
      },
    },
    async (request, reply) => {
      readable(request);
      const { name, sha256 } = request.params;
      const isOwn = [...readiness.records.state.confirmations].some(
        ([key, items]) =>
          key.startsWith(`${name}\n`) &&
          [...items.values()].some(({ evidence }) => evidence?.kind === 'file' && evidence.sha256 === sha256),
      );
      const bytes = isOwn ? await options.evidence.read(sha256) : null;
      if (!bytes)
        throw new UserError('E_UNKNOWN_EVIDENCE', `there is no such file of ${name}`, {
          where: 'sha256',
          fix: 'confirm the item again with its evidence',
        });
      // Whatever it is, a browser must not run it here.
      return reply.header('content-disposition', 'attachment').type('application/octet-stream').send(bytes);
    },
  );

  function runView(run: RunRecord) {
    const { id, version, checklist, phases, items, by, why, startedMs, ended } = run;
    return {
      id,
      version,
      checklist,
      phases: phases && [...phases],
      items: items && [...items],
      by,
      why,
      startedMs,
      endedMs: ended?.atMs ?? null,
      verdict: ended?.report.verdict ?? null,
      score: ended?.report.score ?? null,
      progress: readiness.progress(id),
    };
  }
}

/** The service that is asked for, if the one who asks may read it. */
function readable(request: FastifyRequest<{ Params: { name: string } }>): string {
  const { name } = request.params;
  allow(request, 'read', name);
  return name;
}
