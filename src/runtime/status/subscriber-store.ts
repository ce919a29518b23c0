import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { renameSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, UserError } from '../../errors.ts';
import { isDamaged, mustBeWhole } from '../../system/sqlite-damage.ts';
import { makePrivate } from '../private-file.ts';

/**
 * Addresses of subscribers by their ids, and the key that signs their links: beside the log, because what is in the log is there for ever
 * and in every copy of it. Every call is durable when it returns.
 *
 * @throws UserError `E_SUBSCRIBER_STORE` from every call when the file cannot be read or written.
 */
export type SubscriberStore = {
  addressOf(id: string): string | null;
  idOf(address: string): string | null;
  put(id: string, address: string): void;
  /** Takes an address away, also from the pages of the file. */
  forget(id: string): void;
  ids(): readonly string[];
  /** What a link holds as proof that it came from us. */
  sign(text: string): string;
  isSigned(text: string, signature: string): boolean;
  close(): void;
};

const schemaVersion = 1;
const keyBytes = 32;

/**
 * Opens the file, and makes it (mode 0600) when it is missing. One that is damaged is put aside under another name and begun anew.
 *
 * @param warn - Takes one line where a damaged file was put aside.
 * @throws UserError `E_SUBSCRIBER_STORE`.
 */
export function openSubscriberStore(file: string, warn: (text: string) => void = () => {}, now = Date.now): SubscriberStore {
  try {
    return storeIn(file);
  } catch (error) {
    if (!isDamaged(error)) throw storeError(file, error);
  }
  try {
    const putAside = `${file}.damaged-${now()}`;
    if (statSync(file, { throwIfNoEntry: false })) renameSync(file, putAside);
    warn(
      `the addresses of subscribers in ${file} are damaged: they were put aside as ${putAside}, and nobody gets mail of the status page until they subscribe again or are imported`,
    );
    return storeIn(file);
  } catch (error) {
    throw storeError(file, error);
  }
}

function storeIn(file: string): SubscriberStore {
  makePrivate(file);
  const db = new DatabaseSync(file, { timeout: 1_000 });
  try {
    // A rollback journal, and no WAL: what is deleted is overwritten, and no second file keeps it.
    db.exec(
      'PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF',
    );
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (version > schemaVersion) throw new Error(`it was written by a newer Rampart (schema ${version})`);
    mustBeWhole(db);
    db.exec(`BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS addresses (id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, address TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
      PRAGMA user_version = ${schemaVersion};
      COMMIT`);
    db.prepare('INSERT OR IGNORE INTO keys VALUES (?, ?)').run('links', randomBytes(keyBytes));
    return callsOf(db, file);
  } catch (error) {
    db.close();
    throw error;
  }
}

function callsOf(db: DatabaseSync, file: string): SubscriberStore {
  const sql = {
    address: db.prepare('SELECT address FROM addresses WHERE id = ?'),
    id: db.prepare('SELECT id FROM addresses WHERE folded = ?'),
    put: db.prepare('INSERT INTO addresses VALUES (?, ?, ?)'),
    forget: db.prepare('DELETE FROM addresses WHERE id = ?'),
    ids: db.prepare('SELECT id FROM addresses'),
    key: db.prepare("SELECT value FROM keys WHERE name = 'links'"),
  };
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storeError(file, error);
    }
  };
  const key = Buffer.from(sql.key.get()?.value as Uint8Array);
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  return {
    addressOf: (id) => guarded(() => (sql.address.get(id)?.address as string | undefined) ?? null),
    idOf: (address) => guarded(() => (sql.id.get(folded(address))?.id as string | undefined) ?? null),
    put: (id, address) => void guarded(() => sql.put.run(id, folded(address), address)),
    forget: (id) => void guarded(() => sql.forget.run(id)),
    ids: () => guarded(() => sql.ids.all().map(({ id }) => String(id))),
    sign,
    isSigned: (text, signature) => {
      const [given, own] = [Buffer.from(signature), Buffer.from(sign(text))];
      return given.length === own.length && timingSafeEqual(given, own);
    },
    close: () => db.close(),
  };
}

/** By RFC 5321 the part before the @ may depend on its case; there is hardly a server where it does. */
function folded(address: string): string {
  return address.toLowerCase();
}

function storeError(file: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError('E_SUBSCRIBER_STORE', `cannot use the addresses of subscribers in ${file}: ${messageOf(error)}`, {
    where: file,
    fix: 'check the disk, and that the file belongs to the user that Rampart runs as',
    cause: error,
  });
}
