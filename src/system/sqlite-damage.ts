import type { DatabaseSync } from 'node:sqlite';
import { isCorrupt } from './sqlite-codes.ts';

/** A file is a database, and its content contradicts itself. */
class Damage extends Error {}

/** @throws an error that `isDamaged` knows, where the content of a database contradicts itself. */
export function mustBeWhole(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw new Damage(String(found));
}

/** Whether the content of a file is wrong, and not the disk or the permissions. */
export function isDamaged(error: unknown): boolean {
  return error instanceof Damage || isCorrupt(error);
}
