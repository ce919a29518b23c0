import type { DatabaseSync } from 'node:sqlite';
import { messageOf, UserError } from '../../errors.ts';
import { isOfOtherShape } from '../../system/sqlite-codes.ts';
import { assertText, dataText, eventHash, type Link, type StoredEvent } from '../chain.ts';
import { assertLimit, staleToken } from '../contract.ts';
import type { Append, AppendResult, EventLog, LoggedEvent, NewEvent } from '../log.ts';
import { defineStore } from '../store.ts';
import { logCorrupt, logFault, unavailable } from './faults.ts';
import { openFile } from './open-file.ts';
import { SqliteConfig } from './schema.ts';
import { prepareSnapshots } from './snapshots.ts';
import { openTip } from './tip.ts';
import { verifyLog } from './verify.ts';

export type SqliteLogOptions = {
  /** How long to wait (ms) while another process writes; default 1,000. The whole process waits. */
  readonly busyTimeoutMs?: number;
  /** Unix milliseconds now; default the system's clock. Only `claim` asks for it. */
  readonly now?: () => number;
  /** Events at the end of the log (count) that are verified before it opens; default 10,000, about 0.1 s. */
  readonly verifyTail?: number;
};

/**
 * The event log in one SQLite file. What is appended is on disk when the answer comes; several processes may have it open, and the
 * one that claimed last may write.
 *
 * @param file - Made with mode 0600 when it is missing. Its -wal, -shm and -tip files lie beside it.
 * @throws UserError `E_LOG_CORRUPT` when the end of the chain, the head or the last acknowledged event is not as it was written;
 * `E_LOG_UNAVAILABLE`, `E_LOG_FULL`. Nothing is repaired, and nothing stays open.
 */
export async function openSqliteLog(file: string, options: SqliteLogOptions = {}): Promise<EventLog> {
  const db = openFile(file, options.busyTimeoutMs ?? 1_000);
  try {
    const tip = openTip(`${file}-tip`);
    try {
      const report = await verifyLog(db, file, tip, options.verifyTail ?? 10_000);
      if (report.kind === 'broken') throw logCorrupt(file, report.seq, report.reason);
      return eventLog(db, file, tip, options.now ?? Date.now);
    } catch (error) {
      tip.close();
      throw error;
    }
  } catch (error) {
    db.close();
    // SQLite's code 1 for a statement of ours: the tables are not those that were made.
    if (isOfOtherShape(error)) throw logCorrupt(file, null, messageOf(error), error);
    throw logFault(error, file);
  }
}

/** The embedded default: nothing to install. */
export const sqlite = defineStore({
  purpose: 'One file on a local disk, for one controller at a time.',
  config: SqliteConfig,
  capabilities: { durable: true, shared: true },
  open: (config) => openSqliteLog(config.file, { busyTimeoutMs: config.busyTimeoutMs }),
});

