import { z } from 'zod';
import { postgresPlace } from '../../spec/postgres.ts';
import { duration } from '../../spec/units.ts';

/** Tools whose table and files are known, and `query`: a query and names of files of one's own. */
export const tools = ['alembic', 'flyway', 'knex', 'prisma', 'golang-migrate', 'rails', 'query'] as const;
export type Tool = (typeof tools)[number];

export const MigrationsConfig = z
  .strictObject({
    connection: postgresPlace.describe('The database: its parts, or { url: { env: DATABASE_URL } }.'),
    tool: z.enum(tools).describe('What migrates it.'),
    folder: z
      .string()
      .min(1)
      .max(4_000)
      .meta({ description: 'Folder of its files, from the folder of the document.', examples: ['alembic/versions'] }),
    table: z
      .string()
      .regex(/^[^\0".]{1,63}(\.[^\0".]{1,63})?$/, 'expected TABLE or SCHEMA.TABLE')
      .optional()
      .describe('Table of the applied migrations; default: that of the tool.'),
    sql: z
      .string()
      .min(1)
      .max(20_000)
      .optional()
      .describe('For `query`: its first column has the name of each applied migration. Nothing is changed.'),
    files: z
      .string()
      .max(200)
      .superRefine((text, context) => {
        try {
          if (new RegExp(`${text}|`).exec('')?.length === 2) return;
        } catch {
          // Said below.
        }
        context.addIssue({ code: 'custom', message: 'expected a regular expression with one group, such as ^(\\d+)_.*\\.sql$' });
      })
      .optional()
      .describe('For `query`: a regular expression over names of files, whose one group is the name of the migration.'),
    unknown: z
      .enum(['fail', 'warn', 'ignore'])
      .default('fail')
      .describe('What it means that the database has migrations of which there is no file.'),
    reverse: z
      .enum(['fail', 'warn', 'ignore'])
      .default('ignore')
      .describe('What it means that a migration has no way back (a down file, a `downgrade`).'),
    within: duration({ minMs: 1, maxMs: 60_000 })
      .prefault('5s')
      .describe('Longest that a connection, and each question, may take.'),
  })
  .superRefine(({ tool, sql, files, table }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (tool === 'query') {
      if (sql === undefined) refuse('expected sql beside tool: query', 'tool');
      if (files === undefined) refuse('expected files beside tool: query', 'tool');
      if (table !== undefined) refuse('expected no table beside tool: query, whose sql names it', 'table');
      return;
    }
    if (sql !== undefined) refuse('expected sql beside tool: query alone', 'sql');
    if (files !== undefined) refuse('expected files beside tool: query alone', 'files');
  })
  .describe('The schema of a database is at its newest migration.');
export type MigrationsConfig = z.output<typeof MigrationsConfig>;
