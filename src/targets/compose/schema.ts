import { z } from 'zod';
import { orNamedSecret, refuseSecrets } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { checkPath, templateText } from '../definition-parts.ts';

const placeholders = ['version', 'service'];

const text = (max: number) => templateText(max, placeholders);

const variables = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable of the compose file, such as TAG'),
    orNamedSecret(z.union([text(10_000), z.number(), z.boolean()]).transform(String)),
  )
  .superRefine((given, context) => {
    refuseSecrets(given, context);
    for (const name of Object.keys(given)) {
      // Which engine and which project are Rampart's to say: it looks for containers there.
      if (/^(RAMPART_|DOCKER_)|^COMPOSE_(FILE|PROJECT_NAME|PATH_SEPARATOR|ENV_FILES)$|^(PATH|HOME)$/.test(name))
        context.addIssue({ code: 'custom', path: [name], message: `${name} cannot be changed here` });
    }
  });

const interval = () => duration({ minMs: 10, maxMs: 3_600_000 });

/** How the versions of a service run as containers, as users write it under `target: { compose: … }`. Times are in ms. */
export const ComposeDefinition = z.strictObject({
  file: text(1_000).min(1).default('compose.yaml').describe('The compose file; relative to cwd.'),
  cwd: text(4_000)
    .min(1)
    .default('.')
    .describe('Folder of the compose file, where compose also looks for .env; relative to the document.'),
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected the name of a service of the compose file, such as web')
    .describe('Name of the service in the compose file.')
    .meta({ examples: ['web'] }),
  port: z.int().min(1).max(65_535).describe('Port inside of the container that takes the traffic.'),
  image: text(1_000)
    .min(1)
    .optional()
    .describe('Image of a version, in place of the one in the compose file. {version} and {service} are replaced.')
    .meta({ examples: ['registry.example/shop:{version}'] }),
  env: variables
    .default({})
    .describe(
      'Variables for the compose file, with the same placeholders, beside RAMPART_VERSION and RAMPART_SERVICE. A secret is named: { env: NAME } or { file: PATH }.',
    ),
  replicas: z.int().min(1).max(100).default(1).describe('How many containers of a version run.'),
  health: z
    .strictObject({
      path: checkPath
        .optional()
        .describe("Answers 2xx when a container can take traffic. Without it the container's own healthcheck decides."),
      timeout: interval().prefault('1s').describe('A slower answer counts as a failure.'),
      interval: interval().prefault('1s').describe('Time between two checks; until the first success they come faster.'),
      unhealthyAfter: z.int().min(1).max(1_000).default(3).describe('Failures in a row after which it gets no traffic.'),
    })
    .prefault({})
    .describe('Whether a container is ready for traffic.'),
  network: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'expected the name of a network, such as shop_default')
    .optional()
    .describe(
      'Network that is there already and that the containers join, such as the one of your own project with its database.',
    ),
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected at most 32 lower case letters, digits and -, such as rampart')
    .default('rampart')
    .describe('What the names of the compose projects begin with. Two controllers on one engine need two.'),
  startTimeout: duration({ minMs: 1_000, maxMs: 3_600_000 })
    .prefault('5m')
    .describe('Longest time that starting the containers may take, images pulled.'),
});
export type ComposeDefinition = z.output<typeof ComposeDefinition>;
