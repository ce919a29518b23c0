import type { PlannedRelease } from '../../timeline/types.ts';
import type { ReleaseWork } from '../../views/status/page-view.ts';

/** Work that is over is shown for so long. */
const shownMs = 7 * 86_400_000;
/** A release takes so long at least, for customers. */
const leastMs = 30 * 60_000;

/** Planned releases as work that customers may notice: from the start to the last thing that is looked at after it. */
export function maintenancesOf(planned: readonly PlannedRelease[], nowMs: number): readonly ReleaseWork[] {
  return planned.flatMap((one): ReleaseWork[] => {
    const { id, service, state, startMs, plannedAtMs, entries } = one;
    const startedMs = state.kind === 'started' ? state.atMs : state.kind === 'ended' ? state.startedAtMs : startMs;
    // A watch of a whole day is no work that anybody notices.
    const lastMs = Math.max(0, ...entries.map(({ offsetMs }) => offsetMs).filter((ms) => ms <= 4 * 3_600_000));
    const untilMs = state.kind === 'ended' ? Math.max(state.atMs, startedMs) : startedMs + Math.max(leastMs, lastMs);
    const isCancelled = state.kind === 'cancelled' || (state.kind === 'ended' && state.release === '');
    if ('atMs' in state && (isCancelled || state.kind === 'ended') && nowMs - state.atMs > shownMs) return [];
    const isDone = state.kind === 'ended' || (state.kind === 'started' && nowMs >= untilMs);
    return [
      {
        id: `m-${id}`,
        service,
        title: null,
        state: isCancelled ? 'cancelled' : isDone ? 'completed' : state.kind === 'started' ? 'in_progress' : 'scheduled',
        plannedAtMs,
        updatedAtMs: isCancelled
          ? state.atMs
          : isDone
            ? Math.min(untilMs, nowMs)
            : state.kind === 'started'
              ? startedMs
              : plannedAtMs,
        fromMs: startedMs,
        untilMs,
        updates: [],
      },
    ];
  });
}
