import type { Language } from '../analysis/sentence.ts';
import { textIn } from '../spec/text.ts';
import { dueMs, isDue, isOver } from '../timeline/moments.ts';
import type { PlannedEntry, PlannedRelease } from '../timeline/types.ts';

/** How a planned release stands, in a word. */
export const timelineStates = ['planned', 'waiting', 'started', 'ended', 'cancelled'] as const;
export type TimelineStateName = (typeof timelineStates)[number];

/** How an entry stands. `due`: its time has come, and it is about to begin. */
export const entryStates = ['planned', 'due', 'running', 'done', 'failed', 'missed', 'skipped', 'cancelled'] as const;
export type EntryStateName = (typeof entryStates)[number];

/** A planned release as people and programs see it. Times are unix milliseconds. */
export type TimelineView = Pick<PlannedRelease, 'id' | 'service' | 'version' | 'by' | 'why' | 'plannedAtMs' | 'startMs'> & {
  readonly startedAtMs: number | null;
  /** Id of the release that it has started. */
  readonly release: string | null;
  readonly state: TimelineStateName;
  /** What keeps it from starting, or how it ended, in one sentence. */
  readonly said: string | null;
  readonly entries: readonly TimelineEntryView[];
};

export type TimelineEntryView = {
  /** Such as `T-24h`. */
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly role: string;
  readonly does: 'checklist' | 'check' | 'hook' | 'notify' | 'start';
  /** What of it: the checklist and its phases, the kind of the check, the name of the hook. */
  readonly what: string | null;
  readonly state: EntryStateName;
  /** It was begun late, or missed. */
  readonly late: boolean;
  /** What came of it, in one sentence. */
  readonly detail: string | null;
  /** Who has run or skipped it; null: the timeline itself. */
  readonly by: string | null;
  /** Id of the run of a checklist that it was. */
  readonly run: string | null;
  readonly endedAtMs: number | null;
};

/** A planned release, for people. */
export function timelineView(planned: PlannedRelease, nowMs: number, language: Language): TimelineView {
  const { id, service, version, by, why, plannedAtMs, startMs, state } = planned;
  return {
    id,
    service,
    version,
    by,
    why,
    plannedAtMs,
    startMs,
    startedAtMs: state.kind === 'started' ? state.atMs : state.kind === 'ended' ? state.startedAtMs : null,
    release: state.kind === 'started' || state.kind === 'ended' ? state.release : null,
    state: state.kind,
    said: saidOf(planned, language),
    entries: planned.entries.map((entry) => entryView(planned, entry, nowMs, language)),
  };
}

function saidOf({ state }: PlannedRelease, language: Language): string | null {
  if (state.kind === 'waiting' || state.kind === 'ended') return textIn(state.why, language);
  if (state.kind !== 'cancelled') return null;
  const done = language === 'ru' ? 'отменено' : 'cancelled by';
  return `${done} ${language === 'ru' ? `(${state.by})` : state.by}${state.why === '' ? '' : `: ${state.why}`}`;
}

function entryView(planned: PlannedRelease, entry: PlannedEntry, nowMs: number, language: Language): TimelineEntryView {
  const { id, title, role, does, state, late } = entry;
  const atMs = dueMs(planned, entry);
  return {
    id,
    atMs,
    title: textIn(title, language),
    role,
    does: does.kind,
    what: whatOf(entry),
    state: isDue(planned, entry, nowMs) && !isOver(planned) ? 'due' : state.kind,
    late: late || state.kind === 'missed',
    detail: 'detail' in state ? textIn(state.detail, language) : state.kind === 'skipped' && state.why !== '' ? state.why : null,
    by: 'by' in state ? state.by : null,
    run: 'run' in state ? state.run : null,
    endedAtMs: 'atMs' in state ? state.atMs : null,
  };
}

function whatOf({ does }: PlannedEntry): string | null {
  switch (does.kind) {
    case 'checklist':
      return `${does.checklist}${does.phases ? `: ${does.phases.join(', ')}` : ''}`;
    case 'check':
      return does.check.kind;
    case 'hook':
      return does.hook.name;
    case 'notify':
      return does.hook?.name ?? null;
    case 'start':
      return null;
  }
}
