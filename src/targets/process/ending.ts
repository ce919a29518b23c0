import { setTimeout as wait } from 'node:timers/promises';
import { systemCode } from '../../errors.ts';
import { allProcesses, isSameProcess, type ProcessEntry, processesByLife } from './process-table.ts';

/** A process that was started for an instance, and the `RAMPART_INSTANCE` that it and its children have. */
export type Known = { readonly pid: number; readonly mark: string; readonly life: string };

const pollMs = 25;

/**
 * Ends a process and all that it started: asks the whole group, waits until nothing is left, and kills the rest at the deadline.
 * Resolves when nothing is left. A process whose start does not match is never touched, whatever its pid.
 *
 * @param deadlineMs - From the request to the kill; 0 kills at once.
 * @param isOver - Asked between two looks; true gives up the wait, and leaves what is there.
 */
export async function endProcess(known: Known, signal: string, deadlineMs: number, isOver: () => boolean): Promise<void> {
  // Without its first process there is nobody to ask: whatever is left has lost the one that would have told it.
  const isThere = isSameProcess(known);
  const killAtMs = performance.now() + (isThere ? deadlineMs : 0);
  if (isThere && deadlineMs > 0) send(-known.pid, signal);
  for (;;) {
    // While the first process is there, nothing else has to be looked for: that costs a walk over all processes.
    const left = isSameProcess(known) && performance.now() < killAtMs ? [known] : remains(known);
    if (left.length === 0 || isOver()) return;
    if (performance.now() >= killAtMs) for (const { pid } of left) send(pid, 'SIGKILL');
    await wait(pollMs);
  }
}

/** Kills what a process that died a moment ago left behind: it would keep the port, and nobody would ever end it. */
export function killRemains(known: Known): void {
  if (isSameProcess(known)) return;
  for (const { pid } of remains(known)) send(pid, 'SIGKILL');
}

/** Kills every process that has this life in its environment. */
export function killLife(life: string): void {
  for (const { pid } of processesByLife(new Set([life])).get(life) ?? []) send(pid, 'SIGKILL');
}

/**
 * What there is of an instance: its session, and whoever has its life in the environment. The session of a first process that is gone
 * is its own only while nobody else can have had its pid, so this is only asked about processes that were seen alive a moment ago.
 */
function remains(known: Known): readonly ProcessEntry[] {
  const all = allProcesses();
  const first = all.find(({ pid }) => pid === known.pid);
  const isOwnSession = first === undefined || first.mark === known.mark;
  const byLife = new Set(
    processesByLife(new Set([known.life]))
      .get(known.life)
      ?.map(({ pid }) => pid),
  );
  return all.filter(({ pid, session }) => byLife.has(pid) || (isOwnSession && session === known.pid));
}

/** Sends a signal; that the target is gone already is fine. */
function send(pid: number, signal: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
