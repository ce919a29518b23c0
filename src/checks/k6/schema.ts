import { z } from 'zod';
import { command } from '../../spec/hook.ts';
import { orNamedSecret, refuseSecrets } from '../../spec/secret.ts';

export const K6Config = z
  .strictObject({
    script: z.string().min(1).max(1_000).describe('The script, from the folder of the document.'),
    program: command.prefault(['k6']).describe('k6 itself, where it is not found by this name.'),
    arguments: z
      .array(z.string().max(1_000))
      .max(50)
      .default([])
      .meta({ description: 'More arguments of `k6 run`.', examples: [['--vus', '100', '--duration', '30s']] }),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), orNamedSecret(z.string().max(10_000)))
      .superRefine(refuseSecrets)
      .default({})
      .describe('Variables for the script (`__ENV`). A secret is named.'),
    thresholds: z
      .enum(['required', 'optional'])
      .default('required')
      .describe('Whether a script without thresholds proves anything.'),
  })
  .describe('A load test with k6: its thresholds decide.');
export type K6Config = z.output<typeof K6Config>;
