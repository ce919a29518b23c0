import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Longest that a program may take to begin, to answer or to end. */
export const patienceMs = 60_000;
const lookMs = 10;

/** Nobody: a server of a test has no business with what is root's. */
export const nobody = 65_534;

/** Of `spawn`, for a program that must not be root; whoever is not root stays who they are. */
export const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** A folder of its own for a program that runs as nobody, with one inside that it may write to; both are removed by `Daemon.remove`. */
export function daemonFolder(name: string, inner: string, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, `rampart-${name}-`));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, inner), { mode: 0o700 });
  if (asNobody.uid !== undefined) chownSync(join(folder, inner), nobody, nobody);
  return folder;
}

/** How a program is begun. */
export type Beginning = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it does what only root may. Without this it runs as nobody. */
  readonly isRoot?: true;
  /** Whether it can be used. */
  readonly isReady: (child: ChildProcess) => Promise<boolean>;
};

/** The process of a server that a test has started: it ends with the test, however that ends. */
export class Daemon {
  readonly name: string;
  readonly folder: string;
  readonly #kill = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  /** @param folder - Of `daemonFolder`. */
  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
    process.once('exit', this.#kill);
  }

  get child(): ChildProcess | null {
    return this.#child;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it as nobody, unless it has to be root, and waits until it is ready. */
  async up({ program, args, cwd, env = {}, isRoot, isReady }: Beginning): Promise<void> {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], ...(isRoot ? {} : asNobody) });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4_000)));
    const deadlineMs = performance.now() + patienceMs;
    while (!(await isReady(child))) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${this.name} ended with ${child.exitCode ?? child.signalCode}: ${this.#output}`);
      if (performance.now() > deadlineMs) throw new Error(`${this.name} is not ready: ${this.#output}`);
      await delay(lookMs);
    }
  }

  /** Ends it, as a crash does or as its service manager does; its folder stays. */
  async down(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child) await ended(child, signal);
  }

  /** Ends it and removes all it left. */
  async remove(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL'): Promise<void> {
    await this.down(signal);
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sends a signal, null for none, and waits until the process has ended; it is killed when it does not. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals | null): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (signal) child.kill(signal);
  const hurry = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await gone;
  clearTimeout(hurry);
}
