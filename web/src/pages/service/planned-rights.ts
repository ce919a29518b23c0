import type { Permission } from '../../api/may.ts';
import type { PlannedEntry, PlannedRelease } from '../../api/schema.ts';

/** What people can do with an entry: the permission that it takes, and whether for a reason only. */
export type Right = { readonly permission: Permission; readonly needsReason: boolean };

/** Whether nothing of it happens any more. Pure. */
export function isOver({ state }: Pick<PlannedRelease, 'state'>): boolean {
  return state === 'ended' || state === 'cancelled';
}

/** What running an entry now takes; null: it cannot be run. The server decides: this only spares people what it would refuse. Pure. */
export function rightToRun(planned: PlannedRelease, entry: PlannedEntry): Right | null {
  const isStarted = planned.state === 'started';
  if (isOver(planned) || entry.state === 'running') return null;
  if (entry.does === 'start') {
    if (isStarted) return null;
    const isBlocked = planned.entries.some((one) => isForStart(planned, one) && isAgainst(one));
    return { permission: isBlocked ? 'approve' : 'release', needsReason: isBlocked };
  }
  return isBeforeStart(planned, entry) || isStarted ? { permission: 'steer', needsReason: false } : null;
}

/** What leaving an entry out takes; null: it cannot be left out. Pure. */
export function rightToSkip(planned: PlannedRelease, entry: PlannedEntry): Right | null {
  const { does, state } = entry;
  if (isOver(planned) || does === 'start' || state === 'running' || state === 'done' || state === 'skipped') return null;
  return { permission: isForStart(planned, entry) ? 'approve' : 'steer', needsReason: true };
}

/** Whether the start waits for it. */
function isForStart(planned: PlannedRelease, entry: PlannedEntry): boolean {
  return entry.does !== 'notify' && entry.does !== 'start' && isBeforeStart(planned, entry);
}

function isAgainst({ state }: PlannedEntry): boolean {
  return state !== 'done' && state !== 'skipped';
}

/** Entries are in the order of their times, the start the last one of its own. */
function isBeforeStart({ entries }: PlannedRelease, { id }: PlannedEntry): boolean {
  return entries.findIndex((one) => one.id === id) < entries.findIndex(({ does }) => does === 'start');
}
