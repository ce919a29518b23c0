import type { DatabaseSync } from 'node:sqlite';

/** A file is a database, and its content contradicts itself. */
class Damage extends Error {}

/** @throws an error that `isDamaged` knows, where the content of a database contradicts itself. */
export function mustBeWhole(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw new Damage(String(found));
}

/** Whether the content of a file is wrong, and not the disk or the permissions: SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
export function isDamaged(error: unknown): boolean {
  if (error instanceof Damage) return true;
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 11 || code === 26;
}
