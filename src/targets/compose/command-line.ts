import { spawn } from 'node:child_process';
import { messageOf, systemCode } from '../../errors.ts';
import { printable } from '../end-text.ts';

/** More than any answer of a thousand containers; what is longer is an error. */
const outputMax = 16 * 1_048_576;
/** What is kept of what a program says beside its answer: its last words. */
const wordsMax = 16_384;
const lineMax = 400;

/** A call of a program; no shell reads it. */
export type Call = {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Its standard input; none by default. */
  readonly input?: string;
  /** After this it is killed. */
  readonly timeoutMs: number;
};

/** How a call ended. `why` is set where there was no exit code; `isMissing` where there is no such program. */
export type Answer = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly why?: string;
  readonly isMissing?: true;
};

/**
 * Runs a program to its end, its timeout or the signal, whichever comes first; then it is killed with what it started. Rejects with the
 * reason of the signal only: everything else is an answer.
 */
export function run({ words, env, cwd, input, timeoutMs }: Call, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const [program = '', ...args] = words;
    // A group of its own: `docker compose` is a program that starts another.
    const child = spawn(program, args, { env, ...(cwd && { cwd }), detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let why: string | undefined;
    const kill = (reason: string): void => {
      why ??= reason;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    const timer = setTimeout(() => kill(`no end within ${timeoutMs / 1_000} s`), timeoutMs);
    timer.unref();
    const abort = (): void => kill('given up');
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > outputMax) kill(`more than ${outputMax} bytes of output`);
      else output.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-wordsMax)));
    const finish = (answer: Pick<Answer, 'code' | 'why' | 'isMissing'>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (signal.aborted) reject(signal.reason);
      else resolve({ ...answer, stdout: Buffer.concat(output).toString('utf8'), stderr });
    };
    child.once('error', (error) =>
      finish({ code: null, why: messageOf(error), ...(systemCode(error) === 'ENOENT' && { isMissing: true }) }),
    );
    child.once('close', (code, ended) => {
      if (why !== undefined || code === null) finish({ code: null, why: why ?? `ended by ${ended}` });
      else finish({ code });
    });
    child.stdin.on('error', () => undefined); // It may end without having read all of it.
    child.stdin.end(input);
  });
}

/** The last line that a program said, for people; why it has no exit code when it said nothing. */
export function lastWords({ stderr, stdout, code, why }: Answer): string {
  const line = [stderr, stdout].flatMap(
    (text) =>
      text
        .split(/[\r\n]+/)
        .map((one) => printable(one).trim())
        .filter(Boolean)
        .at(-1) ?? [],
  )[0];
  const words =
    why === undefined ? (line ?? `exit code ${code}`) : `${why}${line === undefined ? '' : `; its last line: ${line}`}`;
  return words.length > lineMax ? `${words.slice(0, lineMax - 1)}…` : words;
}
