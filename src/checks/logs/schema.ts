import { z } from 'zod';
import { oneKind } from '../../spec/choice.ts';
import { command } from '../../spec/hook.ts';
import { duration, percent } from '../../spec/units.ts';
import { program } from '../program.ts';

const retention = duration({ minMs: 3_600_000, maxMs: 3_660 * 86_400_000, example: '90d' })
  .optional()
  .describe('How long lines are kept, at least.');
const within = duration({ minMs: 1_000, maxMs: 7 * 86_400_000, example: '15m' })
  .prefault('15m')
  .describe('How far back a line counts as recent.');
const fieldNames = z.array(z.string().min(1).max(200)).min(1).max(20);

/** Logs arrive, are kept, and can be read by programs. */
export const LogsConfig = oneKind('logs', {
  loki: program('the address of Loki, such as http://loki:3100', {
    labels: z.array(z.string().min(1).max(200)).max(100).default([]).describe('Labels that Loki knows.'),
    query: z
      .string()
      .min(1)
      .max(5_000)
      .optional()
      .meta({ description: 'LogQL whose newest lines are recent.', examples: ['{app="shop"}'] }),
    min: z.int().min(1).max(1_000).default(1).describe('Recent lines, at least.'),
    within,
    retention,
  }).describe('Loki is ready and has the lines.'),
  elasticsearch: program('the address of Elasticsearch or OpenSearch, such as http://elasticsearch:9200', {
    index: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\s/?#"\\]+$/, 'expected an index, a data stream or a pattern, such as shop-logs-*')
      .optional()
      .describe('Index, data stream or pattern that has the lines.'),
    timeField: z.string().min(1).max(200).default('@timestamp').describe('Field with the time of a line.'),
    min: z.int().min(1).max(1_000_000).default(1).describe('Recent lines, at least.'),
    within,
    health: z.enum(['green', 'yellow']).default('yellow').describe('Health of the cluster, at worst.'),
    retention,
  })
    .superRefine(({ index, retention: kept }, context) => {
      if (kept !== undefined && index === undefined)
        context.addIssue({
          code: 'custom',
          message: 'expected index beside retention: policies belong to indices',
          path: ['index'],
        });
    })
    .describe('Elasticsearch or OpenSearch is healthy and has the lines.'),
  lines: z
    .strictObject({
      file: z.string().min(1).max(4_000).optional().describe('File with the lines; its end is read. Relative to the document.'),
      command: command.optional(),
      last: z.int().min(1).max(100_000).default(1_000).describe('How many lines of the end are looked at, at most.'),
      share: percent({ example: '99%' }).prefault('99%').describe('Part of the lines that has to be JSON with these fields.'),
      time: fieldNames.default(['time', 'timestamp', '@timestamp', 'ts']).describe('Fields of which one has the time.'),
      level: fieldNames.default(['level', 'severity', 'log.level', 'lvl']).describe('Fields of which one has the level.'),
      message: fieldNames.default(['msg', 'message']).describe('Fields of which one has the message.'),
    })
    .superRefine(({ file, command: words }, context) => {
      if ((file === undefined) === (words === undefined))
        context.addIssue({ code: 'custom', message: 'expected one of file and command, which has the lines' });
    })
    .describe('Lines are JSON with time, level and message, and have no secrets in them.'),
}).describe('Logs are collected, kept, and structured.');
export type LogsConfig = z.output<typeof LogsConfig>;
