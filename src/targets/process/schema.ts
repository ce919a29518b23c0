import { z } from 'zod';
import { orNamedSecret, refuseSecrets } from '../../spec/secret.ts';
import { duration, size } from '../../spec/units.ts';
import { checkPath, templateText } from '../definition-parts.ts';

const placeholders = ['version', 'port', 'service'];

const text = (max: number) => templateText(max, placeholders);

const interval = () => duration({ minMs: 10, maxMs: 3_600_000 });

const environment = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, such as DATABASE_URL'),
    orNamedSecret(z.union([text(100_000), z.number(), z.boolean()]).transform(String)),
  )
  .superRefine((variables, context) => {
    refuseSecrets(variables, context);
    for (const name of Object.keys(variables)) {
      // The port is what Rampart probes and sends traffic to; the others are how a process is found again.
      if (name === 'PORT' || name.startsWith('RAMPART_'))
        context.addIssue({ code: 'custom', path: [name], message: `${name} is set by Rampart and cannot be changed here` });
    }
  });

/** How the versions of a service run as local processes, as users write it under `target: { process: … }`. Times are in ms. */
export const ProcessDefinition = z.strictObject({
  command: z
    .array(text(10_000))
    .min(1, 'expected a program and its arguments, such as [node, server.js]')
    .max(1_000)
    .refine((words) => words[0] !== '', 'expected the name of a program first')
    .describe('Program and arguments, run without a shell. {version}, {port} and {service} are replaced; {{port}} stays {port}.')
    .meta({ examples: [['node', 'server.js']] }),
  cwd: text(4_000).min(1).default('.').describe('Folder in which the command runs; relative to the document.'),
  env: environment
    .default({})
    .describe(
      'Environment variables of the process, with the same placeholders. A secret is named: { env: NAME } or { file: PATH }.',
    ),
  inheritEnv: z
    .boolean()
    .default(false)
    .describe("Also hand on the controller's own environment. It may hold secrets that are not for the service."),
  replicas: z.int().min(1).max(100).default(1).describe('How many processes of a version run.'),
  health: z
    .strictObject({
      path: checkPath.default('/health').describe('Answers 2xx when the instance can take traffic.'),
      timeout: interval().prefault('1s').describe('A slower answer counts as a failure.'),
      interval: interval().prefault('1s').describe('Time between two checks; until the first success they come faster.'),
      unhealthyAfter: z.int().min(1).max(1_000).default(3).describe('Failures in a row after which it gets no traffic.'),
    })
    .prefault({})
    .describe('Whether an instance is ready for traffic.'),
  liveness: z
    .strictObject({
      path: checkPath.describe('Answers 2xx while the process works.'),
      interval: interval().prefault('10s').describe('Time between two checks.'),
      timeout: interval().prefault('1s').describe('A slower answer counts as a failure.'),
      failures: z.int().min(1).max(1_000).default(3).describe('Failures in a row after which the process is restarted.'),
    })
    .optional()
    .describe('Whether an instance that was ready must be restarted.'),
  stop: z
    .strictObject({
      signal: z
        .enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
        .default('SIGTERM')
        .describe('Asks the process, and all that it started, to end.'),
      deadline: duration({ maxMs: 3_600_000 }).prefault('10s').describe('After this what is left is killed.'),
    })
    .prefault({})
    .describe('How a process is ended.'),
  restart: z
    .strictObject({
      backoff: duration({ minMs: 10, maxMs: 3_600_000 })
        .prefault('1s')
        .describe('Wait before the first restart; doubles each time.'),
      max: duration({ minMs: 10, maxMs: 86_400_000 }).prefault('30s').describe('Longest wait before a restart.'),
    })
    .prefault({})
    .describe('When a process that ended by itself is started again.'),
  logs: z
    .strictObject({
      maxSize: size({ minBytes: 1_024, maxBytes: 1_073_741_824 }).prefault('10MiB').describe('A larger log is rotated.'),
      keep: z.int().min(0).max(100).default(3).describe('Rotated logs that stay beside the current one.'),
    })
    .prefault({})
    .describe('Standard output and error of each instance, in one file.'),
});
export type ProcessDefinition = z.output<typeof ProcessDefinition>;
