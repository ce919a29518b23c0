import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import type { Answer } from '../answers.ts';
import { type Database, sqlState, withPostgres } from '../postgres-client.ts';
import { type PostgresTarget, targetText } from '../postgres-target.ts';

const patience = { connectMs: 10_000, queryMs: 60_000 };
/** For the end, also when nobody waits for it any more. */
const dropMs = 4_000;
const lookMs = 300;

/** A database that lives as long as its check. */
export type Scratch = {
  readonly target: PostgresTarget;
  /** Aborts when it has become larger than it may, or when nobody wants it any more. */
  readonly signal: AbortSignal;
  /** Whether it has become larger than it may. */
  isTooLarge(): boolean;
};

/**
 * Makes an empty database, hands it on and drops it, whatever happens. What an earlier run has left, because it was killed, goes first:
 * such databases are known by their name, and by a lock that whoever uses one holds over its connection.
 *
 * @throws UserError `E_CHECK_SIGN_IN`, `E_CHECK_REFUSED` (no right to create databases).
 */
export async function withScratch<Told>(
  server: PostgresTarget,
  bytesMax: number,
  signal: AbortSignal,
  use: (scratch: Scratch) => Promise<Told>,
): Promise<Told | { readonly unreachable: Answer }> {
  return await withPostgres(server, patience, signal, async (database) => {
    await dropLeftovers(database);
    const name = `${await prefix(database)}${randomBytes(6).toString('hex')}`;
    await database.rows('SELECT pg_advisory_lock(hashtext($1)::bigint)', [name]);
    const ended = new AbortController();
    try {
      await create(database, server, name);
      const tooLarge = new AbortController();
      const watching = watchSize(database, name, bytesMax, tooLarge, ended.signal);
      try {
        return await use({
          target: { ...server, database: name },
          signal: AbortSignal.any([signal, tooLarge.signal]),
          isTooLarge: () => tooLarge.signal.aborted,
        });
      } finally {
        ended.abort();
        await watching;
      }
    } finally {
      // Over a connection of its own: this one ends with the signal.
      const last = AbortSignal.timeout(dropMs);
      // Where it fails, the next run finds it.
      await withPostgres(server, { connectMs: dropMs, queryMs: dropMs }, last, (own) => drop(own, name)).catch(() => {});
    }
  });
}

/** Names of databases that belong to the one over which they are made: locks are known within one database alone. */
async function prefix(database: Database): Promise<string> {
  const [row] = await database.rows<{ oid: string }>('SELECT oid::text FROM pg_database WHERE datname = current_database()');
  return `rampart_check_${row?.oid}_`;
}

async function dropLeftovers(database: Database): Promise<void> {
  const begins = await prefix(database);
  const left = await database.rows<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) AND pg_has_role(datdba, $2) LIMIT 100',
    [begins, 'USAGE'],
  );
  for (const { name } of left) {
    const [lock] = await database.rows<{ free: boolean }>('SELECT pg_try_advisory_lock(hashtext($1)::bigint) AS free', [name]);
    if (!lock?.free) continue;
    await drop(database, name);
    await database.rows('SELECT pg_advisory_unlock(hashtext($1)::bigint)', [name]);
  }
}

async function create(database: Database, server: PostgresTarget, name: string): Promise<void> {
  try {
    // A dump says in which encoding it is, and the scratch server may know no locale of the other.
    await database.run(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new UserError('E_CHECK_REFUSED', `${server.user} may not create databases`, {
      where: targetText(server),
      fix: `ALTER ROLE ${server.user} CREATEDB, or name another role`,
      cause: error,
    });
  }
}

/** Whoever is still connected to it, such as a program that outlives its controller, is let go. */
async function drop(database: Database, name: string): Promise<void> {
  try {
    await database.run(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  } catch (error) {
    // Before PostgreSQL 13 there is no FORCE.
    if (sqlState(error) !== '42601') throw error;
    await database.rows('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await database.run(`DROP DATABASE IF EXISTS "${name}"`);
  }
}

async function watchSize(
  database: Database,
  name: string,
  bytesMax: number,
  tooLarge: AbortController,
  ended: AbortSignal,
): Promise<void> {
  try {
    while (!ended.aborted) {
      const [row] = await database.rows<{ bytes: string }>('SELECT pg_database_size($1)::text AS bytes', [name]);
      if (Number(row?.bytes ?? 0) > bytesMax) return tooLarge.abort();
      await delay(lookMs, undefined, { signal: ended, ref: false });
    }
  } catch {
    // It has ended, or the connection has: then whoever restores is told by its own.
  }
}
