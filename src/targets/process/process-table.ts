import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process as far as recognising it needs. */
export type ProcessEntry = {
  readonly pid: number;
  /** Process group and session; both are the pid of an instance's first process, because it is started in a session of its own. */
  readonly group: number;
  readonly session: number;
  /** Differs between any two processes that have had this pid: see `processMark`. */
  readonly mark: string;
};

const hasProc = process.platform === 'linux';

/**
 * What tells a process from every other one that has or had its pid: on Linux the boot and the clock tick of its start, elsewhere the
 * second of its start as `ps` prints it. `null` when there is no such process, or only its remains wait for their parent.
 *
 * @see proc_pid_stat(5), field 22 (starttime); /proc/sys/kernel/random/boot_id.
 */
export function processMark(pid: number): string | null {
  return readProcess(pid)?.mark ?? null;
}

/** Whether the process that had this mark still runs. */
export function isSameProcess(process: { readonly pid: number; readonly mark: string }): boolean {
  return processMark(process.pid) === process.mark;
}

/** Every process that the machine shows us. Takes some ms where many run. */
export function allProcesses(): readonly ProcessEntry[] {
  if (!hasProc) return parsePs(runPs(['-A', '-o', 'pid=,pgid=,stat=,lstart=']));
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

/**
 * Processes that have `RAMPART_INSTANCE` with one of these values in the environment they were started with, by value. Those of other
 * users are not seen.
 */
export function processesByLife(lives: ReadonlySet<string>): ReadonlyMap<string, readonly ProcessEntry[]> {
  const found = new Map<string, ProcessEntry[]>();
  if (lives.size === 0) return found;
  const all = allProcesses();
  const lifeOf = hasProc ? lifeFromProc : livesFromPs(lives);
  for (const entry of all) {
    const life = lifeOf(entry.pid);
    if (life !== undefined && lives.has(life)) found.set(life, [...(found.get(life) ?? []), entry]);
  }
  return found;
}

/** One line of /proc/PID/stat. The name in it may hold spaces and brackets, so fields count from the last bracket. */
export function parseStat(text: string, boot: string): ProcessEntry | null {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const [state, , group, session] = fields;
  const started = fields[19];
  const pid = Number.parseInt(text, 10);
  if (end < 0 || started === undefined || !Number.isSafeInteger(pid)) return null;
  // A zombie runs no more; it only keeps its pid until its parent has asked for the exit code.
  if (state === 'Z' || state === 'X') return null;
  return { pid, group: Number(group), session: Number(session), mark: `${boot}/${started.trim()}` };
}

/** The output of `ps -o pid=,pgid=,stat=,lstart=`. It knows no session numbers everywhere, so the group stands in for it. */
export function parsePs(text: string): readonly ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*$/.exec(line);
    if (!found || found[3]?.startsWith('Z')) return [];
    const group = Number(found[2]);
    return [{ pid: Number(found[1]), group, session: group, mark: `lstart/${found[4]}` }];
  });
}

function readProcess(pid: number): ProcessEntry | null {
  if (!hasProc) return parsePs(runPs(['-p', String(pid), '-o', 'pid=,pgid=,stat=,lstart=']))[0] ?? null;
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'), bootId());
  } catch {
    return null; // It is gone, which is an answer.
  }
}

function lifeFromProc(pid: number): string | undefined {
  try {
    return /(?:^|\0)RAMPART_INSTANCE=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
  } catch {
    return undefined; // Another user's, or gone.
  }
}

/** `ps` prints the environment behind the command, without quotes; a life has no spaces and is unique. */
function livesFromPs(lives: ReadonlySet<string>): (pid: number) => string | undefined {
  const byPid = new Map<number, string>();
  for (const line of runPs(['axeww', '-o', 'pid=,command=']).split('\n')) {
    const life = /\bRAMPART_INSTANCE=(\S+)/.exec(line)?.[1];
    if (life !== undefined && lives.has(life)) byPid.set(Number.parseInt(line, 10), life);
  }
  return (pid) => byPid.get(pid);
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return boot;
}

function runPs(args: readonly string[]): string {
  try {
    // lstart is written in the language of the environment, and must read the same next time.
    return execFileSync('ps', args, {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return ''; // `ps -p` fails when there is no such process.
  }
}
