import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../errors.ts';
import { makePrivate } from '../../runtime/private-file.ts';

/** What was answered to a request with an idempotency key. */
export type KeptAnswer = {
  /** SHA-256 of what was asked: the same key with another request is a mistake. */
  readonly asked: string;
  readonly status: number;
  readonly body: string;
};

/** Answers by who asked and their key. */
export type Answers = {
  read(who: string, key: string): KeptAnswer | null;
  write(who: string, key: string, answer: KeptAnswer): void;
  close(): void;
};

/** How long an answer is kept, and how many of them, so that nobody fills the disk with keys. */
const keptMs = 86_400_000;
const keptMax = 10_000;
/** Writes between two clearings. */
const clearEvery = 100;

/**
 * Answers in a SQLite file, so that a verb that is sent again after a restart of the controller gets its first answer. A file that is
 * no database is begun anew, and without any that can be used answers live as long as the controller: a verb is carried out again then,
 * and verbs are safe to repeat.
 *
 * @param file - Made with mode 0600 by the umask of the data folder (0700); `:memory:` for none.
 * @param now - Unix milliseconds.
 * @param warn - Takes one line about a file that is of no use.
 */
export function openAnswers(file: string, now: () => number = Date.now, warn: (text: string) => void = () => {}): Answers {
  const db = opened(file, warn);
  const read = db.prepare('SELECT asked, status, body FROM answers WHERE who = ? AND key = ? AND at > ?');
  const write = db.prepare('INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)');
  const clear = db.prepare(
    'DELETE FROM answers WHERE at <= ? OR at <= (SELECT at FROM answers ORDER BY at DESC LIMIT 1 OFFSET ?)',
  );
  let writes = 0;
  return {
    read(who, key) {
      const row = read.get(who, key, now() - keptMs);
      return row ? { asked: String(row.asked), status: Number(row.status), body: String(row.body) } : null;
    },
    write(who, key, { asked, status, body }) {
      write.run(who, key, asked, status, body, now());
      writes += 1;
      if (writes % clearEvery === 0) clear.run(now() - keptMs, keptMax);
    },
    close: () => db.close(),
  };
}

function opened(file: string, warn: (text: string) => void): DatabaseSync {
  try {
    return tablesIn(file);
  } catch (error) {
    warn(`${file} is made anew, so requests of before may be carried out twice: ${messageOf(error)}`);
  }
  try {
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    return tablesIn(file);
  } catch (error) {
    warn(`answers for idempotency keys are kept in memory until the next start: ${messageOf(error)}`);
    return tablesIn(':memory:');
  }
}

function tablesIn(file: string): DatabaseSync {
  makePrivate(file);
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS answers (
        who TEXT NOT NULL, key TEXT NOT NULL, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (who, key)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS answers_at ON answers (at)`);
    db.prepare('SELECT asked, status, body, at FROM answers LIMIT 1').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
