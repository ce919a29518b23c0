import type { PlannedEntry, PlannedRelease } from './types.ts';

/** When an entry is due, unix milliseconds: before the start by the planned one, after it by the real one. */
export function dueMs({ startMs, state }: PlannedRelease, { offsetMs }: Pick<PlannedEntry, 'offsetMs'>): number {
  const startedMs = state.kind === 'started' ? state.atMs : state.kind === 'ended' ? state.startedAtMs : startMs;
  return (offsetMs > 0 ? startedMs : startMs) + offsetMs;
}

/** Whether nothing of it happens any more. */
export function isOver({ state }: PlannedRelease): boolean {
  return state.kind === 'ended' || state.kind === 'cancelled';
}
