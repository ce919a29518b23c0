import { runProgram } from '../system/run-program.ts';
import type { Outcome } from './ports.ts';

/** Longest line that goes on record. */
const lineMax = 200;

/** How a program ended: its exit code, or null when a signal ended it or it could not be run. */
export type Ended = Outcome & { readonly code: number | null };

/**
 * Runs a program of a hook or a backup to its end or to the signal, whichever comes first; then it is ended with everything it
 * started. Never rejects: one that cannot be run has failed, and says why.
 *
 * @param words - The program and its arguments; no shell reads them.
 * @param telling - Finds the one line of its output that goes on record, where that is not the last.
 */
export async function outcomeOf(
  words: readonly string[],
  cwd: string | null,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  telling: (output: string) => string | null = () => null,
): Promise<Ended> {
  const end = await runProgram(words, { env, ...(cwd === null ? {} : { cwd }) }, signal);
  switch (end.kind) {
    case 'not-run':
      return { ok: false, detail: `${words[0]} cannot be run: ${end.why}`, code: null };
    case 'called-off':
      return { ok: false, detail: 'ended by SIGKILL, because it was called off', code: null };
    case 'ended': {
      const line = lineOf(telling(end.output) ?? end.output);
      const detail = `${end.code === null ? `ended by ${end.by}` : `exit code ${end.code}`}${line ? `: ${line}` : ''}`;
      return { ok: end.code === 0, detail, code: end.code };
    }
  }
}

function lineOf(output: string): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, lineMax);
}
