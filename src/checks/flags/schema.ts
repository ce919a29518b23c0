import { z } from 'zod';
import { oneKind } from '../../spec/choice.ts';
import { program } from '../program.ts';

const value = z.union([z.boolean(), z.string().max(1_000), z.number()]);
const expected = z
  .record(z.string().min(1).max(500), value)
  .refine((given) => Object.keys(given).length > 0, { message: 'expected at least one flag, such as new-checkout: false' });

/** Feature flags stand where they should. */
export const FlagsConfig = oneKind('flags', {
  own: z
    .strictObject({
      expect: z
        .record(z.string().min(1).max(500), z.union([z.boolean(), z.string().min(1).max(200)]))
        .refine((given) => Object.keys(given).length > 0, { message: 'expected at least one flag, such as new-checkout: false' })
        .describe('Each flag by its key: true: on, false: off, a text: the variant that users get who are in no group.'),
    })
    .describe('Flags of Rampart.'),
  ofrep: program('the address of a flag server with OFREP, such as http://flagd:8016', {
    context: z
      .record(z.string().min(1).max(200), value)
      .default({ targetingKey: 'rampart-check' })
      .describe('Who asks, for the evaluation.'),
    expect: expected.describe('Each flag by its key, with the value that it has to have.'),
  }).describe('A flag server is asked, such as flagd.'),
  file: z
    .strictObject({
      path: z.string().min(1).max(4_000).describe('JSON or YAML file; relative to the document.'),
      expect: z
        .record(z.string().max(1_000).regex(/^\/./, 'expected a JSON pointer such as /FEATURE_FLAGS/new_feature'), value)
        .refine((given) => Object.keys(given).length > 0, { message: 'expected at least one flag, such as /flags/beta: false' })
        .describe('Each flag by its JSON pointer, with the value that it has to have.'),
    })
    .describe('A file has the flags.'),
}).describe('Feature flags stand where they should.');
export type FlagsConfig = z.output<typeof FlagsConfig>;
