import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../../errors.ts';
import { postgresVariables } from '../../spec/postgres.ts';
import { postgresError } from '../../system/postgres-error.ts';
import { runProgram } from '../../system/run-program.ts';
import type { PostgresTarget } from '../postgres-target.ts';

/** How a program ended: well, or with the line that says why not. */
export type Ended = { readonly ok: true } | { readonly ok: false; readonly why: string };

const lineMax = 300;

/**
 * Runs a program to its end.
 *
 * @throws UserError `E_CHECK_PROGRAM` when it is not there.
 */
export async function ended(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  input: Readable | undefined,
  signal: AbortSignal,
  telling: (output: string) => string | null = () => null,
): Promise<Ended> {
  const end = await runProgram(words, { env, input }, signal);
  switch (end.kind) {
    case 'not-run':
      throw new UserError('E_CHECK_PROGRAM', `${words[0]} cannot be run: ${end.why}`, {
        where: words[0] ?? '',
        fix: `install ${words[0]} where the controller runs, or name its folder (programs)`,
        cause: end.cause,
      });
    case 'called-off':
      signal.throwIfAborted();
      throw new Error('a program was called off by nobody');
    case 'ended': {
      if (end.code === 0) return { ok: true };
      const last = end.output.trimEnd().split('\n').at(-1) ?? '';
      const line = (telling(end.output) ?? last).replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, lineMax);
      return { ok: false, why: line || (end.code === null ? `ended by ${end.by}` : `exit code ${end.code}`) };
    }
  }
}

/** A program of PostgreSQL, told where to go by its environment: the password stands in no argument. */
export async function postgresEnded(
  target: Pick<PostgresTarget, 'programs'> & Partial<PostgresTarget>,
  [program = '', ...words]: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  input?: Readable,
): Promise<Ended> {
  const { programs, host, port, database, user } = target;
  const connection =
    host === undefined || port === undefined || database === undefined || user === undefined
      ? {}
      : {
          ...postgresVariables({ host, port, database, user, sslmode: target.sslmode ?? null }, target.password ?? null),
          PGCONNECT_TIMEOUT: '10',
          ...(target.ca ? { PGSSLROOTCERT: target.ca } : {}),
        };
  const path = programs === null ? program : join(programs, program);
  return ended([path, ...words], { ...environment, ...connection }, input, signal, postgresError);
}
