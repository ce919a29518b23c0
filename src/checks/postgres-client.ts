import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientConfig, QueryConfig } from 'pg';
import { messageOf, systemCode, UserError } from '../errors.ts';
import type { PostgresPlace } from '../spec/postgres.ts';
import type { Answer } from './answers.ts';
import type { CheckContext } from './check.ts';
import { pemText } from './pem-text.ts';
import { type PostgresTarget, postgresTarget, targetText } from './postgres-target.ts';
import { said, unreachable } from './unreachable.ts';

/** How long a server may take to let go. */
const goodbyeMs = 500;
/** Longest that one statement may take by itself: the time of its check comes first. */
const statementMs = 3_600_000;

/** A database that answers. */
export type Database = {
  /** Rows of one query, in a transaction that can change nothing. Whoever asks limits their number. */
  rows<Row extends Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs one statement by itself, such as `CREATE DATABASE`. */
  run(sql: string): Promise<void>;
};

/** Longest for a connection, and for a query over it; a number for both. */
export type Patience = number | { readonly connectMs: number; readonly queryMs: number };

/**
 * Connects, asks and closes the connection, whatever happens.
 *
 * @returns What `ask` answers, or why the server cannot be reached (`fail`).
 * @throws UserError `E_CHECK_SECRET`, `E_CHECK_CONNECTION`, `E_CHECK_SIGN_IN` (a refused password, a database that is not there),
 * `E_CHECK_REFUSED` (whatever else the server says); and whatever `ask` throws.
 */
