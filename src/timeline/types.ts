import type { Origin } from '../access/types.ts';
import type { Text } from '../spec/text.ts';
import type { TimelineEntry } from '../spec/timeline-types.ts';
import type { ServiceSpec } from '../spec/types.ts';

/** Where an entry is. Times are unix milliseconds. */
export type EntryState =
  | { readonly kind: 'planned' }
  /** `by`: who has asked for it; null: its time has come. */
  | { readonly kind: 'running'; readonly sinceMs: number; readonly by: string | null }
  /** `run`: id of the run of a checklist that it was. */
  | { readonly kind: 'done' | 'failed'; readonly atMs: number; readonly detail: Text; readonly run: string | null }
  /** Nothing ran when its time came, and it made no sense any more afterwards. */
  | { readonly kind: 'missed'; readonly atMs: number; readonly detail: Text }
  | { readonly kind: 'skipped'; readonly atMs: number; readonly by: string; readonly why: string }
  | { readonly kind: 'cancelled'; readonly atMs: number };

export type PlannedEntry = TimelineEntry & {
  readonly state: EntryState;
  /** It was begun so late that somebody should know. */
  readonly late: boolean;
};

/** How a planned release stands. `waiting`: its time has come, and `why` says what keeps it from starting. */
export type PlannedState =
  | { readonly kind: 'planned' }
  | { readonly kind: 'waiting'; readonly why: Text }
  | { readonly kind: 'started'; readonly atMs: number; readonly release: string }
  | { readonly kind: 'ended'; readonly atMs: number; readonly startedAtMs: number; readonly release: string; readonly why: Text }
  | { readonly kind: 'cancelled'; readonly atMs: number; readonly by: string; readonly why: string };

/** A release with a moment at which it is to start, and what happens around it. */
export type PlannedRelease = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly spec: ServiceSpec;
  readonly by: string;
  readonly why: string;
  readonly plannedAtMs: number;
  readonly startMs: number;
  readonly state: PlannedState;
  /** By rising time. */
  readonly entries: readonly PlannedEntry[];
};

/** Every planned release that is kept in mind, by id, oldest first. */
export type TimelinesState = ReadonlyMap<string, PlannedRelease>;

/** What is noted of whoever has asked for something: of which planned release, why, and from where. */
export type Asked = { readonly id: string; readonly why: string; readonly from?: Origin };

/** What the stream `timelines` of the log records; the actor is whoever asked for it, or `timeline`. */
export type TimelineEvent =
  | {
      readonly kind: 'timeline-planned';
      readonly data: Asked & {
        readonly service: string;
        readonly version: string;
        readonly spec: ServiceSpec;
        readonly startMs: number;
        readonly entries: readonly TimelineEntry[];
      };
    }
  | { readonly kind: 'timeline-moved'; readonly data: Asked & { readonly startMs: number } }
  | { readonly kind: 'timeline-cancelled'; readonly data: Asked }
  | { readonly kind: 'timeline-entry-skipped'; readonly data: Asked & { readonly entry: string } }
  /** A person wants an entry to be run now. */
  | { readonly kind: 'timeline-entry-asked'; readonly data: Asked & { readonly entry: string } }
  | {
      readonly kind: 'timeline-entry-began';
      readonly data: { readonly id: string; readonly entry: string; readonly late: boolean };
    }
  | {
      readonly kind: 'timeline-entry-ended';
      readonly data: {
        readonly id: string;
        readonly entry: string;
        readonly ok: boolean;
        readonly detail: Text;
        readonly run: string | null;
      };
    }
  | {
      readonly kind: 'timeline-entry-missed';
      readonly data: { readonly id: string; readonly entry: string; readonly detail: Text };
    }
  | { readonly kind: 'timeline-waits'; readonly data: { readonly id: string; readonly detail: Text } }
  | {
      readonly kind: 'timeline-started';
      readonly data: { readonly id: string; readonly entry: string; readonly release: string };
    }
  | { readonly kind: 'timeline-ended'; readonly data: { readonly id: string; readonly detail: Text } };

/** The events, with when and by whom, as the log holds them. */
export type TimelineRecord = TimelineEvent & { readonly at: number; readonly actor: string };
