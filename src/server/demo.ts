import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Api } from './api.ts';
import type { ServerOptions } from './options.ts';
import { allow } from './principal.ts';
import { answer } from './schemas/answer.ts';

/** How the demo is: a small shop under real load that is released four times, under this very controller. */
export type DemoStatus = {
  /** `absent`: it can be started; `over`: its releases have ended, its users go on; `ended`: its users are gone too. */
  readonly state: 'absent' | 'running' | 'over' | 'ended' | 'failed';
  /** What happens now, or why it failed, in one sentence. */
  readonly said: string | null;
  /** The service that it releases; null before it was started. */
  readonly service: string | null;
};

/** Starts and ends the demo. */
export type Demo = {
  readonly status: DemoStatus;
  start(): void;
  /** Ends its users; the shop stays, as any service does. Safe to repeat. */
  stop(): Promise<void>;
};

const DemoAnswer = answer<DemoStatus>()(
  z
    .object({
      state: z.enum(['absent', 'running', 'over', 'ended', 'failed']),
      said: z.string().nullable(),
      service: z.string().nullable(),
    })
    .meta({ id: 'Demo' }),
);

const tags = ['controller'];

/** The demo, for a controller that has no service yet. */
export function demoRoutes(api: Api, { controller, demo }: ServerOptions): void {
  api.get('/demo', { schema: { tags, summary: 'How the demo is', response: { 200: DemoAnswer } } }, (request) => {
    allow(request, 'read', null);
    return demo.status;
  });

  api.post(
    '/demo',
    {
      schema: {
        tags,
        summary: 'Starts the demo on a controller without services',
        description: 'A small shop gets real users and four releases: one version is broken, one is slow, one is good.',
        response: { 202: DemoAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'administer', null);
      if (controller.services.length > 0 || demo.status.state === 'running')
        throw new UserError('E_REFUSED', 'the demo starts only where there is no service yet', {
          where: 'demo',
          fix: 'start another controller with `rampart up --data FOLDER --listen HOST:0`, or watch `rampart demo` in a terminal',
        });
      demo.start();
      return reply.status(202).send(demo.status);
    },
  );

  api.delete(
    '/demo',
    { schema: { tags, summary: 'Ends the users of the demo', response: { 200: DemoAnswer } } },
    async (request) => {
      allow(request, 'administer', null);
      await demo.stop();
      return demo.status;
    },
  );
}