function eventLog(db: DatabaseSync, file: string, tip: ReturnType<typeof openTip>, now: () => number): EventLog {
  const statements = prepare(db);
  const snapshots = prepareSnapshots(db);
  let isClosed = false;

  /** Runs `work` with every fault turned into an error for people. All of it is synchronous: no other call comes in between. */
  function guarded<T>(work: () => T): T {
    if (isClosed) throw unavailable(file, 'it was closed', 'Start Rampart again.');
    try {
      return work();
    } catch (error) {
      throw logFault(error, file);
    }
  }

  function transaction<T>(work: () => T): T {
    return guarded(() => {
      // A rollback that failed (the disk was away) is made up for here, so that the log is usable again when the disk is.
      if (db.isTransaction) statements.rollback.run();
      statements.begin.run();
      try {
        const result = work();
        statements.commit.run();
        return result;
      } catch (error) {
        if (db.isTransaction) rollBack();
        throw error;
      }
    });
  }

  function rollBack(): void {
    try {
      statements.rollback.run();
    } catch {
      // The error that led here is the one to show; the next transaction tries again.
    }
  }

  /** Inside of the transaction, because another process may have claimed since the last one. */
  function assertToken(token: number): void {
    const epoch = statements.epoch.get() as { token: number; owner: string; at: number };
    if (token !== epoch.token) throw staleToken(token, epoch, file);
  }

  function appendOne(append: Append, texts: readonly string[], head: { seq: number; hash: string }): AppendResult {
    const current = (statements.version.get(append.stream) as { version: number | null }).version ?? 0;
    if (current !== append.expectedVersion) return { kind: 'conflict', version: current };
    const events = append.events.map((event, index): LoggedEvent => {
      const stored = storedEvent(event, texts[index] ?? '', append.stream, head.seq + 1, current + 1 + index);
      head.hash = eventHash(head.hash, stored);
      head.seq = stored.seq;
      const { seq, stream, version, at, kind, release, actor, data } = stored;
      statements.insert.run(seq, stream, version, at, kind, release, actor, data, head.hash);
      return logged(stored, head.hash, file);
    });
    return { kind: 'appended', version: current + events.length, events };
  }

  function query(statement: ReturnType<DatabaseSync['prepare']>, limit: number, ...values: (string | number)[]): LoggedEvent[] {
    assertLimit(limit);
    const rows = guarded(() => statement.all(...values, limit)) as unknown as (StoredEvent & { hash: string })[];
    return rows.map((row) => logged(row, row.hash, file));
  }

  return {
    async claim(owner) {
      assertText(owner);
      return transaction(() => {
        const { token } = statements.epoch.get() as { token: number };
        // Never below the clock: routers remember the highest token they have seen, and would refuse a controller that had to start
        // with a new or restored log if it counted from 1 again.
        const next = Math.max(token + 1, Math.floor(now() / 1000));
        statements.claim.run(next, owner, now());
        return next;
      });
    },
    async append(token, appends) {
      // Before the transaction: an event that cannot be stored is a mistake of the caller, and costs the others no lock.
      const texts = appends.map(({ stream, events }) => {
        assertText(stream);
        return events.map(dataText);
      });
      let head: { seq: number; hash: string } | undefined;
      const results = transaction(() => {
        assertToken(token);
        const last = statements.head.get() as { seq: number; hash: string };
        head = { seq: last.seq, hash: last.hash };
        const answers = appends.map((append, index) => appendOne(append, texts[index] ?? [], head as Link));
        if (head.seq > last.seq) statements.moveHead.run(head.seq, head.hash, head.seq - last.seq);
        return answers;
      });
      if (head !== undefined) tip.write(head);
      return results;
    },
    async read(stream, afterVersion, limit) {
      return query(statements.byStream, limit, stream, afterVersion);
    },
    async readRelease(release, afterSeq, limit) {
      return query(statements.byRelease, limit, release, afterSeq);
    },
    async readAll(afterSeq, limit) {
      return query(statements.all, limit, afterSeq);
    },
    async streams() {
      return guarded(() => statements.streams.all())
        .map((row) => String(row.stream))
        .sort();
    },
    async readSnapshot(stream) {
      return guarded(() => snapshots.read(stream));
    },
    async writeSnapshot(token, stream, version, state) {
      const text: string | undefined = JSON.stringify(state);
      if (text === undefined) throw new TypeError(`the state of ${stream} has no JSON text`);
      transaction(() => {
        assertToken(token);
        snapshots.write(stream, version, text);
      });
    },
    async verify(tail) {
      if (tail !== undefined) assertLimit(tail);
      guarded(() => undefined);
      return verifyLog(db, file, tip, tail);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      try {
        guardedClose(db, file);
      } finally {
        tip.close();
      }
    },
  };
}

function guardedClose(db: DatabaseSync, file: string): void {
  try {
    db.close();
  } catch (error) {
    throw logFault(error, file);
  }
}

function prepare(db: DatabaseSync) {
  const events = 'SELECT seq, stream, version, at, kind, release, actor, data, hash FROM events';
  return {
    // Takes the write lock at once: what is read inside is what the write builds on.
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    epoch: db.prepare('SELECT token, owner, at FROM epoch'),
    claim: db.prepare('UPDATE epoch SET token = ?, owner = ?, at = ?'),
    head: db.prepare('SELECT seq, hash FROM head'),
    moveHead: db.prepare('UPDATE head SET seq = ?, hash = ?, count = count + ?'),
    version: db.prepare('SELECT max(version) AS version FROM events WHERE stream = ?'),
    insert: db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    byStream: db.prepare(`${events} WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`),
    byRelease: db.prepare(`${events} WHERE release = ? AND seq > ? ORDER BY seq LIMIT ?`),
    all: db.prepare(`${events} WHERE seq > ? ORDER BY seq LIMIT ?`),
    // Jumps through the index from one stream to the next, where DISTINCT would read all of it.
    streams: db.prepare(`
      WITH RECURSIVE names (stream) AS (
        SELECT min(stream) FROM events
        UNION ALL SELECT (SELECT min(stream) FROM events WHERE stream > names.stream) FROM names WHERE names.stream IS NOT NULL
      ) SELECT stream FROM names WHERE stream IS NOT NULL`),
  };
}

function storedEvent(event: NewEvent, data: string, stream: string, seq: number, version: number): StoredEvent {
  return { seq, stream, version, at: event.at, kind: event.kind, release: event.release, actor: event.actor, data };
}

function logged({ seq, stream, version, at, kind, release, actor, data }: StoredEvent, hash: string, file: string): LoggedEvent {
  try {
    return { seq, stream, version, at, kind, release, actor, data: JSON.parse(data), hash };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw logCorrupt(file, seq, `its data is not JSON: ${messageOf(error)}`, error);
  }
}
