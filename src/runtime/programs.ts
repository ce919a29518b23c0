import { spawn } from 'node:child_process';
import type { Outcome } from './ports.ts';

/** What is kept of a program's output: enough for its last line. */
const outputMax = 4_096;

/** Longest last line that goes on record. */
const lineMax = 200;

/** How long what a program has written may take to arrive after its end; what it leaves running may hold its output open for ever. */
const outputGraceMs = 500;

/** How a program ended: its exit code, or null when a signal ended it or it could not be run. */
export type Ended = Outcome & { readonly code: number | null };

/**
 * Runs a program to its end or to the signal, whichever comes first; then it is ended with everything it started. Never rejects: one
 * that cannot be run has failed, and says why.
 *
 * @param words - The program and its arguments; no shell reads them.
 */
export function runProgram(
  words: readonly string[],
  cwd: string | null,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve) => {
    const [program = '', ...rest] = words;
    // A group of its own, so that what it started ends with it.
    const child = spawn(program, rest, {
      ...(cwd === null ? {} : { cwd }),
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-outputMax);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    signal.addEventListener('abort', kill, { once: true });
    const finish = (ended: Ended): void => {
      signal.removeEventListener('abort', kill);
      resolve(ended);
    };
    child.once('error', (error) => finish({ ok: false, detail: `${program} cannot be run: ${error.message}`, code: null }));
    child.once('exit', () => {
      const cut = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputGraceMs);
      child.once('close', () => clearTimeout(cut));
    });
    child.once('close', (code, ended) => {
      const last = lastLine(output);
      const detail = `${code === null ? `ended by ${ended}` : `exit code ${code}`}${last ? `: ${last}` : ''}`;
      finish({ ok: code === 0, detail, code });
    });
    if (signal.aborted) kill();
  });
}

function lastLine(output: string): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, lineMax);
}
