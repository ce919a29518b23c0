import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import { messageOf, UserError } from '../../errors.ts';
import type { Launch } from './environment.ts';
import { processMark } from './process-table.ts';
import { folderError } from './record.ts';

/** A process that was just started. */
export type Launched = { readonly child: ChildProcess; readonly pid: number; readonly mark: string };

/** Opens a log for appending, and says how long it is (bytes). The descriptor belongs to the caller. */
export function openLog(file: string): { readonly fd: number; readonly size: number } {
  try {
    const fd = openSync(file, 'a', 0o600);
    fchmodSync(fd, 0o600); // A log may hold what only the service's owner should read, whatever it was before.
    return { fd, size: fstatSync(fd).size };
  } catch (error) {
    throw folderError(file, error);
  }
}

/**
 * Starts a process in a session of its own, writing straight into its log, so that neither depends on the controller's life.
 *
 * @param fd - The log, open for appending. It is closed here.
 * @throws UserError `E_COMMAND_NOT_FOUND` when the system refuses to run the program.
 */
export async function launchProcess(launch: Launch, fd: number): Promise<Launched> {
  let child: ChildProcess;
  try {
    child = spawn(launch.program, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: ['ignore', fd, fd],
    });
  } catch (error) {
    throw refusal(launch, error);
  } finally {
    closeSync(fd);
  }
  if (child.pid === undefined) {
    const [error] = await once(child, 'spawn').catch((thrown: unknown) => [thrown]);
    throw refusal(launch, error);
  }
  child.on('error', () => undefined); // Signals go by pid; nothing else of it can fail from here on.
  child.unref();
  // Without a mark it has already ended: no process will ever match this, and its `exit` comes in a moment.
  return { child, pid: child.pid, mark: processMark(child.pid) ?? 'ended' };
}

function refusal(launch: Launch, error: unknown): UserError {
  return new UserError('E_COMMAND_NOT_FOUND', `the system cannot run ${launch.program}: ${messageOf(error)}`, {
    where: 'target.process.command',
    fix: 'Check that it is a program for this machine, and that the interpreter in its first line exists.',
    cause: error,
  });
}
