import { styleText } from 'node:util';
import { messageOf, systemCode, UserError } from '../errors.ts';
import { renderProblems, SpecError } from '../spec/problem.ts';
import { redactedText } from '../views/redacted.ts';

/** Exit codes of every command (DESIGN §7). */
export const exitCodes = { done: 0, no: 1, wrongInput: 2, unreachable: 3 } as const;

const unreachableCodes = new Set([
  'E_UNREACHABLE',
  'E_TOO_MANY',
  'E_STREAMS_FULL',
  'E_NO_CONTROLLER',
  'E_RUN_BROKEN',
  'E_ROUTER_UNREACHABLE',
  'E_ALREADY_RUNNING',
  'E_LOG_UNAVAILABLE',
  'E_LOG_FULL',
  'E_LOG_FAILING',
  'E_ACCESS_STORE',
  'E_SUBSCRIBER_STORE',
  'E_STOPPED',
  'E_LOG_CORRUPT',
  'E_DATA_FOLDER',
  'E_PORT_TAKEN',
]);
const noCodes = new Set(['E_REFUSED', 'E_NOTHING_TO_ROLL_BACK']);

let outputLost = (error: NodeJS.ErrnoException): void => {
  // A pipe that is closed early (`rampart status | head`) is no failure.
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
};

/** Says what a command does when nobody can read it any more; without this it ends there and then. */
export function whenOutputIsLost(act: (error: NodeJS.ErrnoException) => void): void {
  outputLost = act;
}

/** Listens for the loss of the output, which would end the process otherwise: a closed pipe or terminal, a full disk. */
export function watchOutput(): void {
  process.stdout.on('error', (error) => outputLost(error));
  // There is nowhere left to say that nothing more can be said.
  process.stderr.on('error', () => {});
}

/** Prints an answer: for programs as one line of JSON, for people as text. */
export function print(json: boolean, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}

/** Prints an error the same way on every command, and answers with the exit code it means. */
export function printError(json: boolean, error: unknown): number {
  if (json) process.stdout.write(`${JSON.stringify(errorValue(error))}\n`);
  else process.stderr.write(`${errorText(error)}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof UserError)) return systemCode(error) === undefined ? exitCodes.wrongInput : exitCodes.unreachable;
  if (noCodes.has(error.code)) return exitCodes.no;
  return unreachableCodes.has(error.code) ? exitCodes.unreachable : exitCodes.wrongInput;
}

function errorValue(error: unknown): unknown {
  if (!(error instanceof UserError)) return { error: messageOf(error), code: systemCode(error) ?? 'E_INTERNAL' };
  const value = { error: error.message, code: error.code, where: error.where, fix: error.fix };
  return error instanceof SpecError ? { ...value, problems: error.problems } : value;
}

function errorText(error: unknown): string {
  // The lines of the document come along, and what a job prints is kept: a secret that was refused must not be in there either.
  if (error instanceof SpecError) return redactedText(renderProblems(error.problems, error.source));
  if (error instanceof UserError)
    return `${styleText('red', 'error', { stream: process.stderr })} ${error.message}\n  where: ${error.where}\n  do: ${error.fix}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
