import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { extendedCode } from '../../system/sqlite-codes.ts';

/** SQLite's primary result codes that can come from the world rather than from our own mistake (sqlite.org/rescode.html). */
const code = {
  perm: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Extended codes of an I/O error that mean wrong content, not a failing disk: a checksum of a page, a broken file system. */
const contentErrors = [10 | (32 << 8), 10 | (33 << 8)];

/**
 * The error to show for whatever SQLite or the file system threw.
 *
 * @returns `E_LOG_FULL`, `E_LOG_CORRUPT` or `E_LOG_UNAVAILABLE` with the original as its cause; `error` itself when it is already
 * a `UserError`, or when it is our own mistake.
 */
export function logFault(error: unknown, file: string): unknown {
  if (error instanceof UserError) return error;
  const system = systemCode(error);
  if (system === 'ENOSPC' || system === 'EDQUOT') return logFull(file, error);
  // An integer that no writer of ours stores (they are all safe integers).
  if (system === 'ERR_OUT_OF_RANGE') return logCorrupt(file, null, messageOf(error), error);
  if (system !== 'ERR_SQLITE_ERROR') {
    return system?.startsWith('E') && !system.startsWith('ERR_')
      ? unavailable(file, messageOf(error), checkFolder, error)
      : error;
  }
  const extended = extendedCode(error);
  switch (extended & 0xff) {
    case code.full:
      return logFull(file, error);
    case code.ioError:
    case code.cannotOpen:
      if (contentErrors.includes(extended)) return logCorrupt(file, null, messageOf(error), error);
      // A full disk comes as one of these when the shared-memory file of the WAL cannot grow.
      return isDiskFull(file) ? logFull(file, error) : unavailable(file, messageOf(error), checkFolder, error);
    case code.corrupt:
    case code.notADatabase:
    // A unique index and the head both say where an event goes; when they contradict each other, one of them was changed.
    case code.constraint:
      return logCorrupt(file, null, messageOf(error), error);
    case code.busy:
    case code.locked:
      return unavailable(
        file,
        'another process keeps it locked',
        'Find out which process has the file open (a backup, an sqlite3 shell) and end it.',
        error,
      );
    case code.readOnly:
    case code.perm:
      return unavailable(file, 'it is not writable', checkFolder, error);
    case code.noMemory:
      return unavailable(file, 'there is not enough memory', 'Free memory, then start again.', error);
    default:
      return error;
  }
}

/** `E_LOG_CORRUPT`: what is wrong from which event on, and what to do. Nothing is ever repaired by itself. */
export function logCorrupt(file: string, seq: number | null, reason: string, cause?: unknown): UserError {
  const place = seq === null ? '' : ` from event ${seq} on`;
  return new UserError('E_LOG_CORRUPT', `the event log ${file} is damaged${place}: ${reason}`, {
    where: seq === null ? file : `${file}, event ${seq}`,
    fix:
      'Keep Rampart stopped and keep the file (with its -wal, -shm and -tip) for the investigation. ' +
      'Then restore a copy of the whole data folder, or start with a new data folder.',
    cause,
  });
}

/** `E_LOG_UNAVAILABLE`. */
export function unavailable(file: string, reason: string, fix: string, cause?: unknown): UserError {
  return new UserError('E_LOG_UNAVAILABLE', `cannot use the event log ${file}: ${reason}`, { where: file, fix, cause });
}

const checkFolder = 'Check the disk, and that the folder and the file belong to the user that Rampart runs as.';

function logFull(file: string, cause: unknown): UserError {
  return new UserError('E_LOG_FULL', `no space left for the event log ${file}; nothing of this was stored`, {
    where: file,
    fix: 'Free space on this disk. Rampart goes on by itself once there is some.',
    cause,
  });
}

function isDiskFull(file: string): boolean {
  try {
    const disk = statfsSync(dirname(file));
    // Less than one page of SQLite's (4 KiB) is as good as nothing.
    return disk.bavail * disk.bsize < 4096 || (disk.files > 0 && disk.ffree === 0);
  } catch {
    return false; // The folder is gone or unreadable: that is "unavailable", which the caller says.
  }
}
