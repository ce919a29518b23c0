import { z } from 'zod';
import type { SetLevel } from '../../flags/types.ts';
import type { FlagRow, FlagView } from '../../views/flag-view.ts';
import type { SetChanges } from '../flags/flags.ts';
import { answer } from './answer.ts';
import { documentMax, line } from './requests.ts';

const asked = {
  by: line.min(1).max(100).optional().describe('Who asks. Only with the token of the data folder.'),
  why: line.default('').describe('Why, for the record.'),
};

/** A name as it stands in a path: anything; what there is not is answered with 404. */
export const FlagParams = z.object({ key: z.string().max(300) });
export const FlagSetParams = z.object({ name: z.string().max(300) });

export const FlagSetsBody = z.strictObject({
  document: z.string().max(documentMax).describe('FlagSet documents, as their file holds them.'),
  file: line.default('document').describe('Name of the file, for messages.'),
  dryRun: z.boolean().default(false).describe('Only say what would change.'),
  ...asked,
});
export const FlagAskedBody = z.strictObject(asked).optional().describe('May be left out.');
export const FlagShareBody = z.strictObject({
  sharePpm: z.int().min(0).max(1_000_000).describe('Users who get the variant, in parts per million: 10 % is 100000.'),
  variant: z
    .string()
    .max(100)
    .optional()
    .describe('The variant that they get; left out: the one that is on, where that is clear.'),
  ...asked,
});
export const FlagAskedQuery = z.strictObject(asked);

const LevelAnswer = answer<SetLevel>()(
  z
    .object({
      level: z.union([
        z.object({ kind: z.literal('off') }),
        z.object({ kind: z.literal('share'), variant: z.string(), sharePpm: z.number() }),
      ]),
      by: z.string(),
      why: z.string(),
      atMs: z.number(),
    })
    .meta({
      id: 'FlagLevel',
      description: 'Where somebody has put a flag. Of those who do not have the variant of a share, all have the off variant.',
    }),
);

const row = {
  key: z.string(),
  set: z.string(),
  state: z.enum(['ENABLED', 'DISABLED']),
  said: z.string().describe('What it is like now, in one sentence.'),
  level: LevelAnswer.nullable().describe('Null: as its document says.'),
  exposures: z
    .object({
      variants: z.array(
        z.object({
          variant: z.string(),
          single: z.number().describe('Evaluations of this one flag.'),
          bulk: z.number().describe('Evaluations of all flags at once.'),
        }),
      ),
      errors: z.number(),
    })
    .describe('How often each variant was given out since the controller started.'),
};

export const FlagRowAnswer = answer<FlagRow>()(z.object(row).meta({ id: 'FlagRow', description: 'A flag in a list.' }));

export const FlagAnswer = answer<FlagView>()(
  z
    .object({
      ...row,
      variants: z.record(z.string(), z.unknown()),
      defaultVariant: z.string(),
      offVariant: z.string().describe('What everybody has when it is switched off.'),
      targeting: z.record(z.string(), z.unknown()).nullable(),
      metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    })
    .meta({ id: 'Flag', description: 'A feature flag, with all that its document says.' }),
);

export const FlagsAnswer = z.object({ flags: z.array(FlagRowAnswer) }).meta({ id: 'Flags' });

const SetChangesAnswer = answer<SetChanges>()(
  z
    .object({ name: z.string(), added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) })
    .meta({ id: 'FlagSetChanges', description: 'What applying a set changes, by keys of flags.' }),
);

export const FlagSetsAnswer = z.object({ dryRun: z.boolean(), sets: z.array(SetChangesAnswer) }).meta({ id: 'FlagSetsApplied' });