export async function withPostgres<Told>(
  target: PostgresTarget,
  patience: Patience,
  signal: AbortSignal,
  ask: (database: Database) => Promise<Told>,
): Promise<Told | { readonly unreachable: Answer }> {
  const { connectMs, queryMs } = typeof patience === 'number' ? { connectMs: patience, queryMs: patience } : patience;
  signal.throwIfAborted();
  let client: Client;
  try {
    client = await connected(target, { connectMs, queryMs }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    if (isSignInRefused(error)) throw signInRefused(target, error);
    const isLate = /timeout expired|connection timeout/i.test(messageOf(error));
    return { unreachable: unreachable(targetText(target), error, isLate ? connectMs : null) };
  }
  const stop = (): void => void stream(client).destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await ask({
      rows: (sql, values = []) => rows(client, queryMs, sql, values),
      run: async (sql) => void (await client.query({ text: sql, query_timeout: statementMs } as QueryConfig)),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw sqlState(error) !== undefined || isLost(error) ? refusedBy(target, error) : error;
  } finally {
    signal.removeEventListener('abort', stop);
    // Not `end` alone, which waits for a server that may have gone silent.
    await Promise.race([client.end(), delay(goodbyeMs, undefined, { ref: false })]).catch(() => {});
    stop();
  }
}

/** The same for a place of a checklist. */
export async function askPostgres<Told>(
  place: PostgresPlace,
  context: CheckContext,
  withinMs: number,
  ask: (database: Database, target: PostgresTarget) => Promise<Told>,
): Promise<{ readonly target: PostgresTarget; readonly answer: Told | { readonly unreachable: Answer } }> {
  const target = postgresTarget(place, context);
  return { target, answer: await withPostgres(target, withinMs, context.signal, (database) => ask(database, target)) };
}

/** A query of a user's, of which the first column is read, as text and cut: `SELECT answer FROM …`. For `rows`. */
export function firstColumn(sql: string, charsMax: number, rowsMax: number): string {
  // After it a line of its own, because it may end with a comment.
  const inner = sql.trim().replace(/;$/, '');
  return `SELECT left(answer_::text, ${charsMax}) AS answer FROM (${inner}\n) AS asked_(answer_) LIMIT ${rowsMax}`;
}

/** The SQLSTATE of a refusal by the server; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = systemCode(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && error instanceof Error && 'severity' in error ? code : undefined;
}

/** What a question that the server refuses, or does not answer in time, comes to: nothing is known. */
export function unanswered(error: unknown, role: string, expected: Answer['expected']): Answer {
  const state = sqlState(error);
  // Not a refusal: the connection is gone, or we are wrong.
  if (state === undefined && !isLost(error)) throw error;
  if (state === '42501')
    return {
      status: 'unproven',
      found: {
        en: `the role ${role} may not see it: ${said(error)}`,
        ru: `роль ${role} не может это видеть: ${said(error)}`,
      },
      expected,
      fix: {
        en: `GRANT pg_monitor TO ${role}, or the right that is named`,
        ru: `GRANT pg_monitor TO ${role} или названное право`,
      },
    };
  const isLate = state === '57014' || state === undefined;
  return {
    status: 'unproven',
    found: isLate
      ? { en: 'the question was not answered in time', ru: 'на вопрос не ответили вовремя' }
      : { en: `the question was refused: ${said(error)}`, ru: `вопрос отклонён: ${said(error)}` },
    expected,
    fix: isLate
      ? {
          en: 'see what the server is busy with, or give it longer (within)',
          ru: 'посмотрите, чем занят сервер, или дайте больше времени (within)',
        }
      : { en: 'correct what the message names', ru: 'исправьте то, что названо в сообщении' },
  };
}

async function connected(
  target: PostgresTarget,
  { connectMs, queryMs }: Exclude<Patience, number>,
  signal: AbortSignal,
): Promise<Client> {
  const { default: pg } = await import('pg');
  const { host, port, database, user, password, sslmode } = target;
  const base: ClientConfig = {
    host,
    port,
    database,
    user,
    ...(password === null ? {} : { password }),
    application_name: 'rampart check',
    connectionTimeoutMillis: connectMs,
    // One that does not even refuse in time: its own limit comes first.
    query_timeout: queryMs + 1_000,
  };
  const attempt = async (ssl: ClientConfig['ssl']): Promise<Client> => {
    const client = new pg.Client({ ...base, ssl });
    // Without a listener a connection that breaks would end the process; whoever asks is told by its question.
    client.on('error', () => {});
    const stop = (): void => void stream(client).destroy(new Error('called off'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      await client.connect();
      return client;
    } catch (error) {
      stop();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
  const isLocal = host.startsWith('/');
  switch (isLocal ? 'disable' : (sslmode ?? 'prefer')) {
    case 'disable':
      return await attempt(false);
    case 'allow':
    case 'prefer':
      try {
        return await attempt({ rejectUnauthorized: false });
      } catch (error) {
        if (!/does not support SSL/.test(messageOf(error))) throw error;
        return await attempt(false);
      }
    default:
      return await attempt(tlsOptions(target));
  }
}

/** As libpq has it: `require` believes anybody unless an authority is named, and `verify-ca` does not look at the name. */
function tlsOptions({ sslmode, ca }: PostgresTarget): ClientConfig['ssl'] {
  if (sslmode === 'require' && ca === null) return { rejectUnauthorized: false };
  if (!['require', 'verify-ca', 'verify-full', 'true'].includes(sslmode ?? ''))
    throw new UserError('E_CHECK_CONNECTION', `unknown sslmode ${sslmode}`, {
      where: 'sslmode',
      fix: 'use disable, allow, prefer, require, verify-ca or verify-full',
    });
  const name = sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined };
  return { ...name, ...(ca === null ? {} : { ca: pemText(ca) }) };
}

/** SQLSTATE classes 28 and 3D: the password or the right to connect, and a database that is not there. */
function isSignInRefused(error: unknown): boolean {
  return /^(28|3D)/.test(sqlState(error) ?? '') || /SASL|password/i.test(messageOf(error));
}

/** The connection is gone, or a server that has gone silent was given up. */
function isLost(error: unknown): boolean {
  return (
    /query read timeout|connection terminated|closed|destroyed|not queryable/i.test(messageOf(error)) ||
    systemCode(error) === 'ECONNRESET'
  );
}

/** Of what nobody has expected it still says who has said it. */
function refusedBy(target: PostgresTarget, error: unknown): UserError {
  return new UserError('E_CHECK_REFUSED', `the server says: ${said(error)}`, {
    where: targetText(target),
    fix: 'see the log of the server, and check again',
    cause: error,
  });
}

function signInRefused(target: PostgresTarget, error: unknown): UserError {
  return new UserError('E_CHECK_SIGN_IN', `${target.user} cannot sign in: ${said(error)}`, {
    where: targetText(target),
    fix: 'correct user, password and name of the database, and let this machine in (pg_hba.conf)',
    cause: error,
  });
}

async function rows<Row>(client: Client, withinMs: number, sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
  await client.query('BEGIN READ ONLY');
  try {
    // Within the transaction: a pool between here and there would hand on anything else to whoever comes next.
    await client.query(`SET LOCAL statement_timeout = ${withinMs}`);
    // The extended protocol takes one statement and no more.
    const { rows } = await client.query({ text: sql, values: [...values], queryMode: 'extended' } as QueryConfig);
    return rows as readonly Row[];
  } catch (error) {
    // A server that has gone silent says nothing to the next question either.
    if (sqlState(error) === undefined) stream(client).destroy();
    throw error;
  } finally {
    await client.query('ROLLBACK').catch(() => {});
  }
}

/** The socket, which its types do not show. */
function stream(client: Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
