import { renameSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, UserError } from '../../errors.ts';
import { makePrivate } from '../../runtime/private-file.ts';
import { isDamaged, mustBeWhole } from '../../system/sqlite-damage.ts';

/** A session as it is stored: everything but its secret. Times are unix milliseconds. */
export type Session = {
  readonly id: string;
  readonly user: string;
  readonly createdAtMs: number;
  readonly lastSeenMs: number;
};

/** What a one-time code is for: the first admin (`subject` is empty), or the password of a user. */
export type Code = { readonly purpose: 'setup' | 'password'; readonly subject: string };
export type StoredCode = Code & { readonly untilMs: number };

/** Ends of a session: this long after its last request, and this long after it was made. */
export type SessionLimits = { readonly idleMs: number; readonly maxMs: number };

/** Half a day, and a week. */
export const sessionLimits: SessionLimits = { idleMs: 12 * 3_600_000, maxMs: 7 * 86_400_000 };

export const codeMs = 24 * 3_600_000;

/** Sessions of one user; the one not used for longest makes room. */
const sessionsMax = 30;

const schemaVersion = 1;

/**
 * The secrets of users and tokens, as verifiers and hashes, in a SQLite file of its own. Who they are and what they may is in the log;
 * without this file nobody gets in but the owner of the data folder, and nothing else is lost. Every call is durable when it returns.
 *
 * @throws UserError `E_ACCESS_STORE` from every call when the file cannot be read or written.
 */
export type Credentials = {
  verifier(user: string): string | null;
  setVerifier(user: string, verifier: string): void;
  /** Takes everything of a user away. */
  forgetUser(user: string): void;
  addToken(id: string, hash: string): void;
  tokenId(hash: string): string | null;
  tokenUsed(id: string, atMs: number): void;
  tokenLastUsedMs(id: string): number | null;
  forgetToken(id: string): void;
  addSession(session: Session, hash: string): void;
  /** The session of a secret that has not ended at `atMs`. */
  session(hash: string, atMs: number): Session | null;
  sessionById(id: string, atMs: number): Session | null;
  sessionSeen(id: string, atMs: number): void;
  endSession(id: string): void;
  /** Ends the sessions of a user, but for one. */
  endSessions(user: string, except: string | null): void;
  /** A code takes the place of those before it with the same purpose and subject. */
  addCode(code: Code, hash: string, untilMs: number): void;
  code(hash: string, atMs: number): StoredCode | null;
  /** Uses a code up. Only one of many that try at once gets it. */
  takeCode(hash: string, atMs: number): StoredCode | null;
  forgetCodes(code: Code): void;
  close(): void;
};

/**
 * Opens the file, and makes it (mode 0600) when it is missing. One that is damaged is put aside under another name and begun anew:
 * guarding releases matters more than who may sign in, and without it nobody may.
 *
 * @returns `found`: how it was; `made` for a new one, the path of the damaged one when it was put aside.
 * @throws UserError `E_ACCESS_STORE`.
 */
export function openCredentials(
  file: string,
  limits: SessionLimits = sessionLimits,
  now: () => number = Date.now,
): { readonly credentials: Credentials; readonly found: 'whole' | 'missing' | { readonly putAside: string } } {
  const isMissing = statSync(file, { throwIfNoEntry: false }) === undefined;
  try {
    return { credentials: credentialsIn(file, limits), found: isMissing ? 'missing' : 'whole' };
  } catch (error) {
    if (!isDamaged(error)) throw storeError(file, error);
  }
  try {
    const putAside = `${file}.damaged-${now()}`;
    for (const end of ['', '-wal', '-shm'])
      if (statSync(`${file}${end}`, { throwIfNoEntry: false })) renameSync(`${file}${end}`, `${putAside}${end}`);
    return { credentials: credentialsIn(file, limits), found: { putAside } };
  } catch (error) {
    throw storeError(file, error);
  }
}

function credentialsIn(file: string, limits: SessionLimits): Credentials {
  makePrivate(file);
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    setUp(db);
    return statementsOf(db, file, limits);
  } catch (error) {
    db.close();
    throw error;
  }
}

function setUp(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA trusted_schema = OFF');
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version > schemaVersion) throw new Error(`it was written by a newer Rampart (schema ${version})`);
  mustBeWhole(db);
  db.exec(`BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS passwords (user TEXT PRIMARY KEY, verifier TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, used INTEGER) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user, seen);
    CREATE TABLE IF NOT EXISTS codes (
      hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, subject TEXT NOT NULL, until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = ${schemaVersion};
    COMMIT`);
}

