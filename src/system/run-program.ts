import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { pipeline, type Readable, type Writable } from 'node:stream';
import { messageOf } from '../errors.ts';

/** What is kept of a program's output unless more is asked for: its end, where it says what was wrong. */
const outputMax = 16_384;

/** How long its last words are waited for once it has ended, and its end once it was killed. */
const lastWordsMs = 1_000;

/** Where a program runs. */
export type ProgramPlace = {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly input?: Readable | undefined;
  /** Hears all of its output as it comes; it may not throw. */
  readonly heard?: ((part: string, stream: 'stdout' | 'stderr') => void) | undefined;
  /** Whether what it has started ends with it, however it ends. Else that is killed only when it is called off. */
  readonly endsAll?: boolean | undefined;
};

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** How a program ended. */
export type ProgramEnd =
  | {
      readonly kind: 'ended';
      /** Null when a signal ended it. */
      readonly code: number | null;
      readonly by: NodeJS.Signals | null;
      /** The end of what it said, on either stream. */
      readonly output: string;
    }
  | { readonly kind: 'not-run'; readonly why: string; readonly cause: unknown }
  /** The signal came first, and it was killed. `output`: the end of what it had said by then. */
  | { readonly kind: 'called-off'; readonly output: string };

/**
 * Runs a program to its end or to the signal, whichever comes first; then it is killed with everything it has started. Never rejects,
 * and never waits for what a program leaves running: its pipes may stay open for ever.
 *
 * @param words - The program and its arguments; no shell reads them.
 * @param place - Where it runs and with which environment; those of this process where they are left out. `input` is what it reads: it is
 * closed in the end, and whoever has made it sees its errors.
 * @param keptMax - Characters of its output that are kept.
 */
export function runProgram(
  words: readonly string[],
  { input, heard, endsAll = false, ...place }: ProgramPlace,
  signal: AbortSignal,
  keptMax = outputMax,
): Promise<ProgramEnd> {
  const [program = '', ...rest] = words;
  return new Promise((resolve) => {
    if (signal.aborted) {
      input?.destroy();
      return resolve({ kind: 'called-off', output: '' });
    }
    const output = new Tail(keptMax);
    let timer: NodeJS.Timeout | undefined;
    // A group of its own, so that what it has started is killed with it.
    const stdin = input ? 'pipe' : 'ignore';
    // What it is typed as is known of fixed words alone.
    const child = spawn(program, rest, { ...place, detached: true, stdio: [stdin, 'pipe', 'pipe'] }) as Child;
    const finish = (end: ProgramEnd): void => {
      signal.removeEventListener('abort', callOff);
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      input?.destroy();
      resolve(end);
    };
    const ended = (code: number | null, by: NodeJS.Signals | null): ProgramEnd =>
      signal.aborted ? { kind: 'called-off', output: output.text } : { kind: 'ended', code, by, output: output.text };
    function callOff(): void {
      killGroup(child);
      // One that is somebody else's, such as `sudo`, cannot be killed.
      timer ??= setTimeout(() => finish(ended(null, null)), lastWordsMs);
    }
    signal.addEventListener('abort', callOff, { once: true });
    // A program that ends early leaves it unread, which its end tells.
    if (input && child.stdin) pipeline(input, child.stdin, () => {});
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (part: string) => {
        output.add(part);
        heard?.(part, stream);
      });
    child.once('error', (error) => finish({ kind: 'not-run', why: messageOf(error), cause: error }));
    child.once('close', (code, by) => finish(ended(code, by)));
    child.once('exit', (code, by) => {
      if (endsAll) killGroup(child);
      timer ??= setTimeout(() => finish(ended(code, by)), lastWordsMs);
    });
  });
}

/** The end of a text that comes in parts. Whatever is not kept is let go as it comes. */
class Tail {
  readonly #max: number;
  readonly #parts: string[] = [];
  #chars = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(part: string): void {
    this.#parts.push(part);
    this.#chars += part.length;
    while (this.#chars - (this.#parts[0]?.length ?? 0) >= this.#max) this.#chars -= this.#parts.shift()?.length ?? 0;
  }

  get text(): string {
    return this.#parts.join('').slice(-this.#max);
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already, or is somebody else's.
  }
}
