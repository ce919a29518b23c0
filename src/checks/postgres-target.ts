import { isAbsolute, join } from 'node:path';
import { UserError } from '../errors.ts';
import { hostPort } from '../spec/host-port.ts';
import type { PostgresPlace } from '../spec/postgres.ts';
import type { CheckContext } from './check.ts';

/** Where a database is and who signs in, with its password. In no message. */
export type PostgresTarget = {
  /** Name, address, or folder of its socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** null: it needs none, or is found as PostgreSQL's programs find it. */
  readonly password: string | null;
  readonly sslmode: string | null;
  /** Path of a PEM file. */
  readonly ca: string | null;
  /** Folder of `pg_restore` and `psql`; null: wherever PATH says. */
  readonly programs: string | null;
};

/**
 * What a checklist says of a database, with its secrets.
 *
 * @throws UserError `E_CHECK_SECRET`, or `E_CHECK_CONNECTION` where the secret is no address of a database.
 */
export function postgresTarget(
  { at, ca: caFile }: PostgresPlace,
  { secret, folder, environment }: Pick<CheckContext, 'secret' | 'folder' | 'environment'>,
): PostgresTarget {
  const ca = caFile === null || isAbsolute(caFile) ? caFile : join(folder, caFile);
  if (!('url' in at))
    return { ...at, ca, password: at.password === null ? (environment.PGPASSWORD ?? null) : secret(at.password) };
  const holder = 'env' in at.url ? at.url.env : at.url.file;
  const read = targetOf(secret(at.url), holder);
  return { ...read, ca: ca ?? read.ca, programs: at.programs };
}

/** `db.internal:5432/shop`: without user and password. */
export function targetText({ host, port, database }: Pick<PostgresTarget, 'host' | 'port' | 'database'>): string {
  return host.startsWith('/') ? `${host}/${database}` : `${hostPort({ host, port })}/${database}`;
}

/** Drivers stand in the scheme with SQLAlchemy (`postgresql+asyncpg`), and asyncpg has a word of its own for sslmode. */
function targetOf(text: string, holder: string): Omit<PostgresTarget, 'programs'> {
  const refuse = (what: string): never => {
    throw new UserError('E_CHECK_CONNECTION', `the value of ${holder} is no address of a PostgreSQL database: ${what}`, {
      where: holder,
      fix: 'give it the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with signs such as @ or / in a password written as %40 or %2F',
    });
  };
  // With a user and without a host it is an address to PostgreSQL alone, which then looks for a socket.
  const whole = text.trim().replace(/^([a-z0-9+_]+:\/\/[^/?#]*@)(?=[/?]|$)/i, '$1127.0.0.1');
  // The parser's own message would have the value.
  const url = URL.parse(whole) ?? refuse('it cannot be read');
  if (!/^postgres(ql)?(\+[a-z0-9_]+)?:$/.test(url.protocol)) refuse('it does not begin with postgresql://');
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      return refuse('it has a % that begins no sign');
    }
  };
  const asked = url.searchParams;
  const host = asked.get('host') ?? decoded(url.hostname).replace(/^\[|\]$/g, '');
  const user = decoded(url.username) || (asked.get('user') ?? '');
  if (user === '') refuse('it has no user');
  const password = decoded(url.password) || asked.get('password');
  return {
    host: host === '' ? '127.0.0.1' : host,
    port: Number(url.port || asked.get('port') || 5_432),
    database: decoded(url.pathname.slice(1)) || user,
    user,
    password: password || null,
    sslmode: asked.get('sslmode') ?? asked.get('ssl'),
    ca: asked.get('sslrootcert'),
  };
}
