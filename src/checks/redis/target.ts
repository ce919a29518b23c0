import { isAbsolute, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import type { CheckContext } from '../check.ts';
import type { RedisConfig } from './schema.ts';

/** Where a server is, and who signs in. In no message. */
export type RedisTarget = {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly user: string | null;
  readonly password: string | null;
  readonly tls: { readonly ca: string | null; readonly serverName: string | null; readonly insecure: boolean } | null;
};

/**
 * What a checklist says of a server, with its secrets.
 *
 * @throws UserError `E_CHECK_SECRET`, or `E_CHECK_CONNECTION` where the secret is no address of a server.
 */
export function redisTarget(
  connection: RedisConfig['connection'],
  { secret, folder }: Pick<CheckContext, 'secret' | 'folder'>,
): RedisTarget {
  const { tls } = connection;
  const ca = tls?.ca;
  const given = {
    ca: ca === undefined ? null : isAbsolute(ca) ? ca : join(folder, ca),
    serverName: tls?.serverName ?? null,
    insecure: tls?.insecure === true,
  };
  if (!('url' in connection)) {
    const { host, port, db, user, password } = connection;
    return { host, port, db, user: user ?? null, password: password ? secret(password) : null, tls: tls ? given : null };
  }
  const { url } = connection;
  const read = targetOf(secret(url), 'env' in url ? url.env : url.file);
  return { ...read.target, tls: read.isEncrypted || tls ? given : null };
}

/** `cache.internal:6379`: without user and password. */
export function redisText(target: RedisTarget): string {
  return hostPort(target);
}

function targetOf(text: string, holder: string): { readonly target: Omit<RedisTarget, 'tls'>; readonly isEncrypted: boolean } {
  const refuse = (what: string): never => {
    throw new UserError('E_CHECK_CONNECTION', `the value of ${holder} is no address of a Redis server: ${what}`, {
      where: holder,
      fix: 'give it the form redis://USER:PASSWORD@HOST:PORT/0 (rediss:// is encrypted), with signs such as @ or / in a password written as %40 or %2F',
    });
  };
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      return refuse('it has a % that begins no sign');
    }
  };
  // The parser's own message would have the value.
  const url = URL.parse(text.trim()) ?? refuse('it cannot be read');
  if (!/^(redis|valkey)s?:$/.test(url.protocol)) refuse('it does not begin with redis:// or rediss://');
  if (url.hostname === '') refuse('it has no host');
  const db = url.pathname.replace(/^\//, '') || (url.searchParams.get('db') ?? '0');
  if (!/^\d{1,6}$/.test(db)) refuse('the number of its database is none');
  return {
    target: {
      host: decoded(url.hostname).replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6_379),
      db: Number(db),
      user: decoded(url.username) || null,
      password: decoded(url.password) || null,
    },
    isEncrypted: /^(rediss|valkeys):$/.test(url.protocol),
  };
}
