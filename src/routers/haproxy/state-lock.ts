import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { stateError } from './record.ts';

const lookAgainMs = 5;
const patienceMs = 2_000;

/**
 * Does `work` while no other Rampart writes to the same backend: between commands of two writers neither would get its route. The lock
 * is one that SQLite takes from the operating system, so it goes with the process that holds it, however that dies.
 *
 * @throws UserError `E_ROUTER_UNREACHABLE` when somebody else has it for 2 s.
 */
export async function locked<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const lock = await taken(file, signal);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function taken(file: string, signal: AbortSignal): Promise<DatabaseSync> {
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
      if (!isBusy(error)) throw stateError(file, 'locked', error);
    }
    if (performance.now() > deadlineMs)
      throw new UserError('E_ROUTER_UNREACHABLE', 'another Rampart is writing to this backend and does not come to an end', {
        where: file,
        fix: 'Find out which Rampart works on this HAProxy; one service has one.',
      });
    await delay(lookAgainMs, undefined, { signal });
  }
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteBusy;
}
