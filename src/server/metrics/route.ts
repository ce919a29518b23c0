import { z } from 'zod';
import type { Api } from '../api.ts';
import type { ControllerMetrics } from './metrics.ts';

/** What a Prometheus asks. No credential, as with `/health`: it names nobody and nothing that is released. */
export function metricsRoute(app: Api, metrics: ControllerMetrics): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['controller'],
        summary: 'Metrics of the controller in the text format of Prometheus',
        security: [],
        produces: ['text/plain'],
        response: { 200: z.string().describe('Metrics that begin with `rampart_`.') },
      },
    },
    async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(text);
    },
  );
}
