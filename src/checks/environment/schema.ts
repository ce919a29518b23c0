import { z } from 'zod';
import { path, pattern } from '../local-schema.ts';

const name = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, { error: 'expected the name of a variable, such as DATABASE_URL' });

export const EnvironmentConfig = z
  .strictObject({
    from: path
      .optional()
      .describe('File with the variables: .env, YAML or JSON; default: what commands of the controller inherit.'),
    at: z
      .string()
      .max(1_000)
      .regex(/^\//, { error: 'expected a JSON pointer such as /spec/target/process/env' })
      .optional()
      .describe(
        'Where they stand in a file of YAML or JSON; default: where a Service, ConfigMap or Secret has them, or the whole file.',
      ),
    present: z
      .array(name)
      .max(1_000)
      .default([])
      .describe('Variables that have to be there, with a value that is no placeholder.'),
    variables: z
      .record(
        name,
        z.strictObject({
          secret: z.boolean().optional().describe('Whether it is a secret; default: what its name says.'),
          strong: z.boolean().default(false).describe('Whether nobody may guess it: long, and random.'),
          minLength: z.int().min(1).max(10_000).optional().describe('Least number of characters; 32 where it has to be strong.'),
          pattern: pattern.optional().describe('Regular expression that the value has to match.'),
        }),
      )
      .default({})
      .describe('What is expected of each variable.'),
  })
  .superRefine(({ present, variables, from, at }, context) => {
    if (present.length === 0 && Object.keys(variables).length === 0)
      context.addIssue({ code: 'custom', message: 'expected present or variables: nothing would be looked at' });
    if (at !== undefined && from === undefined)
      context.addIssue({ code: 'custom', message: 'expected from beside at', path: ['at'] });
  })
  .describe('Environment variables are there, and strong.');
export type EnvironmentConfig = z.output<typeof EnvironmentConfig>;
