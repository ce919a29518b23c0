import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../system/run-program.ts';
import type { CheckContext } from './check.ts';

/** When something was changed last, and who says so. `shallow`: git has no more than the newest commits, so it cannot tell. */
export type Change =
  | { readonly kind: 'at'; readonly ms: number; readonly by: 'git' | 'disk' }
  | { readonly kind: 'shallow' }
  /** It is in no repository, or git has never heard of it. */
  | { readonly kind: 'unknown' };

type Where = Pick<CheckContext, 'folder' | 'environment' | 'signal'>;

/** What git says (the last 16 KiB of it), or null when it has none to say: no git, no repository, no such commit. */
export async function gitSays(words: readonly string[], { folder, environment, signal }: Where): Promise<string | null> {
  const env = { ...environment, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  // A repository may name a program for this, which would then run.
  const end = await runProgram(['git', '-c', 'core.fsmonitor=false', ...words], { cwd: folder, env }, signal);
  signal.throwIfAborted();
  return end.kind === 'ended' && end.code === 0 ? end.output : null;
}

/** The newest commit that changed one of the paths. */
export async function newestCommit(paths: readonly string[], where: Where): Promise<Change> {
  const said = await gitSays(['log', '-1', '--format=%ct', '--', ...paths], where);
  return said === null || said.trim() === '' ? { kind: 'unknown' } : { kind: 'at', ms: Number(said) * 1_000, by: 'git' };
}

/**
 * The newest change of a file or folder. Git knows better than the disk, where a fresh clone has every file from today; what is not
 * committed yet is asked of the disk.
 */
export async function newestChange(path: string, where: Where): Promise<Change> {
  const changed = await gitSays(['status', '--porcelain', '--untracked-files=all', '--no-renames', '-z', '--', path], where);
  if (changed === null) return { kind: 'unknown' };
  const root = (await gitSays(['rev-parse', '--show-toplevel'], where))?.trimEnd() ?? where.folder;
  // The first one may have been cut off; there are thousands then.
  const files = changed.split('\0').filter((line) => /^[ MADRCUT?!]{2} /.test(line));
  const times = await Promise.all(files.map(async (line) => (await stat(join(root, line.slice(3))).catch(() => null))?.mtimeMs));
  const disk = Math.max(...times.filter((ms) => ms !== undefined));
  if (Number.isFinite(disk)) return { kind: 'at', ms: disk, by: 'disk' };
  if ((await gitSays(['rev-parse', '--is-shallow-repository'], where))?.trim() === 'true') return { kind: 'shallow' };
  return await newestCommit([path], where);
}
