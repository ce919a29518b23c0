import { z } from 'zod';
import type { ControllerSpec } from '../../spec/controller.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { allow } from '../principal.ts';
import { answer } from '../schemas/answer.ts';
import { type Reach, reachable } from './reach.ts';

const ReachAnswer = answer<Reach>()(
  z
    .object({ what: z.string(), service: z.string().nullable(), ok: z.boolean(), detail: z.string(), ms: z.number() })
    .meta({ id: 'Reach', description: 'Something that the controller needs, asked just now; `ms` is how long its answer took.' }),
);

const namedSecret = z.union([
  z.object({ env: z.string(), prefix: z.string() }),
  z.object({ file: z.string(), prefix: z.string() }),
]);

const ConfigurationAnswer = answer<ControllerSpec>()(
  z
    .object({
      publicUrl: z.string().nullable(),
      trustProxy: z.array(z.string()),
      cors: z.object({ origins: z.array(z.string()) }),
      rateLimits: z.object({
        token: z.object({ perMinute: z.number(), perHour: z.number() }),
        user: z.object({ perMinute: z.number() }),
        anonymous: z.object({ perMinute: z.number() }),
        flags: z.object({ perMinute: z.number() }),
        alerts: z.object({ perMinute: z.number() }),
      }),
      sessions: z.object({ idleMs: z.number(), maxMs: z.number() }),
      oidc: z
        .object({
          name: z.string(),
          issuer: z.string(),
          clientId: z.string(),
          clientSecret: z.union([z.object({ env: z.string() }), z.object({ file: z.string() })]),
          scopes: z.array(z.string()),
          nameClaim: z.string(),
          roles: z.array(
            z.object({
              claim: z.string(),
              equals: z.string(),
              role: z.enum(['viewer', 'reporter', 'operator', 'approver', 'admin']),
              services: z.union([z.literal('*'), z.array(z.string())]),
            }),
          ),
        })
        .nullable(),
      streams: z.object({ max: z.number() }),
      alertmanagers: z.array(
        z.object({
          url: z.string(),
          headers: z.record(z.string(), z.union([z.string(), namedSecret])),
          basic: z.object({ user: z.string(), password: namedSecret }).optional(),
          tls: z
            .object({
              ca: z.string().optional(),
              cert: z.string().optional(),
              key: z.string().optional(),
              serverName: z.string().optional(),
              insecure: z.literal(true).optional(),
            })
            .optional(),
          timeoutMs: z.number(),
          intervalMs: z.number(),
          resolveTimeoutMs: z.number(),
          generatorUrl: z.string().nullable(),
        }),
      ),
      receivedAlerts: z.object({
        resolveTimeoutMs: z.number(),
        webhookTimeoutMs: z.number(),
        serviceLabels: z.array(z.string()),
        severityLabel: z.string(),
        page: z.array(z.string()),
        chat: z.array(z.string()),
        max: z.number(),
      }),
    })
    .meta({ id: 'ControllerSettings', description: 'The Controller document in force, with every default filled in.' }),
);

const SettingsAnswer = z
  .object({
    version: z.string(),
    node: z.string(),
    startedAtMs: z.number(),
    dataFolder: z.string(),
    /** How late the last look was, in milliseconds. */
    latenessMs: z.number(),
    settings: ConfigurationAnswer,
    reach: z.array(ReachAnswer),
  })
  .meta({ id: 'Settings', description: 'What is configured, and what is reachable now.' });

/** How this controller is set up, and whether what it needs is there. */
export function settingsRoutes(api: Api, options: ServerOptions): void {
  const { controller, log, settings, oidc, alertOutbox, alertSources, dataFolder, version } = options;
  const startedAtMs = Date.now();
  api.get(
    '/settings',
    {
      schema: {
        tags: ['controller'],
        summary: 'What is configured, and what is reachable now',
        response: { 200: SettingsAnswer },
      },
    },
    async (request) => {
      allow(request, 'administer', null);
      return {
        version,
        node: process.version,
        startedAtMs,
        dataFolder,
        latenessMs: controller.health.latenessMs,
        settings,
        reach: [...(await reachable({ controller, log, folder: dataFolder, oidc, alertOutbox, alertSources }))],
      };
    },
  );
}
