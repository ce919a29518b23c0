import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { messageOf } from '../../errors.ts';
import { grids, slotS } from '../../slo/windows.ts';
import { isUnusable } from '../../system/sqlite-codes.ts';
import { makePrivate } from '../private-file.ts';

/** Events of one objective and one version in one cell of time. `isLeftOut`: they lie in a correction. */
export type Cell = {
  readonly fromS: number;
  readonly toS: number;
  /** Empty: versions cannot be told apart. */
  readonly version: string;
  readonly isLeftOut: boolean;
  readonly bad: number;
  readonly total: number;
};

/** A complete slot of an objective. */
export type NewCell = Cell & { readonly objective: string };

/** How far a feed has been taken in, so that it goes on from there after a restart. */
export type Mark = { readonly feed: string; readonly second: number };

/** How long cells of each length are kept, in seconds: longer than the windows that consist of them. Hours: as `keep` says. */
const keptS: Readonly<Record<number, number>> = { 10: 7_200, 60: 28_800, 300: 345_600, 3600: Number.POSITIVE_INFINITY };
/** Longest that hours are kept, in seconds: this year and the one before. */
const hoursMaxS = 740 * 86_400;
const lengths = grids.map(({ cellS }) => cellS);

/** Cells that wait for a disk that takes none: ten minutes of ten thousand objectives. */
const waitingMax = 600_000;

/**
 * What objectives have counted, in a SQLite file: slots of ten seconds, and longer cells made of them, for as long as windows need
 * them. Nothing here throws: where the disk takes nothing, counts wait in memory, and after a restart routers are asked again.
 */
export class CountStore {
  readonly #db: DatabaseSync;
  readonly #warn: (text: string) => void;
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  readonly #marks = new Map<string, number>();
  /** Up to which second (unix) cells of each length are made of the shorter ones. */
  readonly #rolledToS = new Map<number, number>();
  #waiting: NewCell[] = [];
  #waitingMarks: Mark[] = [];
  #isFailing = false;
  #clearedAtS = 0;
  /** Where the newest slot ends (unix second). */
  #newestS = 0;
  #hoursS = hoursMaxS;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;

