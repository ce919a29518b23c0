import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Kernel ticks per second in /proc: fixed at 100 in Linux's interface to programs (`USER_HZ`). */
const ticksPerSecond = 100;

/** How long a program may take to end. */
const endMaxMs = 3_000;

/** Processor time that a process and its children have used so far (user and system), in milliseconds. */
export function cpuMs(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + ownCpuMs(member), 0);
}

function ownCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name stands in brackets and may hold anything, so the fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000;
}

/** A process and everything below it. */
function treeOf(pid: number): readonly number[] {
  const found = [pid];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    for (const child of children === '' ? [] : children.split(' ')) found.push(...treeOf(Number(child)));
  }
  return found;
}

/** A folder for one bench, and everything that runs in it. Whatever happens, `remove` leaves neither behind. */
export type Workplace = {
  readonly folder: string;
  /** Starts a program whose output goes to a file, so that nobody waits for a pipe that a detached child holds open. */
  start(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  remove(): Promise<void>;
};

/** Makes a private folder under the temporary one. */
export function workplace(name: string): Workplace {
  const folder = mkdtempSync(join(tmpdir(), `rampart-bench-${name}-`));
  const children = new Set<ChildProcess>();
  return {
    folder,
    start(command, args, options = {}) {
      const log = openSync(join(folder, 'output.log'), 'a');
      const child = spawn(command, args, { ...options, stdio: ['ignore', log, log, 'ipc'] });
      child.on('error', () => children.delete(child));
      child.on('exit', () => children.delete(child));
      children.add(child);
      closeSync(log);
      return child;
    },
    async remove() {
      // Asked first, so that a program can end its own children and wait for them.
      for (const child of children) child.kill('SIGTERM');
      const deadlineMs = performance.now() + endMaxMs;
      while (children.size > 0 && performance.now() < deadlineMs) await delay(20);
      endAllIn(folder);
      for (const child of children) child.kill('SIGKILL');
      while (children.size > 0 && performance.now() < deadlineMs + endMaxMs) await delay(20);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Gives a process that has a session of its own the same weight as ours: Linux weighs sessions first, and a router that outlives its
 * controller always has its own. Without it `--nice` would favour everybody but the router.
 */
export function weighLikeUs(pid: number): void {
  try {
    const own = /nice (-?\d+)/.exec(readFileSync('/proc/self/autogroup', 'utf8'))?.[1];
    if (own !== undefined) writeFileSync(`/proc/${pid}/autogroup`, own);
  } catch {
    // This kernel weighs processes only.
  }
}

/** What is told when a program of the bench has not done what it should. */
export function outputIn({ folder }: Workplace): string {
  try {
    return readFileSync(join(folder, 'output.log'), 'utf8').slice(-2_000);
  } catch {
    return '';
  }
}

/**
 * Kills every process that was started for this folder: it is named in its command, or a file in it is open. The folder's name is
 * random, so nobody else's process can be meant.
 */
function endAllIn(folder: string): void {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (isIn(pid, folder)) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in between, or belongs to somebody else.
    }
  }
}

function isIn(pid: number, folder: string): boolean {
  if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) return true;
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
