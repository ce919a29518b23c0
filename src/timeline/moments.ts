import type { PlannedEntry, PlannedRelease } from './types.ts';

/** When an entry is due, unix milliseconds: before the start by the planned one, after it by the real one. */
export function dueMs({ startMs, state }: PlannedRelease, { offsetMs }: Pick<PlannedEntry, 'offsetMs'>): number {
  const startedMs = state.kind === 'started' ? state.atMs : state.kind === 'ended' ? state.startedAtMs : startMs;
  return (offsetMs > 0 ? startedMs : startMs) + offsetMs;
}

/** Whether an entry waits for its moment alone: one of after the start waits for that first. */
export function isToCome({ state }: PlannedRelease, entry: PlannedEntry): boolean {
  return entry.state.kind === 'planned' && (entry.offsetMs <= 0 || state.kind === 'started');
}

/** Whether the moment of an entry has come, and it has not begun. */
export function isDue(planned: PlannedRelease, entry: PlannedEntry, nowMs: number): boolean {
  return isToCome(planned, entry) && nowMs >= dueMs(planned, entry);
}

/** Whether nothing of it happens any more. */
export function isOver({ state }: PlannedRelease): boolean {
  return state.kind === 'ended' || state.kind === 'cancelled';
}
