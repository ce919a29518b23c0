import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { QueryUse } from './event-queries.ts';
import type { AllKinds } from './load.ts';
import { listenAddress } from './units.ts';

/** Plugins for the tests of this folder, small but of the same shape as the real ones, which this folder must not know. */
export const standIns = {
  targets: {
    process: z.strictObject({
      command: z.array(z.string()).min(1),
      cwd: z.string().default('.'),
      env: z.record(z.string(), z.string()).default({}),
      replicas: z.int().min(1).default(1),
      health: z.strictObject({ path: z.string().startsWith('/').default('/health') }).prefault({}),
    }),
    compose: z.strictObject({ file: z.string() }),
  },
  routers: {
    builtin: z.strictObject({
      listen: listenAddress(),
      bucket: z.union([z.strictObject({ cookie: z.string() }), z.strictObject({ header: z.string() })]).optional(),
      mode: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('fast') }),
          z.strictObject({ type: z.literal('safe'), depth: z.number() }),
        ])
        .optional(),
      size: z.union([z.number(), z.boolean()]).optional(),
    }),
  },
  sources: {
    prometheus: {
      schema: z.strictObject({ url: z.string().describe('Where it answers.') }).describe('A source.'),
      queryProblem: (_config: unknown, use: QueryUse, text: string) =>
        text.includes('bad query') ? `expected a ${use}, found a bad query` : null,
    },
  },
  notifiers: {
    chat: { schema: z.strictObject({ room: z.string() }) },
    sms: {
      schema: z.strictObject({ from: z.string() }),
      addressed: {
        to: z.string().regex(/^\+\d+$/, 'expected a number such as +4915112345678'),
        at(config: unknown) {
          if (JSON.stringify(config) !== '{"from":"+0"}') return config;
          throw new UserError('E_TEST', 'it writes to one number alone', { where: 'to', fix: 'rent another one' });
        },
      },
    },
  },
  alertSources: {
    signed: { schema: z.strictObject({ key: z.string() }) },
    plain: { schema: z.strictObject({ token: z.string() }) },
  },
  checks: {
    tcp: z.strictObject({ host: z.string(), port: z.int() }),
    environment: z.strictObject({ names: z.array(z.string()) }),
  },
  parameters: ['a', 'healthUrl', 'kubernetes', 'labels', 'postgres', 'urls', 'vaultDatabasePath', 'vaultToken'],
} satisfies AllKinds;

/** The smallest document, and what `release` adds to it. */
export function documentWith(release = ''): string {
  return `apiVersion: rampart/v1
kind: Service
metadata: { name: checkout }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
${release}`;
}
