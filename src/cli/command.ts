import type { Command } from 'commander';
import { exitCodes, printError } from './output.ts';

/** Options that every command has. */
export type CommonOptions = { readonly json?: boolean; readonly data?: string };

/** Adds `--json` and `--data` to a command. */
export function withCommon(command: Command): Command {
  return command
    .option('--json', 'print JSON for programs')
    .option('--data <folder>', 'data folder of the controller (default: RAMPART_DATA, else .rampart)');
}

/** For an option that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/**
 * Makes an action of a command: its answer is the exit code (default: done), its errors are printed in one way. An action ends when
 * its work has: nothing is cut off by an early exit.
 */
export function action<Arguments extends unknown[]>(
  run: (...args: Arguments) => Promise<number | undefined> | number | undefined,
) {
  return async (...args: Arguments): Promise<void> => {
    try {
      process.exitCode = (await run(...args)) ?? exitCodes.done;
    } catch (error) {
      const options = args.findLast((arg) => typeof arg === 'object' && arg !== null && !('parent' in arg)) as
        | CommonOptions
        | undefined;
      process.exitCode = printError(options?.json === true, error);
    }
  };
}
