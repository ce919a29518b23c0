import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { isMapping } from '../../spec/mapping.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration, percent } from '../../spec/units.ts';
import { lowerLevels, upperLevels } from '../levels.ts';

const text = z.string().min(1).max(253);
const tls = z
  .strictObject({
    ca: z
      .string()
      .min(1)
      .max(4_000)
      .optional()
      .describe('PEM file with the authorities (CA) that are trusted; from the folder of the document.'),
    serverName: text.optional().describe('Name in the certificate, where the address has another.'),
    insecure: z.literal(true).optional().describe('Whoever answers is believed: for trying out alone.'),
  })
  .describe('The connection is encrypted; `{}` is enough where the certificate is known everywhere.');

const place = z.strictObject({
  host: text.describe('Name or address of the machine.'),
  port: z.int().min(1).max(65_535).default(6_379).describe('Port.'),
  db: z.int().min(0).max(100_000).default(0).describe('Number of the database.'),
  user: text.optional().describe('Who signs in (ACL); default: the user `default`.'),
  password: namedSecret.optional().describe('Where its password is: { env: NAME } or { file: PATH }.'),
  tls: tls.optional(),
});
const secretUrl = z.strictObject({
  url: namedSecret.meta({
    description: 'Where its address is: { env: REDIS_URL } or { file: PATH }. `rediss://` is encrypted.',
    examples: [{ env: 'REDIS_URL' }],
  }),
  tls: tls.optional(),
});

export const RedisConfig = z
  .strictObject({
    connection: choice([place, secretUrl], (value) => (isMapping(value) && 'url' in value ? secretUrl : place)).describe(
      'The server: its parts, or { url: { env: REDIS_URL } }.',
    ),
    within: duration({ minMs: 1, maxMs: 60_000 })
      .prefault('3s')
      .describe('Longest that a connection, and each question, may take.'),
    version: z
      .union([z.int().min(1).max(1_000), z.string().regex(/^\d+(\.\d+){0,3}$/, 'expected a version such as "7" or "7.2"')])
      .transform(String)
      .optional()
      .meta({ description: 'Version of the server at least.', examples: ['7.0'] }),
    appendonly: z.boolean().optional().describe('Whether each change is written to the append-only file.'),
    appendfsync: z.enum(['always', 'everysec']).optional().describe('How often that file is forced onto the disk, at least.'),
    hitRate: z
      .strictObject({
        ...lowerLevels(percent(), { warn: '80%', fail: '70%' }),
        lookups: z.int().min(1).default(1_000).describe('With fewer lookups nothing is known.'),
      })
      .refine(({ warn, fail }) => warn >= fail, { error: 'expected warn to be no less than fail', path: ['warn'] })
      .optional()
      .describe('Part of the lookups that found something, at least.'),
    memory: upperLevels(
      percent({ minPpm: 1 }),
      { warn: '80%', fail: '95%' },
      'Part of maxmemory that is in use, at most.',
    ).optional(),
    clients: upperLevels(
      percent({ minPpm: 1 }),
      { warn: '70%', fail: '90%' },
      'Part of maxclients that is in use, at most.',
    ).optional(),
    eviction: z
      .array(
        z.enum([
          'noeviction',
          'allkeys-lru',
          'allkeys-lfu',
          'allkeys-random',
          'volatile-lru',
          'volatile-lfu',
          'volatile-random',
          'volatile-ttl',
        ]),
      )
      .min(1)
      .optional()
      .describe('What may happen when the memory is full (maxmemory-policy).'),
    replicas: z.int().min(1).max(100).optional().describe('How many replicas follow, at least.'),
  })
  .describe('A Redis server: it answers, keeps what it is told, finds what is looked up, and has room.');
export type RedisConfig = z.output<typeof RedisConfig>;