function statementsOf(db: DatabaseSync, file: string, { idleMs, maxMs }: SessionLimits): Credentials {
  const columns = 'SELECT id, user, created AS createdAtMs, seen AS lastSeenMs FROM sessions';
  const open = `created > ? - ${maxMs} AND seen > ? - ${idleMs}`;
  const sql = {
    verifier: db.prepare('SELECT verifier FROM passwords WHERE user = ?'),
    setVerifier: db.prepare('INSERT OR REPLACE INTO passwords VALUES (?, ?)'),
    forgetPassword: db.prepare('DELETE FROM passwords WHERE user = ?'),
    addToken: db.prepare('INSERT INTO tokens VALUES (?, ?, NULL)'),
    tokenId: db.prepare('SELECT id FROM tokens WHERE hash = ?'),
    tokenUsed: db.prepare('UPDATE tokens SET used = ? WHERE id = ?'),
    tokenLastUsed: db.prepare('SELECT used FROM tokens WHERE id = ?'),
    forgetToken: db.prepare('DELETE FROM tokens WHERE id = ?'),
    addSession: db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?)'),
    session: db.prepare(`${columns} WHERE hash = ? AND ${open}`),
    sessionById: db.prepare(`${columns} WHERE id = ? AND ${open}`),
    sessionSeen: db.prepare('UPDATE sessions SET seen = ? WHERE id = ?'),
    endSession: db.prepare('DELETE FROM sessions WHERE id = ?'),
    endSessions: db.prepare('DELETE FROM sessions WHERE user = ? AND id IS NOT ?'),
    clearSessions: db.prepare(`DELETE FROM sessions WHERE NOT (${open}) OR id IN
      (SELECT id FROM sessions WHERE user = ? ORDER BY seen DESC LIMIT -1 OFFSET ${sessionsMax - 1})`),
    addCode: db.prepare('INSERT INTO codes VALUES (?, ?, ?, ?)'),
    code: db.prepare('SELECT purpose, subject, until AS untilMs FROM codes WHERE hash = ? AND until > ?'),
    takeCode: db.prepare('DELETE FROM codes WHERE hash = ? AND until > ? RETURNING purpose, subject, until AS untilMs'),
    forgetCodes: db.prepare('DELETE FROM codes WHERE purpose = ? AND subject = ?'),
  };

  function guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(file, error);
    }
  }

  function together(work: () => void): void {
    guarded(() => {
      db.exec('BEGIN IMMEDIATE');
      try {
        work();
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  const run = (statement: ReturnType<DatabaseSync['prepare']>, ...values: (string | number | null)[]): void =>
    void guarded(() => statement.run(...values));
  const one = <Row>(statement: ReturnType<DatabaseSync['prepare']>, ...values: (string | number)[]): Row | null =>
    guarded(() => (statement.get(...values) as Row | undefined) ?? null);

  return {
    verifier: (user) => one<{ verifier: string }>(sql.verifier, user)?.verifier ?? null,
    setVerifier: (user, verifier) => run(sql.setVerifier, user, verifier),
    forgetUser: (user) =>
      together(() => {
        sql.forgetPassword.run(user);
        sql.endSessions.run(user, null);
        sql.forgetCodes.run('password', user);
      }),
    addToken: (id, hash) => run(sql.addToken, id, hash),
    tokenId: (hash) => one<{ id: string }>(sql.tokenId, hash)?.id ?? null,
    tokenUsed: (id, atMs) => run(sql.tokenUsed, atMs, id),
    tokenLastUsedMs: (id) => one<{ used: number | null }>(sql.tokenLastUsed, id)?.used ?? null,
    forgetToken: (id) => run(sql.forgetToken, id),
    addSession: ({ id, user, createdAtMs, lastSeenMs }, hash) =>
      together(() => {
        sql.clearSessions.run(createdAtMs, createdAtMs, user);
        sql.addSession.run(id, hash, user, createdAtMs, lastSeenMs);
      }),
    session: (hash, atMs) => one<Session>(sql.session, hash, atMs, atMs),
    sessionById: (id, atMs) => one<Session>(sql.sessionById, id, atMs, atMs),
    sessionSeen: (id, atMs) => run(sql.sessionSeen, atMs, id),
    endSession: (id) => run(sql.endSession, id),
    endSessions: (user, except) => run(sql.endSessions, user, except),
    addCode: ({ purpose, subject }, hash, untilMs) =>
      together(() => {
        sql.forgetCodes.run(purpose, subject);
        sql.addCode.run(hash, purpose, subject, untilMs);
      }),
    code: (hash, atMs) => one<StoredCode>(sql.code, hash, atMs),
    takeCode: (hash, atMs) => one<StoredCode>(sql.takeCode, hash, atMs),
    forgetCodes: ({ purpose, subject }) => run(sql.forgetCodes, purpose, subject),
    close: () => db.close(),
  };
}

function storeError(file: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError('E_ACCESS_STORE', `cannot use the passwords and tokens in ${file}: ${messageOf(error)}`, {
    where: file,
    fix: 'check the disk, and that the file belongs to the user that Rampart runs as; the token of the data folder works without it',
    cause: error,
  });
}
