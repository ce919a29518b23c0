import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../errors.ts';
import { makePrivate } from '../private-file.ts';

/** Something by which a message is known again, until when (unix milliseconds). */
export type SeenMark = { readonly digest: string; readonly untilMs: number };

/** Messages of alert sources that were taken. */
export type SeenMessages = {
  has(source: string, digest: string, nowMs: number): boolean;
  add(source: string, marks: readonly SeenMark[], nowMs: number): void;
  close(): void;
};

/**
 * Marks of one source that are kept. What was signed with its time is bounded by less: 6,000 messages a minute for twice 10 minutes, so
 * that only ids and bodies are ever forgotten before their time, the oldest first.
 */
const keptMax = 150_000;
/** Marks in memory, where the file cannot be written. */
const unwrittenMax = 20_000;
/** Messages between two clearings. */
const clearEvery = 200;

/**
 * Messages in a SQLite file, so that a restart or a kill of the controller lets no replay in. A file that is no database is begun anew,
 * and without any that can be used they are known until the controller ends.
 *
 * @param file - `:memory:` for none.
 * @param warn - Takes one line about a file that is of no use.
 */
export function openSeenMessages(file: string, warn: (text: string) => void = () => {}): SeenMessages {
  const db = opened(file, warn);
  const read = db.prepare('SELECT 1 FROM seen WHERE source = ? AND digest = ? AND until > ?');
  // All marks of a message in one statement, and so in one transaction.
  const write = db.prepare("INSERT OR REPLACE INTO seen SELECT ?1, value ->> 'digest', value ->> 'untilMs' FROM json_each(?2)");
  const clear = db.prepare('DELETE FROM seen WHERE until <= ?');
  const bound = db.prepare(
    `DELETE FROM seen WHERE source = ?1 AND digest NOT LIKE 'once:%'
      AND until <= (SELECT until FROM seen WHERE source = ?1 ORDER BY until DESC LIMIT 1 OFFSET ?2)`,
  );
  const unwritten = new Map<string, number>();
  let isTold = false;
  let messages = 0;
  return {
    has(source, digest, nowMs) {
      return (unwritten.get(`${source} ${digest}`) ?? 0) > nowMs || read.get(source, digest, nowMs) !== undefined;
    },
    add(source, marks, nowMs) {
      try {
        write.run(source, JSON.stringify(marks));
        messages += 1;
        if (messages % clearEvery === 0) {
          clear.run(nowMs);
          bound.run(source, keptMax);
        }
      } catch (error) {
        if (!isTold) warn(`messages of alert sources are known again until the next start only: ${messageOf(error)}`);
        isTold = true;
        for (const { digest, untilMs } of marks) unwritten.set(`${source} ${digest}`, untilMs);
        for (const key of unwritten.keys()) {
          if (unwritten.size <= unwrittenMax) break;
          unwritten.delete(key);
        }
      }
    },
    close: () => db.close(),
  };
}

function opened(file: string, warn: (text: string) => void): DatabaseSync {
  try {
    return tableIn(file);
  } catch (error) {
    warn(`${file} is made anew, so messages of before may come once more: ${messageOf(error)}`);
  }
  try {
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    return tableIn(file);
  } catch (error) {
    warn(`messages of alert sources are known again until the next start only: ${messageOf(error)}`);
    return tableIn(':memory:');
  }
}

function tableIn(file: string): DatabaseSync {
  makePrivate(file);
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS seen (
        source TEXT NOT NULL, digest TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (source, digest)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS seen_until ON seen (source, until);`);
    // Reads what is there, so that a file that is no database is found out now.
    db.prepare('SELECT count(*) FROM seen').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
