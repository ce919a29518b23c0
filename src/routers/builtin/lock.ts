import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '../../system/sqlite-codes.ts';

/** How often the file may be another one by the time it is locked, because somebody clears the folder up. */
const triesMax = 5;

/**
 * The lock of a router's folder: whoever has it is its only router, or clears it up. SQLite's file lock is the one lock in Node that
 * the system itself takes away when its process ends, however it ends. Null when another process has it.
 */
export function takeLock(file: string): DatabaseSync | null {
  for (let tries = 0; tries < triesMax; tries++) {
    const before = fileNumber(file);
    const lock = new DatabaseSync(file);
    try {
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      // A file that was removed between opening and locking locks nobody out: the next one who comes makes another.
      if (before !== null && before === fileNumber(file)) return lock;
      lock.close();
    } catch (error) {
      lock.close();
      if (isBusy(error)) return null;
      throw error;
    }
  }
  return null;
}

function fileNumber(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
