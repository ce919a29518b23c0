import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemCode } from '../../errors.ts';
import { logFault, unavailable } from './faults.ts';
import { migrate, readSchemaVersion, schemaVersion } from './tables.ts';

/**
 * Opens the file for durable writes, makes or migrates its tables, and lets only its owner read it.
 *
 * @throws UserError `E_LOG_UNAVAILABLE` (a directory, not writable, of another program, of a newer schema, locked), `E_LOG_CORRUPT`,
 * `E_LOG_FULL`. Nothing stays open then.
 */
export function openFile(file: string, busyTimeoutMs: number): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    prepareFile(file);
    db = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
    // Asked before anything is written: not even the journal mode of a file that is not ours may change.
    const version = readSchemaVersion(db, file);
    setUp(db);
    if (version < schemaVersion) migrate(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw logFault(error, file);
  }
}

function setUp(db: DatabaseSync): void {
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal') throw new Error(`SQLite keeps journal mode ${mode} where WAL was asked for`);
  db.exec(`
    PRAGMA synchronous = FULL;       -- an acknowledged append survives a power failure
    PRAGMA fullfsync = ON;           -- macOS: a plain fsync stops at the disk's cache
    PRAGMA cell_size_check = ON;     -- a damaged page is an error, not garbage
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = 67108864;
  `);
}

function prepareFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    create(file);
  } else if (!found.isFile()) {
    const what = found.isDirectory() ? 'a directory' : 'not a plain file';
    throw unavailable(file, `it is ${what}`, 'Name a file, such as rampart.db in the data folder.');
  } else {
    // By path and never by an own file handle: closing one would drop the locks that another connection of this process holds
    // (sqlite.org/howtocorrupt.html §2.2).
    if ((found.mode & 0o077) !== 0) keepPrivate(file);
    assertWritable(file, file);
  }
  // The WAL and its shared memory are files of their own.
  assertWritable(dirname(file), file);
}

/** SQLite gives its -wal and -shm files the mode of the main file, so it is made first. */
function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const why = systemCode(error);
    if (why === 'EEXIST') return; // Another process has just made it.
    if (why === 'ENOENT') throw unavailable(file, 'its folder does not exist', 'Make the folder, or name another one.', error);
    if (why === 'ENOTDIR') throw unavailable(file, 'a part of its path is a file', 'Name another path.', error);
    if (why === 'EACCES' || why === 'EPERM' || why === 'EROFS') throw notWritable(file, dirname(file), error);
    throw error;
  }
}

function keepPrivate(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    // The file of another user who has let this one write: usable, and its mode is for its owner to choose.
    if (systemCode(error) !== 'EPERM') throw error;
  }
}

function assertWritable(path: string, file: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw notWritable(file, path, error);
  }
}

function notWritable(file: string, path: string, cause: unknown): Error {
  return unavailable(
    file,
    `${path} is not writable`,
    'Give it to the user that Rampart runs as, or choose another folder.',
    cause,
  );
}
