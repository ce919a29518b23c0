import { z } from 'zod';
import type { Api } from '../api.ts';
import { describeProblems } from '../openapi.ts';
import { type Authenticator, may } from '../principal.ts';
import type { ControllerMetrics } from './metrics.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/**
 * What a Prometheus asks. Without a credential, as with `/health`, it names nobody and nothing that is released; with one it also has the
 * services that the credential may see.
 */
export function metricsRoute(app: Api, metrics: ControllerMetrics, services: ServiceMetrics, authenticator: Authenticator): void {
  describeProblems(app);
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['controller'],
        summary: 'Metrics in the text format of Prometheus: of the controller, and with a credential of the services it may see',
        security: [{}, { token: [] }],
        produces: ['text/plain'],
        response: { 200: z.string().describe('Metrics that begin with `rampart_`.') },
      },
    },
    async (request, reply) => {
      const text = await metrics.text();
      void reply.type(metrics.contentType);
      if (request.headers.authorization === undefined) return reply.send(text);
      request.principal = await authenticator.authenticate(request);
      return reply.send(text + (await services.text((service) => may(request, 'read', service))));
    },
  );
}
