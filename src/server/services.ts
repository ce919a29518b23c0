import { type RollbackDeed, restartStopText, restartText, rollbackText } from '../release/verb-text.ts';
import { unknownService } from '../runtime/refusals.ts';
import { serviceView } from '../views/service-view.ts';
import type { Api } from './api.ts';
import { languageOf } from './language.ts';
import type { ServerOptions } from './options.ts';
import { actorOf, allow, may, originOf } from './principal.ts';
import {
  IdempotencyHeaders,
  LanguageQuery,
  ListQuery,
  RestartBody,
  RestartStopBody,
  RollbackBody,
  ServiceParams,
} from './schemas/requests.ts';
import { RestartAnswer, RestartStopAnswer, RollbackAnswer, ServiceAnswer, ServicesAnswer } from './schemas/service.ts';

const tags = ['services'];

/** Services: how they are, and their rollback. */
export function serviceRoutes(api: Api, { controller }: ServerOptions): void {
  api.get(
    '/services',
    { schema: { tags, summary: 'Every service as it is now', querystring: ListQuery, response: { 200: ServicesAnswer } } },
    (request, reply) => {
      const language = languageOf(request, reply);
      const seen = controller.services.filter(({ name }) => may(request, 'read', name));
      return { services: seen.map((state) => serviceView(state, Date.now(), language)) };
    },
  );

  api.get(
    '/services/:name',
    {
      schema: {
        tags,
        summary: 'One service as it is now',
        params: ServiceParams,
        querystring: LanguageQuery,
        response: { 200: ServiceAnswer },
      },
    },
    (request, reply) => {
      const { name } = request.params;
      allow(request, 'read', name);
      const state = controller.service(name);
      if (!state) throw unknownService(name);
      return serviceView(state, Date.now(), languageOf(request, reply));
    },
  );

  api.post(
    '/services/:name/rollback',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Goes back to the version before, or to a named one',
        params: ServiceParams,
        querystring: LanguageQuery,
        headers: IdempotencyHeaders,
        body: RollbackBody,
        response: { 200: RollbackAnswer },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { to, by, why, dryRun } = request.body;
      allow(request, 'read', name);
      const plan = controller.rollbackPlan(name, to);
      // Whoever may stop a release may take it back; bringing an earlier version back is a release of its own.
      allow(request, plan.kind === 'abort' ? 'abort' : 'release', name);
      const deed: RollbackDeed =
        plan.kind === 'abort'
          ? {
              kind: 'abort',
              release: plan.release.id,
              candidate: plan.release.version,
              version: plan.release.plan.stable,
            }
          : { kind: 'restore', version: plan.installed.version };
      const { version } = deed;
      const language = languageOf(request, reply);
      const said = rollbackText(deed, language);
      if (dryRun)
        return { dryRun: true, kind: plan.kind, version, said, release: plan.kind === 'abort' ? plan.release.id : null };
      const done = await controller.rollback(name, to, actorOf(request, by), why, originOf(request));
      return { dryRun: false, kind: plan.kind, version, ...done, ...(language === 'en' ? {} : { said }) };
    },
  );

  api.post(
    '/services/:name/restart',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Starts the instances of the stable version anew, one after another',
        params: ServiceParams,
        querystring: LanguageQuery,
        headers: IdempotencyHeaders,
        body: RestartBody,
        response: { 200: RestartAnswer },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { version, by, why, dryRun } = request.body;
      allow(request, 'steer', name);
      const plan = controller.restartPlan(name, version);
      const said = restartText(plan, languageOf(request, reply));
      if (dryRun) return { dryRun: true, ...plan, restart: null, said };
      const restart = await controller.restart(name, plan.version, actorOf(request, by), why, originOf(request));
      return { dryRun: false, ...plan, restart, said };
    },
  );

  api.post(
    '/services/:name/restart/stop',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Ends a restart where it is; what it has ended comes back',
        params: ServiceParams,
        querystring: LanguageQuery,
        headers: IdempotencyHeaders,
        body: RestartStopBody,
        response: { 200: RestartStopAnswer },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { by, why } = request.body;
      allow(request, 'steer', name);
      const done = await controller.stopRestart(name, actorOf(request, by), why, originOf(request));
      return { done, said: restartStopText(done, languageOf(request, reply)) };
    },
  );
}
