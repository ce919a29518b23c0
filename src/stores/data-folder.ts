import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, systemCode, UserError } from '../errors.ts';
import { isBusy } from '../system/sqlite-codes.ts';

/** The right to be the only controller that works in a data folder. */
export type DataFolderLock = {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Lets the next controller in. Safe to repeat. */
  close(): void;
};

/** Who works in a data folder: for messages only, the lock itself belongs to the kernel. */
type Holder = { readonly pid: number; readonly owner: string; readonly since: string };

/**
 * Keeps a second controller out of a data folder, and makes the folder (mode 0700) when it is missing. The lock is one that SQLite
 * takes from the operating system, so the kernel releases it when the process dies, however it dies: there is no stale lock to judge,
 * and no moment at which two processes both believe that they have it. Holds between processes of one machine; not over NFS.
 *
 * @param owner - Named to whoever is refused.
 * @param now - Unix milliseconds now.
 * @throws UserError `E_ALREADY_RUNNING` (names the pid and since when), `E_DATA_FOLDER` (a file, not writable, no space).
 */
export function lockDataFolder(folder: string, owner: string, now: () => number = Date.now): DataFolderLock {
  const path = resolve(folder);
  makeFolder(path);
  const holderFile = join(path, 'controller.json');
  const db = takeLock(path, holderFile);
  try {
    // In one piece, so that whoever is refused reads the old holder, the new one or none.
    const holder: Holder = { pid: process.pid, owner, since: new Date(now()).toISOString() };
    writeFileSync(`${holderFile}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    renameSync(`${holderFile}.new`, holderFile);
  } catch (error) {
    db.close();
    throw folderError(path, error);
  }
  held.add(db);
  return {
    folder: path,
    close() {
      if (!held.delete(db)) return;
      try {
        // While the lock is still held: afterwards the file may be the next controller's.
        rmSync(holderFile, { force: true });
      } finally {
        db.close();
      }
    },
  };
}

/** A lock that nobody refers to would be collected, closed and so released while its controller still works. */
const held = new Set<DatabaseSync>();

function takeLock(path: string, holderFile: string): DatabaseSync {
  const lockFile = join(path, 'controller.lock');
  let db: DatabaseSync | undefined;
  try {
    // The file is never removed: a controller that locked a file without a name would keep nobody out.
    writeFileIfMissing(lockFile);
    db = new DatabaseSync(lockFile, { timeout: 0 });
    // Nothing is ever written in this transaction; it is there for its lock. The file stays empty, and has no journal.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw alreadyRunning(path, readHolder(holderFile));
    throw folderError(path, error);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder');
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderError(path, error);
  }
}

function writeFileIfMissing(file: string): void {
  try {
    writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function readHolder(file: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isHolder(holder) ? holder : null;
  } catch {
    return null; // It has the lock and is just about to write who it is.
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, owner, since } = value as Partial<Record<keyof Holder, unknown>>;
  return typeof pid === 'number' && typeof owner === 'string' && typeof since === 'string';
}

function alreadyRunning(path: string, holder: Holder | null): UserError {
  const who =
    holder === null ? 'another controller, which is just starting' : `${holder.owner} (pid ${holder.pid}, since ${holder.since})`;
  return new UserError('E_ALREADY_RUNNING', `the data folder ${path} is in use by ${who}`, {
    where: path,
    fix:
      holder === null
        ? 'Use that one, or another data folder.'
        : `Use that one, stop it (kill ${holder.pid}), or choose another data folder.`,
  });
}

function folderError(path: string, error: unknown): UserError {
  const reasons: Record<string, string> = {
    EEXIST: 'it is a file',
    ENOTDIR: 'a part of its path is a file',
    // What Node's recursive mkdir says on a read-only file system.
    ENOENT: 'it is missing and cannot be made (read-only file system?)',
    EACCES: 'it is not writable',
    EPERM: 'it is not writable',
    EROFS: 'the file system is read-only',
    ENOSPC: 'there is no space left',
    EDQUOT: 'the disk quota is used up',
  };
  const reason = reasons[systemCode(error) ?? ''] ?? messageOf(error);
  return new UserError('E_DATA_FOLDER', `cannot use the data folder ${path}: ${reason}`, {
    where: path,
    fix: 'Check the path, its owner and the disk, or choose another folder.',
    cause: error,
  });
}
