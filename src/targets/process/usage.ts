import { readdir, readFile, stat } from 'node:fs/promises';

/** Ticks of a second in /proc: `USER_HZ`, which is 100 wherever Linux runs (proc_pid_stat(5), times(2)). */
const ticksPerSecond = 100;

/** Processes of one instance that are looked at; more than these tell no more. */
const processesMax = 64;

export type ProcessUsage = { readonly cpuMs: number; readonly memoryBytes: number; readonly threads: number };
type Files = { readonly open: number; readonly limit: number };

/**
 * What a process and all that it has started use: processor time with that of the children that have ended, resident memory, threads,
 * and the open files of the one that is nearest to its limit.
 *
 * @returns null when it is gone, and where there is no /proc.
 */
export async function usageOf(pid: number): Promise<(ProcessUsage & { readonly files?: Files }) | null> {
  let cpuMs = 0;
  let memoryBytes = 0;
  let threads = 0;
  let files: Files | null = null;
  let isThere = false;
  const pids = [pid];
  for (let index = 0; index < Math.min(pids.length, processesMax); index += 1) {
    const one = pids[index];
    if (one === undefined) break;
    const [stat, status, children, limits] = await Promise.all(
      ['stat', 'status', `task/${one}/children`, 'limits'].map((file) =>
        readFile(`/proc/${one}/${file}`, 'latin1').catch(() => ''),
      ),
    );
    const usage = usageIn(stat ?? '', status ?? '');
    if (!usage) continue;
    isThere = true;
    cpuMs += usage.cpuMs;
    memoryBytes += usage.memoryBytes;
    threads += usage.threads;
    files = fuller(files, await openFiles(one), fileLimitIn(limits ?? ''));
    for (const child of (children ?? '').split(' ')) if (/^\d+$/.test(child)) pids.push(Number(child));
  }
  return isThere ? { cpuMs, memoryBytes, threads, ...(files ? { files } : {}) } : null;
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
  const threads = Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
  const cpuMs = (ticks.reduce((sum, count) => sum + count, 0) * 1_000) / ticksPerSecond;
  return { cpuMs, memoryBytes: kibibytes * 1_024, threads };
}

/** How many files a process may have open, in /proc/PID/limits: the soft limit, which is the one that hurts. null: not said. */
export function fileLimitIn(limits: string): number | null {
  const [, soft] = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits) ?? [];
  return soft === undefined || soft === 'unlimited' ? null : Number(soft);
}

/** Of how many files a process has open; null when it is another user's, or gone. */
async function openFiles(pid: number): Promise<number | null> {
  try {
    // Since Linux 6.2 the size of the folder is the number of what is in it (proc_pid_fd(5)); before that it is 0.
    const { size } = await stat(`/proc/${pid}/fd`);
    return size > 0 ? size : (await readdir(`/proc/${pid}/fd`)).length;
  } catch {
    return null;
  }
}

function fuller(before: Files | null, open: number | null, limit: number | null): Files | null {
  if (open === null || limit === null || limit === 0) return before;
  return before === null || open / limit > before.open / before.limit ? { open, limit } : before;
}
