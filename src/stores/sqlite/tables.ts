import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../errors.ts';
import { genesis } from '../chain.ts';

/** "RAMP": tells our file from any other SQLite file. */
const applicationId = 0x52_41_4d_50;

/**
 * Each entry takes the file one schema version forward; `user_version` counts those that were applied. An entry that has shipped
 * never changes: add one.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    release TEXT,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
  CREATE INDEX events_by_release ON events (release) WHERE release IS NOT NULL;
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
  CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

  CREATE TABLE head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    count INTEGER NOT NULL
  ) STRICT;
  INSERT INTO head VALUES (1, ${genesis.seq}, '${genesis.hash}', 0);

  CREATE TABLE epoch (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    token INTEGER NOT NULL,
    owner TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO epoch VALUES (1, 0, 'nobody', 0);

  CREATE TABLE snapshots (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;
  `,
];

/** The schema that this version of Rampart reads and writes. */
export const schemaVersion = migrations.length;

/**
 * Refuses a file that is not ours or that a newer Rampart wrote. Reads only: a file that is refused is left as it was.
 *
 * @returns The file's schema version; 0 for an empty file.
 * @throws UserError `E_LOG_UNAVAILABLE`.
 */
export function readSchemaVersion(db: DatabaseSync, file: string): number {
  const version = pragma(db, 'user_version');
  const id = pragma(db, 'application_id');
  if (id !== applicationId && (id !== 0 || version !== 0 || hasTables(db))) {
    throw new UserError('E_LOG_UNAVAILABLE', `${file} is an SQLite file of another program, not a log of Rampart`, {
      where: file,
      fix: 'Choose another data folder, or move that file away.',
    });
  }
  if (version > schemaVersion) {
    throw new UserError(
      'E_LOG_UNAVAILABLE',
      `${file} has schema ${version}; this version of Rampart knows ${schemaVersion} at most`,
      {
        where: file,
        fix: 'Start the Rampart that wrote it, or a newer one. Going back to an older one needs a copy of the log from before.',
      },
    );
  }
  return version;
}

/** Takes the file to `schemaVersion`, all in one transaction. Two processes that start together do it once. */
export function migrate(db: DatabaseSync, file: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    for (const migration of migrations.slice(readSchemaVersion(db, file))) db.exec(migration);
    db.exec(`PRAGMA application_id = ${applicationId}`);
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}
