import { z } from 'zod';
import { postgresPlace } from '../../spec/postgres.ts';
import { duration, percent } from '../../spec/units.ts';
import { upperLevels } from '../levels.ts';

const name = z.string().min(1).max(200);
/** As text, because 10 and 1.10 are the same numbers as 10.0 and 1.1. */
const version = z
  .union([z.int().min(1).max(10_000), z.string().regex(/^\d+(\.\d+){0,3}$/, 'expected a version such as "15" or "15.4"')])
  .transform(String);
const scalar = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]);

const query = z
  .strictObject({
    name: name.optional().describe('What people read; default: the beginning of the query.'),
    sql: z
      .string()
      .min(1)
      .max(20_000)
      .describe('One query, in a transaction that can change nothing. Its first row and column are the answer.'),
    equals: scalar.optional().describe('What the answer has to be.'),
    min: z.number().optional().describe('The least that it may be.'),
    max: z.number().optional().describe('The most that it may be.'),
    severity: z.enum(['warn', 'fail']).default('fail').describe('What another answer means.'),
  })
  .superRefine(({ equals, min, max }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (equals === undefined && min === undefined && max === undefined)
      refuse('expected equals, min or max: nothing says which answer is right');
    if (equals !== undefined && (min !== undefined || max !== undefined))
      refuse('expected no min or max beside equals', 'equals');
    if (min !== undefined && max !== undefined && min > max) refuse('expected min to be no more than max', 'min');
  });

export const PostgresConfig = z
  .strictObject({
    connection: postgresPlace.describe('The database: its parts, or { url: { env: DATABASE_URL } }.'),
    within: duration({ minMs: 1, maxMs: 60_000 })
      .prefault('5s')
      .describe('Longest that a connection, and each question, may take.'),
    version: version.optional().meta({ description: 'Version of the server at least.', examples: ['15'] }),
    extensions: z
      .array(
        z.union([
          name.transform((name) => ({ name, version: null })),
          z
            .strictObject({ name, version: version.optional().describe('Its version at least.') })
            .transform(({ name, version }) => ({ name, version: version ?? null })),
        ]),
      )
      .max(50)
      .default([])
      .meta({ description: 'Extensions that the database has; pgvector is called `vector`.', examples: [['vector']] }),
    connections: upperLevels(
      percent({ minPpm: 1 }),
      { warn: '70%', fail: '90%' },
      'Part of max_connections that is in use, at most.',
    ).optional(),
    slowQueries: upperLevels(
      duration({ minMs: 1, maxMs: 3_600_000 }),
      { warn: '200ms', fail: '1s' },
      'Mean time of the slowest queries in pg_stat_statements, at most.',
    ).optional(),
    slowQueriesCalls: z.int().min(1).default(20).describe('Queries that ran less often tell nothing.'),
    indexes: z
      .strictObject({
        rows: z.int().min(1).default(10_000).describe('Smaller tables are read as a whole in any case.'),
        scans: z.int().min(1).default(100).describe('Tables that were read less often tell nothing.'),
        sequential: percent({ example: '50%' }).prefault('50%').describe('Part of the reads that may go over the whole table.'),
        severity: z.enum(['warn', 'fail']).default('warn').describe('What a table without a fitting index means.'),
      })
      .optional()
      .describe('Large tables are read through indexes.'),
    archiving: z
      .strictObject({
        lag: duration({ minMs: 1_000, example: '1h' })
          .prefault('1h')
          .describe('Longest since the last segment was archived while there is something to archive.'),
      })
      .optional()
      .describe('WAL is archived, so the database can be put back to any moment (point-in-time recovery).'),
    replicas: z
      .strictObject({
        min: z.int().min(1).max(100).default(1).describe('How many replicas follow.'),
        lag: duration({ minMs: 1, example: '30s' }).prefault('30s').describe('Longest that any of them may be behind.'),
      })
      .optional()
      .describe('Streaming replicas follow.'),
    passwordValid: duration({ minMs: 1_000, example: '14d' })
      .optional()
      .describe('The password of the role is valid for so long at least (VALID UNTIL).'),
    queries: z.array(query).max(20).default([]).describe('Questions of your own.'),
  })
  .describe('A PostgreSQL database: version, extensions, connections, slow queries, indexes, archiving, replicas.');
export type PostgresConfig = z.output<typeof PostgresConfig>;
