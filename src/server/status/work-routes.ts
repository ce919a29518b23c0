import { UserError } from '../../errors.ts';
import type { Asker } from '../../runtime/status/status-keeper.ts';
import type { WorkVerb } from '../../status/work-verbs.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow, askerOf } from '../principal.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';
import {
  MaintenanceAnswer,
  MaintenanceBody,
  MaintenanceCancelBody,
  MaintenanceEndBody,
  MaintenanceMoveBody,
  StatusPostParams,
} from '../schemas/status.ts';

const tags = ['status page'];

/** Maintenance that is no planned release: announced, moved, ended, called off. */
export function statusWorkRoutes(api: Api, { statusPage }: ServerOptions): void {
  const schema = <Body>(summary: string, body: Body) => ({
    tags,
    summary,
    headers: IdempotencyHeaders,
    params: StatusPostParams,
    body,
    response: { 200: MaintenanceAnswer },
  });

  api.post(
    '/status-page/maintenances',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Announces maintenance: it begins and ends by itself in its time',
        headers: IdempotencyHeaders,
        body: MaintenanceBody,
        response: { 201: MaintenanceAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'steer', null, 'announce maintenance');
      const { by, title = null, body = null, components, fromMs, untilMs } = request.body;
      const id = await statusPage.announce({ title, body, components, fromMs, untilMs }, askerOf(request, by));
      return reply.status(201).send(known(id));
    },
  );

  api.post(
    '/status-page/maintenances/:id/move',
    { config: { idempotent: true }, schema: schema('Moves maintenance; one that goes on gets another end', MaintenanceMoveBody) },
    async (request) => {
      allow(request, 'steer', null, 'move maintenance');
      const { by, fromMs = null, untilMs = null, body = null } = request.body;
      return await change(request.params.id, askerOf(request, by), { verb: 'move', fromMs, untilMs, body });
    },
  );

  api.post(
    '/status-page/maintenances/:id/end',
    { config: { idempotent: true }, schema: schema('Ends maintenance now', MaintenanceEndBody) },
    async (request) => {
      allow(request, 'steer', null, 'end maintenance');
      const { by, body = null } = request.body;
      return await change(request.params.id, askerOf(request, by), { verb: 'end', body });
    },
  );

  api.post(
    '/status-page/maintenances/:id/cancel',
    { config: { idempotent: true }, schema: schema('Calls maintenance off that has not begun', MaintenanceCancelBody) },
    async (request) => {
      allow(request, 'steer', null, 'cancel maintenance');
      const { by, why, body = null } = request.body;
      return await change(request.params.id, askerOf(request, by), { verb: 'cancel', why, body });
    },
  );

  async function change(id: string, asker: Asker, given: WorkVerb) {
    await statusPage.changeWork(id, asker, given);
    return known(id);
  }

  function known(id: string) {
    const work = statusPage.works.find((one) => one.id === id);
    if (work) return work;
    throw new UserError('E_UNKNOWN_MAINTENANCE', `there is no maintenance ${id.slice(0, 200)}`, {
      where: 'maintenance',
      fix: 'see GET /api/v1/status-page',
    });
  }
}
