import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Moment } from './route-state.ts';

/** Now, on both clocks. The monotonic one is the machine's: the same in every process, never set, new after a restart. */
export function now(): Moment {
  return { wallMs: Date.now(), monotonicMs: Number(process.hrtime.bigint() / 1_000n) / 1_000 };
}

/** Names this run of the machine, so that monotonic times from before a restart are not believed. Empty when it has no name. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** A process that cannot be confused with a later one of the same number. */
export type ProcessIdentity = { readonly pid: number; readonly started: string };

/** When the process was started, as text that only means "the same or not"; undefined when there is no such process. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses; fields are counted after the last one. A zombie has ended.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return processStart(identity.pid) === identity.started;
}