  /**
   * A file that is none, or one of another shape, is begun anew; where nothing can be written at all, counts live in memory.
   *
   * @param file - `:memory:` for none.
   * @param warn - Takes one line when counts cannot be written, once until they can be again.
   */
  constructor(file: string, warn: (text: string) => void) {
    this.#warn = warn;
    this.#db = opened(file, warn);
    this.#insert = this.#db.prepare(upsert);
    this.#select = this.#db.prepare(
      'SELECT at, version, left_out, bad, total FROM counts WHERE objective = ? AND every = ? AND at >= ? AND at < ? ORDER BY at, version',
    );
    for (const { id, text } of this.#db.prepare('SELECT id, text FROM names').all()) this.#name(String(text), Number(id));
    for (const { feed, second } of this.#db.prepare('SELECT feed, second FROM marks').all())
      this.#marks.set(String(feed), Number(second));
    for (const cellS of lengths) {
      const last = this.#db.prepare('SELECT max(at) AS at FROM counts WHERE every = ?').get(cellS)?.at;
      const endS = last == null ? 0 : Number(last) + cellS;
      this.#rolledToS.set(cellS, endS);
      this.#newestS = Math.max(this.#newestS, endS);
    }
  }

  /** Says how long the longest window is, in milliseconds: hours are kept for it and the one before. */
  keep(windowMs: number): void {
    this.#hoursS = Math.min(hoursMaxS, (2 * windowMs) / 1_000 + 2 * 86_400);
  }

  /** How far a feed was taken in (unix second); 0: not at all. */
  mark(feed: string): number {
    return this.#marks.get(feed) ?? 0;
  }

  /** Writes complete slots and how far feeds are, in one transaction, with those that still wait. */
  write(cells: readonly NewCell[], marks: readonly Mark[]): void {
    this.#waiting.push(...cells);
    this.#waitingMarks.push(...marks);
    for (const { feed, second } of marks) this.#marks.set(feed, second);
    if (this.#waiting.length > waitingMax) this.#waiting = this.#waiting.slice(-waitingMax);
    if (this.#waiting.length + this.#waitingMarks.length === 0) return;
    try {
      this.#inTransaction(() => {
        for (const cell of this.#waiting) this.#put(cell);
        const mark = this.#db.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)');
        for (const { feed, second } of this.#waitingMarks) mark.run(feed, second);
        this.#rollUp();
      });
      this.#waiting = [];
      this.#waitingMarks = [];
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#warn(`counts of objectives cannot be written, and wait: ${messageOf(error)}`);
      this.#isFailing = true;
    }
  }

  /**
   * The cells of an objective between two seconds, oldest first and without overlaps: of the length asked for as far as there are such,
   * and shorter ones before the first and after the last of them, while these are kept.
   *
   * @param cellS - Left out: the shortest that are still kept of its beginning.
   */
  cells(objective: string, fromS: number, toS: number, cellS = this.#keptSince(fromS)): readonly Cell[] {
    const id = this.#ids.get(objective);
    return id === undefined ? [] : this.#cells(id, fromS, toS, lengths.indexOf(cellS));
  }

  #keptSince(fromS: number): number {
    return lengths.find((cellS) => this.#newestS - fromS <= (keptS[cellS] ?? 0) - cellS) ?? 3_600;
  }

  #cells(id: number, fromS: number, toS: number, index: number): readonly Cell[] {
    const length = lengths[index] ?? slotS;
    if (fromS >= toS) return [];
    if (index <= 0) return this.#rows(id, length, fromS, toS);
    const firstS = Math.min(toS, Math.ceil(fromS / length) * length);
    const untilS = Math.max(firstS, Math.min(toS - (toS % length), this.#rolledToS.get(length) ?? 0));
    return [
      ...this.#cells(id, fromS, firstS, index - 1),
      ...this.#rows(id, length, firstS, untilS),
      ...this.#cells(id, untilS, toS, index - 1),
    ];
  }

  #rows(id: number, length: number, fromS: number, toS: number): readonly Cell[] {
    return this.#select.all(id, length, fromS, toS).map(({ at, version, left_out, bad, total }) => ({
      fromS: Number(at),
      toS: Number(at) + length,
      version: this.#texts.get(Number(version)) ?? '',
      isLeftOut: left_out === 1,
      bad: Number(bad),
      total: Number(total),
    }));
  }

