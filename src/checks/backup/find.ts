import { glob, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, systemCode, UserError } from '../../errors.ts';

/** One backup on the disk. */
export type Found = {
  readonly path: string;
  readonly bytes: number;
  /** When it was written last, Unix ms. */
  readonly writtenMs: number;
  /** A folder that pg_dump has written. */
  readonly isFolder: boolean;
};

const foundMax = 10_000;

/**
 * All backups that a path with stars means, the newest first. Folders are none, but for those of pg_dump.
 *
 * @throws UserError `E_CHECK_FILE` when there are too many, or they cannot be read.
 */
export async function foundBackups(folder: string, pattern: string, signal: AbortSignal): Promise<readonly Found[]> {
  const found: Found[] = [];
  try {
    for await (const name of glob(pattern, { cwd: folder })) {
      signal.throwIfAborted();
      const one = await backupAt(resolve(folder, name));
      if (one) found.push(one);
      if (found.length > foundMax)
        throw new UserError('E_CHECK_FILE', `more than ${foundMax} backups are there`, { where: pattern, fix: 'name fewer' });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError('E_CHECK_FILE', `the backups cannot be read: ${messageOf(error)}`, {
      where: pattern,
      fix: 'let the controller read that folder and its files',
      cause: error,
    });
  }
  return found.sort((a, b) => b.writtenMs - a.writtenMs);
}

async function backupAt(path: string): Promise<Found | null> {
  try {
    const { size, mtimeMs, isFolder } = await plainStat(path);
    if (!isFolder) return { path, bytes: size, writtenMs: mtimeMs, isFolder };
    // The list of contents is what pg_dump writes last.
    const list = await plainStat(join(path, 'toc.dat'));
    let bytes = 0;
    for (const name of await readdir(path)) bytes += (await plainStat(join(path, name))).size;
    return { path, bytes, writtenMs: list.mtimeMs, isFolder };
  } catch (error) {
    // No dump, or removed meanwhile.
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function plainStat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number; readonly isFolder: boolean }> {
  const found = await stat(path);
  return { size: found.size, mtimeMs: found.mtimeMs, isFolder: found.isDirectory() };
}
