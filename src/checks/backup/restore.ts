import { pipeline } from 'node:stream';
import { messageOf, UserError } from '../../errors.ts';
import type { Answer } from '../answers.ts';
import type { CheckContext } from '../check.ts';
import { said } from '../unreachable.ts';
import { type Content, isPlainEnd, isTarEnd, type Reading, reading } from './content.ts';
import type { Found } from './find.ts';
import { plainDump } from './plain-dump.ts';
import { type Ended, ended, postgresEnded } from './programs.ts';
import type { Scratch } from './scratch-database.ts';

type Place = Pick<CheckContext, 'environment' | 'signal'>;

/** What a backup of another role and server must not bring, and what stops at the first thing that is wrong. */
const restoring = [
  '--exit-on-error',
  '--no-password',
  '--no-owner',
  '--no-privileges',
  '--no-comments',
  '--no-publications',
  '--no-subscriptions',
  '--no-security-labels',
  '--no-tablespaces',
];

/** Puts a dump into an empty database. */
export async function restored(
  backup: Found,
  { format, packing }: Content,
  jobs: number,
  scratch: Scratch,
  { environment }: Place,
): Promise<Ended> {
  const { target, signal } = scratch;
  if (format === 'plain') {
    const read = reading(backup.path, packing);
    const script = plainDump(backup.path);
    pipeline(read.stream, script, () => {});
    let refusal: unknown = null;
    script.once('error', (error) => {
      refusal = error;
    });
    const settings = ['--no-psqlrc', '--no-password', '--quiet', '--set=ON_ERROR_STOP=1', '--set=VERBOSITY=verbose'];
    const words = ['psql', ...settings, '--output=/dev/null', `--dbname=${target.database}`, '--file=-'];
    const end = await postgresEnded(target, words, environment, signal, script);
    if (refusal instanceof UserError) throw refusal;
    return wholeOr(end, read, isPlainEnd);
  }
  if (format === 'tar' && !(await hasTarEnd(backup.path, packing))) return endMissing;
  const words = ['pg_restore', ...restoring, `--dbname=${target.database}`];
  // A part of a stream cannot be skipped, so several at a time need the file itself.
  if (packing === null) {
    const several = jobs > 1 && format !== 'tar' ? [`--jobs=${jobs}`] : [];
    return await postgresEnded(target, [...words, ...several, backup.path], environment, signal);
  }
  const read = reading(backup.path, packing);
  return wholeOr(await postgresEnded(target, words, environment, signal, read.stream), read, () => true);
}

/** Reads a backup to its end, without restoring it. */
export async function readWhole(
  backup: Found,
  { format, packing }: Content,
  contains: readonly string[],
  programs: string | null,
  { environment, signal }: Place,
): Promise<Ended> {
  const script = ['pg_restore', '--file=/dev/null'];
  switch (format) {
    case 'opaque':
      return { ok: true };
    case 'custom':
    case 'tar':
    case 'directory': {
      if (format === 'tar' && !(await hasTarEnd(backup.path, packing))) return endMissing;
      if (packing === null) return await postgresEnded({ programs }, [...script, backup.path], environment, signal);
      const read = reading(backup.path, packing);
      return wholeOr(await postgresEnded({ programs }, script, environment, signal, read.stream), read, () => true);
    }
    case 'plain': {
      const read = reading(backup.path, packing);
      try {
        for await (const _ of read.stream) signal.throwIfAborted();
      } catch {
        signal.throwIfAborted();
      }
      return wholeOr({ ok: true }, read, isPlainEnd);
    }
    case 'files': {
      const read = reading(backup.path, packing);
      // What is not in it `tar` names, and ends with 2; without names it lists all.
      const words = ['tar', '--list', '--file=-', ...(contains.length > 0 ? ['--', ...contains] : [])];
      const end = await ended(words, { ...environment, LC_ALL: 'C' }, read.stream, signal, tarError);
      return wholeOr(end, read, isTarEnd);
    }
  }
}

/** What was cut off is said before what a program makes of it. */
function wholeOr(end: Ended, read: Reading, isEnd: (tail: Buffer) => boolean): Ended {
  const problem = read.problem();
  if (problem !== null && !isBroken(problem)) return { ok: false, why: said(problem) };
  if (!end.ok || isEnd(read.tail())) return end;
  return endMissing;
}

const endMissing = { ok: false, why: 'its end is missing' } as const;

/** `pg_restore` takes a cut-off file of a tar dump for a whole one, and restores the rows that are there. */
async function hasTarEnd(path: string, packing: Content['packing']): Promise<boolean> {
  const read = reading(path, packing);
  try {
    for await (const _ of read.stream);
  } catch {
    return false;
  }
  return isTarEnd(read.tail());
}

/** A program that has seen enough closes its end. */
function isBroken(problem: unknown): boolean {
  return /EPIPE|premature close|aborted/i.test(messageOf(problem));
}

function tarError(output: string): string | null {
  return output.split('\n').find((line) => /Not found in archive|Unexpected EOF|does not look like/.test(line)) ?? null;
}

/** What a restore that did not end well comes to. */
export function restoreAnswer(end: Ended, expected: Answer['expected']): Answer {
  if (end.ok)
    return { status: 'pass', found: { en: 'it can be read to its end', ru: 'она читается до конца' }, expected, fix: null };
  const why = said(new Error(end.why));
  const lacking = lackingFix(why);
  if (lacking)
    return {
      status: 'unproven',
      found: { en: `whether it can be restored cannot be told: ${why}`, ru: `нельзя узнать, восстанавливается ли она: ${why}` },
      expected,
      fix: lacking,
    };
  return {
    status: 'fail',
    found: { en: `it cannot be restored: ${why}`, ru: `её нельзя восстановить: ${why}` },
    expected,
    fix: {
      en: 'make a new backup, and see whether it is cut off or damaged where it is kept',
      ru: 'сделайте новую копию и проверьте, не обрезается ли и не портится ли она при хранении',
    },
  };
}

/** What the scratch server or this machine lacks says nothing about the backup. */
function lackingFix(why: string): NonNullable<Answer['fix']> | null {
  if (/No space left on device|could not extend file/.test(why))
    return { en: 'give the scratch server more room on its disk', ru: 'освободите место на диске сервера для проверки' };
  if (/unsupported version \(/.test(why))
    return {
      en: 'use pg_restore of the version that made it, or newer (programs)',
      ru: 'используйте pg_restore той же версии, что сделала копию, или новее (programs)',
    };
  if (/extension .* is not available|extension control file|permission denied to create extension/.test(why))
    return {
      en: 'install that extension on the scratch server, and let its role create it',
      ru: 'установите это расширение на сервер для проверки и разрешите роли его создавать',
    };
  if (/connection to server .* failed|server closed the connection|terminating connection|password authentication/.test(why))
    return {
      en: 'see why the scratch server has let go, and check again',
      ru: 'выясните, почему сервер для проверки прервал соединение, и повторите',
    };
  return null;
}
