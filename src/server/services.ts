import type { FastifyInstance } from 'fastify';
import { UserError } from '../errors.ts';
import { serviceView } from '../views/service-view.ts';
import { parsed, RollbackBody } from './body.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';

/** Services: how they are, and their rollback. */
export function serviceRoutes(api: FastifyInstance, { controller }: ServerOptions): void {
  api.get('/services', (request, reply) => {
    const language = languageOf(request, reply);
    return { services: controller.services.map((state) => serviceView(state, Date.now(), language)) };
  });

  api.get<{ Params: { name: string } }>('/services/:name', (request, reply) => {
    const { name } = request.params;
    const state = controller.service(name);
    if (!state)
      throw new UserError('E_UNKNOWN_SERVICE', `there is no service ${name}`, {
        where: 'service',
        fix: 'see `rampart status` for the services there are',
      });
    return serviceView(state, Date.now(), languageOf(request, reply));
  });

  api.post<{ Params: { name: string } }>('/services/:name/rollback', async ({ params, body }) => {
    const { to, by, why, dryRun } = parsed(RollbackBody, body);
    const plan = controller.rollbackPlan(params.name, to);
    const version = plan.kind === 'abort' ? plan.release.plan.stable : plan.installed.version;
    const how =
      plan.kind === 'abort'
        ? `aborts release ${plan.release.id} of ${plan.release.version}: all traffic goes to ${version ?? 'no version'}`
        : `starts ${version}, sends all traffic to it once it is ready and has passed its checks, and watches it`;
    if (dryRun)
      return { dryRun: true, kind: plan.kind, version, said: how, release: plan.kind === 'abort' ? plan.release.id : null };
    const done = await controller.rollback(params.name, to, by, why);
    return { dryRun: false, kind: plan.kind, version, ...done };
  });
}
