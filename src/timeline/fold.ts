import { isOver } from './moments.ts';
import type { EntryState, PlannedEntry, PlannedRelease, TimelineRecord, TimelinesState } from './types.ts';

/** Planned releases that are kept in mind; older ones that are over are in the log. */
const keptMax = 200;

/** No release is planned. */
export const noTimelines: TimelinesState = new Map();

/** Why an entry of before the start has not happened: the release has begun without it. */
const begunWithout = { en: 'the release started without it', ru: 'выпуск начался без этого' };

/** The planned releases after an event. Pure: the state is a fold over the stream `timelines`. */
export function takeTimelines(state: TimelinesState, record: TimelineRecord): TimelinesState {
  const { id } = record.data;
  if (record.kind === 'timeline-planned') return bounded(new Map(state).set(id, planned(record)));
  const before = state.get(id);
  if (!before || isOver(before)) return state;
  const after = changed(before, record);
  return after === before ? state : new Map(state).set(id, after);
}

function planned({ at, actor, data }: Extract<TimelineRecord, { kind: 'timeline-planned' }>): PlannedRelease {
  const { id, service, version, spec, startMs, entries, why } = data;
  return {
    id,
    service,
    version,
    spec,
    by: actor,
    why,
    plannedAtMs: at,
    startMs,
    state: { kind: 'planned' },
    entries: entries.map((entry) => ({ ...entry, state: { kind: 'planned' }, late: false })),
  };
}

function changed(before: PlannedRelease, record: Exclude<TimelineRecord, { kind: 'timeline-planned' }>): PlannedRelease {
  const { at, actor } = record;
  const all = (change: (entry: PlannedEntry) => PlannedEntry): readonly PlannedEntry[] => before.entries.map(change);
  const one = (name: string, state: EntryState, late?: boolean): PlannedRelease => ({
    ...before,
    entries: all((entry) => (entry.id === name ? { ...entry, state, late: late ?? entry.late } : entry)),
  });
  switch (record.kind) {
    case 'timeline-moved': {
      const { startMs } = record.data;
      if (before.state.kind === 'started') return before;
      const entries = all((entry) =>
        // What was missed or has failed is to come again in its new time; what was done is done.
        (entry.state.kind === 'missed' || entry.state.kind === 'failed') && startMs + entry.offsetMs > at
          ? { ...entry, state: { kind: 'planned' }, late: false }
          : entry,
      );
      return { ...before, startMs, state: { kind: 'planned' }, entries };
    }
    case 'timeline-cancelled':
      if (before.state.kind === 'started') return ended(before, at, { en: `cancelled by ${actor}`, ru: `отменено (${actor})` });
      return {
        ...before,
        state: { kind: 'cancelled', atMs: at, by: actor, why: record.data.why },
        entries: all((entry) => withoutFuture(entry, at)),
      };
    case 'timeline-entry-skipped':
      return one(record.data.entry, { kind: 'skipped', atMs: at, by: actor, why: record.data.why });
    case 'timeline-entry-asked':
      return one(record.data.entry, { kind: 'running', sinceMs: at, by: actor }, false);
    case 'timeline-entry-began':
      return one(record.data.entry, { kind: 'running', sinceMs: at, by: null }, record.data.late);
    case 'timeline-entry-ended': {
      const { entry, ok, detail, run } = record.data;
      return one(entry, { kind: ok ? 'done' : 'failed', atMs: at, detail, run });
    }
    case 'timeline-entry-missed':
      return one(record.data.entry, { kind: 'missed', atMs: at, detail: record.data.detail }, true);
    case 'timeline-waits': {
      // Whoever has asked for the start has to ask again.
      const entries = all((entry) =>
        entry.does.kind === 'start' && entry.state.kind === 'running' ? { ...entry, state: { kind: 'planned' } } : entry,
      );
      return before.state.kind === 'started'
        ? before
        : { ...before, state: { kind: 'waiting', why: record.data.detail }, entries };
    }
    case 'timeline-started': {
      const { entry: name, release } = record.data;
      const detail = { en: `release ${release} has begun`, ru: `выпуск ${release} начат` };
      const entries = all((entry) => {
        if (entry.id === name) return { ...entry, state: { kind: 'done', atMs: at, detail, run: null } };
        const isLeft = entry.offsetMs <= 0 && entry.state.kind === 'planned';
        return isLeft ? { ...entry, state: { kind: 'missed', atMs: at, detail: begunWithout } } : entry;
      });
      return { ...before, state: { kind: 'started', atMs: at, release }, entries };
    }
    case 'timeline-ended':
      return ended(before, at, record.data.detail);
  }
}

function ended(
  before: PlannedRelease,
  at: number,
  why: Extract<PlannedRelease['state'], { kind: 'ended' }>['why'],
): PlannedRelease {
  if (before.state.kind !== 'started') return before;
  const { release, atMs: startedAtMs } = before.state;
  const entries = before.entries.map((entry) => withoutFuture(entry, at));
  return { ...before, state: { kind: 'ended', atMs: at, startedAtMs, release, why }, entries };
}

function withoutFuture(entry: PlannedEntry, atMs: number): PlannedEntry {
  const isOpen = entry.state.kind === 'planned' || entry.state.kind === 'running';
  return isOpen ? { ...entry, state: { kind: 'cancelled', atMs } } : entry;
}

function bounded(state: Map<string, PlannedRelease>): TimelinesState {
  for (const [id, one] of state) {
    if (state.size <= keptMax) break;
    if (isOver(one)) state.delete(id);
  }
  return state;
}
