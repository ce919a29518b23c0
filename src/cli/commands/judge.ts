import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { openRun, type StreamRun, tickRun } from '../../analysis/stream.ts';
import { readLine } from '../../analysis/stream-message.ts';
import { action } from '../command.ts';
import { exitCodes } from '../output.ts';

/** Runs that may be open at once: about 12 KiB each. */
const runsMax = 10_000;

/** Lines that are told to be wrong, one by one; after that only their number. */
const problemsMax = 100;

/**
 * `judge`: the guard as a program on the stream protocol, for scorers and comparisons with other deciders. One JSON message per line
 * on stdin, one JSON answer per tick on stdout; `src/analysis/stream.ts` has the shapes.
 */
export function judgeCommand(program: Command): void {
  program
    .command('judge')
    .description('let the guard decide on counts from stdin, one JSON message per line; one JSON verdict per tick on stdout')
    .option('--json', 'accepted on every command; this one speaks nothing else')
    .action(action(() => judgeLines(process.stdin, process.stdout, process.stderr)));
}

/**
 * Answers each tick as soon as the lines that came with it are read. A line that is wrong changes nothing, and is named.
 * @returns The exit code: wrong input when any line was wrong.
 */
async function judgeLines(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  problems: NodeJS.WritableStream,
): Promise<number> {
  const runs = new Map<string, StreamRun>();
  const lines = createInterface({ input });
  let answers: string[] = [];
  let number = 0;
  let wrong = 0;

  function flush(): void {
    if (answers.length === 0) return;
    const hasRoom = output.write(`${answers.join('\n')}\n`);
    answers = [];
    if (hasRoom) return;
    // Whoever does not read its answers is not asked for more: nothing here grows without bound.
    lines.pause();
    output.once('drain', () => lines.resume());
  }

  /** What is wrong with a line; null when it was taken. */
  function take(line: string): string | null {
    const { message, problem } = readLine(line);
    if (message === null) return problem;
    const run = runs.get(message.run);
    switch (message.op) {
      case 'open':
        if (run) return `${message.run} is open already`;
        if (runs.size >= runsMax) return `more than ${runsMax} runs are open; close some`;
        runs.set(message.run, openRun(message));
        return null;
      case 'close':
        return runs.delete(message.run) ? null : `${message.run} is not open`;
      case 'tick': {
        if (!run) return `${message.run} is not open`;
        answers.push(JSON.stringify(tickRun(run, message)));
        // Answers to the lines of one chunk go out together: a write each would be most of the work.
        if (answers.length === 1) setImmediate(flush);
        return null;
      }
    }
  }

  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      number += 1;
      if (line.trim() === '') return;
      const problem = take(line);
      if (problem === null) return;
      wrong += 1;
      if (wrong <= problemsMax) problems.write(`error line ${number}: ${problem}\n`);
    });
    lines.once('close', resolve);
  });
  flush();
  if (wrong > problemsMax) problems.write(`error ${wrong} lines were wrong; the first ${problemsMax} are named\n`);
  return wrong === 0 ? exitCodes.done : exitCodes.wrongInput;
}
