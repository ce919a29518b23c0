import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { openSloContext } from '../../runtime/documents.ts';
import { unknownObjective } from '../../runtime/objectives/objective-changes.ts';
import { standaloneObjectives } from '../../spec/openslo/read.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf, may } from '../principal.ts';
import { CorrectionAskedQuery, SloParams, SlosAnswer, SlosBody } from '../schemas/objectives.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';

const tags = ['objectives'];

/** Free-standing objectives: put into force and ended. */
export function sloRoutes(api: Api, { objectives }: ServerOptions): void {
  api.post(
    '/slos',
    {
      schema: {
        tags,
        summary: 'Put free-standing objectives (OpenSLO v1) into force, all of a text or none',
        headers: IdempotencyHeaders,
        body: SlosBody,
        response: { 200: SlosAnswer },
      },
    },
    async (request) => {
      const { document, file, by, why } = request.body;
      const wanted = standaloneObjectives([{ file, text: document }], openSloContext);
      for (const { service } of wanted.objectives) allow(request, 'release', service, 'put objectives into force');
      const found = await objectives.changes.checkEvents(wanted.objectives);
      if (found.problems.length > 0)
        throw new UserError('E_BAD_OBJECTIVE', found.problems.join('; '), {
          where: file,
          fix: 'correct what they count; nothing was put into force',
        });
      const asked = { ...askerOf(request, by), why };
      const ids = await objectives.changes.apply(wanted.objectives, asked);
      return {
        applied: [...ids],
        notes: [...wanted.notes.map(({ line, column, message }) => `${file}:${line}:${column} ${message}`), ...found.notes],
      };
    },
  );

  api.delete(
    '/slos/:name',
    {
      schema: {
        tags,
        summary: 'End a free-standing objective',
        params: SloParams,
        querystring: CorrectionAskedQuery,
        response: { 204: z.null().describe('It is ended.') },
      },
    },
    async (request, reply) => {
      const id = `slo/${request.params.name}`;
      const found = objectives.get(id);
      if (!found || !may(request, 'read', found.known.service)) throw unknownObjective(id);
      allow(request, 'release', found.known.service, 'end objectives');
      const { why, by } = request.query;
      await objectives.changes.remove(id, { ...askerOf(request, by), why });
      return reply.status(204).send(null);
    },
  );
}
