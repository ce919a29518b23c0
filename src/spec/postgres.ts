import { z } from 'zod';
import { choice } from './choice.ts';
import { isMapping } from './mapping.ts';
import { type NamedSecret, namedSecret } from './secret.ts';
import type { PostgresConnection } from './types.ts';

/** One line of text that people read, or that a program is given. */
export const line = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });

const programs = line
  .max(4_000)
  .optional()
  .meta({
    description: 'Folder of `pg_dump`, `pg_restore` and `psql`; default: found by PATH.',
    examples: ['/usr/lib/postgresql/15/bin'],
  });

const parts = z.strictObject({
  host: line.max(253).default('127.0.0.1').describe('Host, or the folder of its socket.'),
  port: z.int().min(1).max(65_535).default(5_432).describe('Port.'),
  database: line.meta({ description: 'Name of the database.', examples: ['shop'] }),
  user: line.meta({ description: 'Who signs in to it.', examples: ['shop_owner'] }),
  password: namedSecret
    .optional()
    .describe('Where its password is: { env: NAME } or { file: PATH }. Default: the programs find it as they always do.'),
  sslmode: z
    .enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
    .optional()
    .describe("How the connection is encrypted; default: PostgreSQL's own."),
  programs,
});

const connectionOf = ({
  host,
  port,
  database,
  user,
  password,
  sslmode,
  programs,
}: z.output<typeof parts>): PostgresConnection => ({
  host,
  port,
  database,
  user,
  password: password ?? null,
  sslmode: sslmode ?? null,
  programs: programs ?? null,
});

/** A database as a release backs it up. */
export const postgres = parts.transform(connectionOf);

/** A database that is asked: by its parts, or by an address that is a secret as a whole. */
export type PostgresPlace = {
  readonly at: PostgresConnection | { readonly url: NamedSecret; readonly programs: string | null };
  /** PEM file with the authorities that are trusted, in place of the usual ones. */
  readonly ca: string | null;
};

const ca = line
  .max(4_000)
  .optional()
  .describe('PEM file with the authorities (CA) that are trusted, in place of the usual ones; from the folder of the document.');

const place = parts.extend({ ca }).transform(({ ca, ...rest }): PostgresPlace => ({ at: connectionOf(rest), ca: ca ?? null }));

const secretUrl = z
  .strictObject({
    url: namedSecret.meta({
      description: 'Where its address is: { env: DATABASE_URL } or { file: PATH }.',
      examples: [{ env: 'DATABASE_URL' }],
    }),
    ca,
    programs,
  })
  .transform(({ url, ca, programs }): PostgresPlace => ({ at: { url, programs: programs ?? null }, ca: ca ?? null }));

/** `{ host, database, user, password: { env: … } }`, or `{ url: { env: DATABASE_URL } }`. */
export const postgresPlace = choice([place, secretUrl], (value) => (isMapping(value) && 'url' in value ? secretUrl : place));

/** A connection in the words of PostgreSQL's programs, and nothing beside it that these would rather believe. */
export function postgresVariables(
  { host, port, database, user, sslmode }: Omit<PostgresConnection, 'password' | 'programs'>,
  password: string | null,
): Readonly<Record<string, string | undefined>> {
  return {
    PGHOST: host,
    PGHOSTADDR: undefined,
    PGSERVICE: undefined,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    ...(password === null ? {} : { PGPASSWORD: password }),
    ...(sslmode === null ? {} : { PGSSLMODE: sslmode }),
  };
}
