import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { isUnusable } from '../system/sqlite-codes.ts';
import type { SignalPoint } from '../views/signal-track.ts';
import { makePrivate } from './private-file.ts';

/** Minutes that are kept: a day, as in memory. */
const keptS = 86_400;
/** Writes between two clearings. */
const clearEvery = 60;
/** Minutes that wait for a disk that takes none. */
const waitingMax = 10_000;

export type SignalMinute = { readonly service: string; readonly point: SignalPoint };

/** Minutes of all services, so that a restart of the controller keeps the day. */
export type SignalStore = {
  /** The minutes of a service from a second (unix) on, oldest first. Never throws: what cannot be read is not there. */
  read(service: string, fromSecond: number): readonly SignalPoint[];
  /** Puts minutes aside; they are written with the next `flush`. */
  add(minutes: readonly SignalMinute[]): void;
  /** Writes what waits, in one transaction. Never throws: a disk without room loses charts and nothing else. */
  flush(nowSecond: number): void;
  close(): void;
};

/**
 * Minutes in a SQLite file. A file that is none, or one of another version, is begun anew. Without any file, where nothing can be
 * written at all, minutes live as long as the controller.
 *
 * @param warn - Takes one line when minutes cannot be written, once until they can be again.
 */
export function openSignalStore(file: string, warn: (text: string) => void): SignalStore {
  const db = opened(file, warn);
  if (!db) return { read: () => [], add: () => {}, flush: () => {}, close: () => {} };
  const read = db.prepare('SELECT start, data FROM minutes WHERE service = ? AND start >= ? ORDER BY start');
  const write = db.prepare('INSERT OR REPLACE INTO minutes VALUES (?, ?, ?)');
  const clear = db.prepare('DELETE FROM minutes WHERE start < ?');
  let waiting: SignalMinute[] = [];
  let flushes = 0;
  let isFailing = false;
  return {
    read(service, fromSecond) {
      try {
        return read.all(service, fromSecond).flatMap(({ start, data }) => pointIn(Number(start), String(data)));
      } catch (error) {
        warn(`minutes for charts of ${service} cannot be read: ${messageOf(error)}`);
        return [];
      }
    },
    add(minutes) {
      waiting.push(...minutes);
      if (waiting.length > waitingMax) waiting = waiting.slice(-waitingMax);
    },
    flush(nowSecond) {
      if (waiting.length === 0) return;
      try {
        db.exec('BEGIN IMMEDIATE');
        for (const { service, point } of waiting) write.run(service, point.from, textOf(point));
        flushes += 1;
        if (flushes % clearEvery === 1) clear.run(nowSecond - keptS);
        db.exec('COMMIT');
        waiting = [];
        isFailing = false;
      } catch (error) {
        rolledBack(db);
        if (!isFailing) warn(`minutes for charts cannot be written: ${messageOf(error)}`);
        isFailing = true;
      }
    },
    close: () => db.close(),
  };
}

function opened(file: string, warn: (text: string) => void): DatabaseSync | null {
  for (const isLast of [false, true]) {
    let db: DatabaseSync | null = null;
    try {
      makePrivate(file);
      db = new DatabaseSync(file, { timeout: 100 });
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
        CREATE TABLE IF NOT EXISTS minutes (
          service TEXT NOT NULL, start INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (service, start)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS minutes_start ON minutes (start)`);
      db.prepare('SELECT service, start, data FROM minutes LIMIT 1').get();
      return db;
    } catch (error) {
      db?.close();
      if (isLast || !isUnusable(error)) {
        warn(`minutes for charts are kept in memory only: ${messageOf(error)}`);
        return null;
      }
      for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    }
  }
  return null;
}

function rolledBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // The failure has ended the transaction already.
  }
}

/** As JSON of a row of its own per minute; `from` is its key. */
function textOf({ from: _, ...rest }: SignalPoint): string {
  return JSON.stringify(rest);
}

const number = z.number();
const counts = { requests: number, errors: number, p50: number.nullable(), p95: number.nullable(), p99: number.nullable() };
const Stored = z.object({
  seconds: number,
  ...counts,
  cpuShare: number.nullable(),
  memoryBytes: number.nullable(),
  // Minutes of an earlier version have none of these.
  gauges: z.record(z.string(), number).default({}),
  byMethod: z.record(z.string(), number).nullable().default(null),
  byStatus: z.record(z.string(), number).nullable().default(null),
  errorsByClass: z.record(z.string(), number).default({}),
  byVersion: z.array(z.object({ version: z.string(), ...counts })),
});

/** A minute that another version has written in a way that is not known here is none. */
function pointIn(from: number, text: string): readonly SignalPoint[] {
  try {
    return [{ from, ...Stored.parse(JSON.parse(text)) }];
  } catch {
    return [];
  }
}
