/**
 * What SQLite itself says of a failure, by its result codes.
 *
 * @see https://www.sqlite.org/rescode.html
 */

const [otherShape, busy, corrupt, noDatabase] = [1, 5, 11, 26];

/** The extended result code; 0 when the error is not SQLite's. */
export function extendedCode(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return 0;
  return typeof error.errcode === 'number' ? error.errcode : 0;
}

/** Somebody else has the lock (SQLITE_BUSY). */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === busy;
}

/** The content of the file is wrong, and not the disk or the permissions (SQLITE_CORRUPT, SQLITE_NOTADB). */
export function isCorrupt(error: unknown): boolean {
  const code = primaryCode(error);
  return code === corrupt || code === noDatabase;
}

/** It is a database, and has not the tables that were expected (SQLITE_ERROR). */
export function isOfOtherShape(error: unknown): boolean {
  return primaryCode(error) === otherShape;
}

/** The file itself is of no use, and not only the disk full or closed. */
export function isUnusable(error: unknown): boolean {
  return isCorrupt(error) || isOfOtherShape(error);
}

/** Without the reason in its upper bits. */
function primaryCode(error: unknown): number {
  return extendedCode(error) & 0xff;
}
