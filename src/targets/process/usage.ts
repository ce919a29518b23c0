import { readFile } from 'node:fs/promises';

/** Ticks of a second in /proc: `USER_HZ`, which is 100 wherever Linux runs (proc_pid_stat(5), times(2)). */
const ticksPerSecond = 100;

/** Processes of one instance that are looked at; more than these tell no more. */
const processesMax = 64;

export type ProcessUsage = { readonly cpuMs: number; readonly memoryBytes: number };

/**
 * What a process and all that it has started use: processor time with that of the children that have ended, and resident memory.
 *
 * @returns null when it is gone, and where there is no /proc.
 */
export async function usageOf(pid: number): Promise<ProcessUsage | null> {
  let cpuMs = 0;
  let memoryBytes = 0;
  let isThere = false;
  const pids = [pid];
  for (let index = 0; index < Math.min(pids.length, processesMax); index += 1) {
    const one = pids[index];
    if (one === undefined) break;
    const [stat, status, children] = await Promise.all(
      ['stat', 'status', `task/${one}/children`].map((file) => readFile(`/proc/${one}/${file}`, 'latin1').catch(() => '')),
    );
    const usage = usageIn(stat ?? '', status ?? '');
    if (!usage) continue;
    isThere = true;
    cpuMs += usage.cpuMs;
    memoryBytes += usage.memoryBytes;
    for (const child of (children ?? '').split(' ')) if (/^\d+$/.test(child)) pids.push(Number(child));
  }
  return isThere ? { cpuMs, memoryBytes } : null;
}

/**
 * /proc/PID/stat and /proc/PID/status of one process.
 *
 * @see proc_pid_stat(5), fields 14 to 17 (utime, stime, cutime, cstime); proc_pid_status(5), VmRSS.
 */
export function usageIn(stat: string, status: string): ProcessUsage | null {
  const end = stat.lastIndexOf(')');
  const ticks = stat
    .slice(end + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (end < 0 || ticks.length < 4 || !ticks.every(Number.isFinite)) return null;
  // A process that is ending has no memory any more.
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { cpuMs: (ticks.reduce((sum, count) => sum + count, 0) * 1_000) / ticksPerSecond, memoryBytes: kibibytes * 1_024 };
}
