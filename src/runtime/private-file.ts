import { chmodSync, closeSync, openSync } from 'node:fs';
import { systemCode } from '../errors.ts';

/**
 * Makes a file of SQLite that only its owner may read (mode 0600), or makes one that is there so. SQLite gives its -wal and -shm files
 * the mode of the main file, so this comes before it is opened.
 *
 * @param file - `:memory:` for none.
 * @throws The system's errors.
 */
export function makePrivate(file: string): void {
  if (file === ':memory:') return;
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    chmodSync(file, 0o600);
  }
}
