import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { found } from '../../spec/issue-text.ts';
import { duration, percent } from '../../spec/units.ts';
import { age, path } from '../local-schema.ts';

const label = z.string().min(1).max(200);
const oneLabel = label.transform((given): string[] => [given]);
const someLabels = z.array(label).min(1).max(20);
/** One text, or several of which one is enough. */
const labels = choice([oneLabel, someLabels], (value) => (Array.isArray(value) ? someLabels : oneLabel));

const span = duration({ maxMs: 3_660 * 86_400_000, example: '4h' }).transform((value) => ({ unit: 'ms' as const, value }));
const part = percent({ maxPpm: 1_000_000_000, example: '99.9%' }).transform((value) => ({ unit: 'ppm' as const, value }));
const plain = z
  .number()
  .min(-1e12)
  .max(1e12)
  .transform((value) => ({ unit: 'plain' as const, value }));
const bound = choice([plain, span, part], (value, refuse) => {
  if (typeof value === 'number') return plain;
  if (typeof value === 'string') return value.endsWith('%') ? part : span;
  return refuse({ message: `expected a duration such as 4h, a percentage such as 99.9%, or a number, found ${found(value)}` });
});

export const DocumentConfig = z
  .strictObject({
    path: path.describe('File, or folder of documents.'),
    minSize: z.int().min(0).max(1_000_000).default(1).describe('Least number of characters beside spaces, in all.'),
    headings: z
      .array(labels)
      .max(100)
      .default([])
      .meta({
        description: 'Each has to stand in a heading, or in the name of a file of the folder; of a list one is enough.',
        examples: [['rollback', ['scaling', 'capacity']]],
      }),
    fields: z
      .array(labels)
      .max(100)
      .default([])
      .describe('Each has to stand before a value: `Owner: payments`, or in a table; of a list one is enough.'),
    contains: z.array(labels).max(100).default([]).describe('Each has to stand in the text; of a list one is enough.'),
    maxAge: age('365d').optional().describe('How long ago the newest change may be: by git, where it knows the file.'),
    numbers: z
      .record(
        label,
        z
          .strictObject({
            below: bound.optional().describe('It is less.'),
            atMost: bound.optional().describe('It is no more.'),
            above: bound.optional().describe('It is more.'),
            atLeast: bound.optional().describe('It is no less.'),
          })
          .refine((given) => Object.keys(given).length > 0, { error: 'expected below, atMost, above or atLeast' }),
      )
      .default({})
      .describe('Numbers by the words before them, such as RTO: { below: 4h }.'),
    dates: z
      .record(label, z.strictObject({ maxAge: age('90d').describe('How long ago it may be.') }))
      .default({})
      .describe('Dates by the words before them, such as Last drill: { maxAge: 90d }.'),
    links: z.boolean().default(false).describe('Whether links to other files have to lead somewhere.'),
  })
  .describe('A document is there, and says what it has to say.');
export type DocumentConfig = z.output<typeof DocumentConfig>;
