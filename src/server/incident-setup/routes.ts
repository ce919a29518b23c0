import { incidentSetupView } from '../../views/incident-setup-view.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow, originOf } from '../principal.ts';
import { SetupAnswer, SetupAppliedAnswer, SetupBody } from '../schemas/incident-setup.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';

const tags = ['incidents'];

/** Who is told of what: one setup, replaced as a whole. Numbers of people are in it, so it is for admins alone. */
export function incidentSetupRoutes(api: Api, { setup }: ServerOptions): void {
  api.get(
    '/incidents/setup',
    { schema: { tags, summary: 'Who is told of what: the documents in force', response: { 200: SetupAnswer } } },
    (request) => {
      allow(request, 'administer', null, 'see numbers of people');
      return incidentSetupView(setup.state, setup.setup);
    },
  );

  api.put(
    '/incidents/setup',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Replaces all documents that say who is told of what; checked as a whole',
        headers: IdempotencyHeaders,
        body: SetupBody,
        response: { 200: SetupAppliedAnswer },
      },
    },
    async (request) => {
      allow(request, 'administer', null, 'change who is told of incidents');
      const { files, by, why, replaces = null, dryRun } = request.body;
      if (dryRun) return { version: setup.state.version, changes: [...setup.preview(files)] };
      const changes = await setup.apply({ files, by: actorOf(request, by), why, from: originOf(request), replaces });
      return { version: setup.state.version, changes: [...changes] };
    },
  );
}
