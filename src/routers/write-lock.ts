import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { isBusy } from '../system/sqlite-codes.ts';

const lookAgainMs = 5;
/** What is locked, and for how long another writer is waited for. */
export type WriteLock = {
  /** Stands for the router; the same for everybody who writes to it. It is made, and stays empty. */
  readonly file: string;
  readonly patienceMs: number;
  /** Says why such a file cannot be made or opened there. */
  readonly unusable: (cause: unknown) => UserError;
};

/**
 * Does `work` while no other Rampart on this machine writes to the same router: of two writers that overlap neither would get its route.
 * The lock is one that SQLite takes from the operating system, so it goes with the process that holds it, however that dies.
 *
 * @throws UserError `E_ROUTER_UNREACHABLE` when somebody else has the lock for all that time.
 */
export async function withWriteLock<T>(wanted: WriteLock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const lock = await taken(wanted, signal);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function taken({ file, patienceMs, unusable }: WriteLock, signal: AbortSignal): Promise<DatabaseSync> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    signal.throwIfAborted();
    let lock: DatabaseSync | undefined;
    try {
      lock = new DatabaseSync(file, { timeout: 0 });
      // Nothing is ever written in this transaction; it is there for its lock.
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
      return lock;
    } catch (error) {
      lock?.close();
      if (!isBusy(error)) throw unusable(error);
    }
    if (performance.now() > deadlineMs)
      throw new UserError('E_ROUTER_UNREACHABLE', 'another Rampart is writing to this router, and does not come to an end', {
        where: file,
        fix: 'Find out which other Rampart works on it: one service has one. It is tried again.',
      });
    await delay(lookAgainMs, undefined, { signal });
  }
}
