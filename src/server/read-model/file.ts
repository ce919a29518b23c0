import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../errors.ts';
import { makePrivate } from '../../runtime/private-file.ts';
import type { Link } from '../../stores/chain.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import { isDamaged, mustBeWhole } from '../../system/sqlite-damage.ts';
import type { Projection } from './projection.ts';

/** Rises whenever this file's own table changes. */
const ownFormat = 1;

/** The tables of all projections in one SQLite file, with how far in the log they are. */
export type ViewsFile = {
  readonly db: DatabaseSync;
  /** The last event that is in the tables. */
  readonly position: Link;
  /** Takes events that follow `position` without a gap, all or none. Throws SQLite's errors. */
  take(events: readonly LoggedEvent[]): void;
  close(): void;
};

/** Raised for a file that has to be made anew. */
export class Outdated extends Error {}

/**
 * Opens the file with the tables of these projections, and makes it (mode 0600) when it is missing. What it holds can be made again
 * from the log, so a commit does not wait for the disk.
 *
 * @param file - `:memory:` for none.
 * @throws Outdated when another version has written it or it is damaged; SQLite's and the system's errors otherwise.
 */
export function openViewsFile(file: string, projections: readonly Projection[]): ViewsFile {
  makePrivate(file);
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    return viewsIn(db, projections);
  } catch (error) {
    db.close();
    throw isDamage(error) ? new Outdated(messageOf(error), { cause: error }) : error;
  }
}

/** Removes the file and what SQLite keeps beside it. */
export function removeViewsFile(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
}

/** Whether the file is damaged, or of another version. */
export function isDamage(error: unknown): boolean {
  return error instanceof Outdated || isDamaged(error);
}

function viewsIn(db: DatabaseSync, projections: readonly Projection[]): ViewsFile {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = 16777216;
  `);
  const wanted = [`views ${ownFormat}`, ...projections.map(({ name, format }) => `${name} ${format}`)].join(', ');
  prepareTables(db, wanted, projections);
  const move = db.prepare('UPDATE position SET seq = ?, hash = ?');
  const takers = projections.map((projection) => projection.prepare(db));
  const row = db.prepare('SELECT seq, hash FROM position').get() as Link | undefined;
  if (!row) throw new Outdated('it does not say how far it is');
  let position: Link = { seq: row.seq, hash: row.hash };
  return {
    db,
    get position() {
      return position;
    },
    take(events) {
      const last = events.at(-1);
      if (!last) return;
      if (events[0]?.seq !== position.seq + 1) throw new Error(`event ${events[0]?.seq} does not follow ${position.seq}`);
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const event of events) for (const take of takers) take(event);
        move.run(last.seq, last.hash);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
      position = { seq: last.seq, hash: last.hash };
    },
    close: () => db.close(),
  };
}

function prepareTables(db: DatabaseSync, wanted: string, projections: readonly Projection[]): void {
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (isEmpty) {
    db.exec(`BEGIN IMMEDIATE;
      CREATE TABLE format (formats TEXT NOT NULL) STRICT;
      CREATE TABLE position (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
      INSERT INTO position VALUES (1, 0, '');
      ${projections.map(({ tables }) => tables).join('\n')}`);
    db.prepare('INSERT INTO format VALUES (?)').run(wanted);
    db.exec('COMMIT');
    return;
  }
  const found = readFormat(db);
  if (found !== wanted) throw new Outdated(`its tables are ${found}, not ${wanted}`);
  mustBeWhole(db);
}

function readFormat(db: DatabaseSync): string {
  try {
    return String(db.prepare('SELECT formats FROM format').get()?.formats);
  } catch (error) {
    if (isDamage(error)) throw error;
    return `unknown (${messageOf(error)})`;
  }
}