  /**
   * Decides anew which cells of an objective are left out. A longer cell is made anew of shorter ones where there still are such; else
   * it is left out as a whole.
   *
   * @param isLeftOut - Asked with the unix milliseconds at which a cell begins.
   */
  reclassify(objective: string, fromS: number, toS: number, isLeftOut: (atMs: number) => boolean): void {
    const id = this.#ids.get(objective);
    if (id === undefined) return;
    const db = this.#db;
    const inside = db.prepare(
      'SELECT at, version, sum(bad) AS bad, sum(total) AS total FROM counts WHERE objective = ? AND every = ? AND at > ? AND at < ? GROUP BY at, version',
    );
    const removed = db.prepare('DELETE FROM counts WHERE objective = ? AND every = ? AND at = ?');
    const remade = db.prepare(
      `INSERT INTO counts SELECT objective, ?, ?, version, left_out, sum(bad), sum(total) FROM counts
       WHERE objective = ? AND every = ? AND at >= ? AND at < ? GROUP BY version, left_out`,
    );
    this.#inTransaction(() => {
      for (const [index, cellS] of lengths.entries()) {
        const rows = inside.all(id, cellS, fromS - cellS, toS);
        const shorter = lengths[index - 1];
        for (const at of new Set(rows.map((row) => Number(row.at)))) {
          const oldest = shorter === undefined ? null : this.#oldest(id, shorter);
          removed.run(id, cellS, at);
          if (shorter !== undefined && oldest !== null && oldest <= at) remade.run(cellS, at, id, shorter, at, at + cellS);
          else
            for (const { version, bad, total } of rows.filter((row) => Number(row.at) === at))
              this.#insert.run(id, cellS, at, Number(version), isLeftOut(at * 1_000) ? 1 : 0, Number(bad), Number(total));
        }
      }
    });
  }

  /** Forgets what an objective has counted: it counts something else from now on. */
  forget(objective: string): void {
    const id = this.#ids.get(objective);
    if (id === undefined) return;
    try {
      this.#db.prepare('DELETE FROM counts WHERE objective = ?').run(id);
    } catch (error) {
      this.#warn(`counts of ${objective} cannot be forgotten: ${messageOf(error)}`);
    }
  }

  close(): void {
    this.write([], []);
    this.#db.close();
  }

  #oldest(id: number, cellS: number): number | null {
    const at = this.#db.prepare('SELECT min(at) AS at FROM counts WHERE objective = ? AND every = ?').get(id, cellS)?.at;
    return at == null ? null : Number(at);
  }

  #put({ objective, fromS, version, isLeftOut, bad, total }: NewCell): void {
    this.#newestS = Math.max(this.#newestS, fromS + slotS);
    const id = this.#idOf(objective);
    const versionId = this.#idOf(version);
    for (const cellS of lengths) {
      const at = fromS - (fromS % cellS);
      // What comes late belongs into the longer cells that were made without it.
      if (cellS !== slotS && at >= (this.#rolledToS.get(cellS) ?? 0)) break;
      this.#insert.run(id, cellS, at, versionId, isLeftOut ? 1 : 0, bad, total);
    }
  }

  /** Makes the longer cells that are complete, of the shorter ones; and clears what is too old. */
  #rollUp(): void {
    const newest = this.#newestS;
    for (const [index, cellS] of lengths.entries()) {
      const shorter = lengths[index - 1];
      if (shorter === undefined) continue;
      const fromS = this.#rolledToS.get(cellS) ?? 0;
      const toS = newest - (newest % cellS);
      if (toS <= fromS) continue;
      this.#db
        .prepare(
          `INSERT INTO counts SELECT objective, ?, at - at % ?, version, left_out, sum(bad), sum(total) FROM counts
           WHERE every = ? AND at >= ? AND at < ? GROUP BY objective, at - at % ?, version, left_out`,
        )
        .run(cellS, cellS, shorter, fromS, toS, cellS);
      this.#rolledToS.set(cellS, toS);
    }
    if (newest - this.#clearedAtS < 60) return;
    this.#clearedAtS = newest;
    for (const cellS of lengths)
      this.#db
        .prepare('DELETE FROM counts WHERE every = ? AND at < ?')
        .run(cellS, newest - Math.min(keptS[cellS] ?? 0, this.#hoursS));
  }

  #idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#db.prepare('INSERT INTO names (text) VALUES (?)').run(text);
    this.#name(text, Number(lastInsertRowid));
    return Number(lastInsertRowid);
  }

  #name(text: string, id: number): void {
    this.#ids.set(text, id);
    this.#texts.set(id, text);
  }

  #inTransaction(work: () => void): void {
    const rolled = new Map(this.#rolledToS);
    const ids = new Map(this.#ids);
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      try {
        this.#db.exec('ROLLBACK');
      } catch {
        // The failure has ended the transaction already.
      }
      for (const [cellS, second] of rolled) this.#rolledToS.set(cellS, second);
      this.#ids.clear();
      for (const [text, id] of ids) this.#ids.set(text, id);
      throw error;
    }
  }
}

const upsert = `INSERT INTO counts (objective, every, at, version, left_out, bad, total) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET bad = bad + excluded.bad, total = total + excluded.total`;

function opened(file: string, warn: (text: string) => void): DatabaseSync {
  for (const path of [file, file, ':memory:']) {
    let db: DatabaseSync | null = null;
    try {
      makePrivate(path);
      db = new DatabaseSync(path, { timeout: 100 });
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE IF NOT EXISTS marks (feed TEXT PRIMARY KEY, second INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS counts (
          objective INTEGER NOT NULL, every INTEGER NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL, left_out INTEGER NOT NULL,
          bad INTEGER NOT NULL, total INTEGER NOT NULL, PRIMARY KEY (objective, every, at, version, left_out)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS counts_at ON counts (every, at);
        SELECT objective, every, at, version, left_out, bad, total FROM counts LIMIT 1`);
      return db;
    } catch (error) {
      db?.close();
      if (path !== file) throw error;
      if (isUnusable(error)) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
      else warn(`counts of objectives are kept in memory only: ${messageOf(error)}`);
    }
  }
  throw new Error('a database in memory cannot be opened');
}
