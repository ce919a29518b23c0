import { z } from 'zod';
import { postgresPlace } from '../../spec/postgres.ts';
import { duration, percent, size } from '../../spec/units.ts';

const table = z
  .string()
  .regex(/^[^\0".]{1,63}(\.[^\0".]{1,63})?$/, 'expected TABLE or SCHEMA.TABLE')
  .describe('TABLE or SCHEMA.TABLE.');

const restore = z
  .strictObject({
    connection: postgresPlace.describe(
      'A server that is not in production, and a role that may create databases: the backup is restored there into a scratch database, which is dropped.',
    ),
    tables: z
      .record(table, z.int().min(0))
      .default({})
      .meta({ description: 'The least number of rows of tables.', examples: [{ orders: 1_000 }] }),
    compare: z
      .strictObject({
        connection: postgresPlace.describe('The live database.'),
        tables: z.array(table).max(100).optional().describe('Tables that are compared; default: those of `tables`.'),
        within: percent({ example: '5%' }).prefault('5%').describe('How far the numbers of rows may be apart.'),
      })
      .optional()
      .describe('The restored numbers of rows are near the live ones.'),
    sizeMax: size({ minBytes: 1 }).prefault('20GiB').describe('Largest scratch database; beyond it the restore is stopped.'),
    jobs: z.int().min(1).max(16).default(1).describe('How many tables are restored at a time.'),
  })
  .superRefine(({ tables, compare }, context) => {
    if (compare && !compare.tables && Object.keys(tables).length === 0)
      context.addIssue({
        code: 'custom',
        message: 'expected tables, here or beside it: nothing would be compared',
        path: ['compare'],
      });
  });

/** What a backup is; `auto` looks into it. The first four are what pg_dump writes, by its `--format`. */
export const formats = ['auto', 'custom', 'directory', 'tar', 'plain', 'files', 'opaque'] as const;
export type Format = (typeof formats)[number];

export const BackupConfig = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .max(4_000)
      .meta({
        description: 'Path from the folder of the document; * stands for any signs of one name. The newest one is looked at.',
        examples: ['/var/backups/shop/*.dump'],
      }),
    format: z
      .enum(formats)
      .default('auto')
      .describe(
        'Of pg_dump: `custom`, `directory`, `tar`, `plain`. `files`: a tar archive of files. `opaque`: nobody looks inside. All but the directory may be packed with gzip or zstd.',
      ),
    maxAge: duration({ minMs: 1_000, example: '24h' }).optional().describe('Longest since it was written.'),
    minSize: size({ minBytes: 1 }).prefault('1B').describe('The least that it may have.'),
    retention: z
      .strictObject({
        for: duration({ minMs: 60_000, example: '30d' }).describe('How far back backups have to be there.'),
        every: duration({ minMs: 60_000, example: '1d' }).prefault('1d').describe('Longest from one to the next.'),
      })
      .refine(({ for: all, every }) => every <= all && all / every <= 10_000, {
        error: 'expected every to be no longer than for, and no more than 10,000 backups',
        path: ['every'],
      })
      .optional()
      .describe('Older backups that have to be there, too.'),
    contains: z.array(z.string().min(1).max(1_000)).max(100).default([]).describe('For `files`: paths that have to be in it.'),
    restore: restore.optional().describe('The backup is really restored, and its rows are counted.'),
  })
  .superRefine(({ format, contains, restore }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (contains.length > 0 && format !== 'files' && format !== 'auto') refuse('expected format: files beside it', 'contains');
    if (restore && (format === 'files' || format === 'opaque')) refuse('expected a dump of PostgreSQL beside it', 'restore');
  })
  .describe('A backup is fresh, large enough, and can be restored.');
export type BackupConfig = z.output<typeof BackupConfig>;
