import { noTimelines, takeTimelines } from '../../timeline/fold.ts';
import type { TimelineEvent, TimelinesState } from '../../timeline/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records planned releases. */
export const timelinesStream = 'timelines';

/** An event of the stream, with whose it is. */
export type TimelineRecorded = TimelineEvent & { readonly actor: string };
export type TimelinesRecorded = RecordedState<TimelinesState, TimelineRecorded>;

const kinds: Readonly<Record<TimelineEvent['kind'], true>> = {
  'timeline-planned': true,
  'timeline-moved': true,
  'timeline-cancelled': true,
  'timeline-entry-skipped': true,
  'timeline-entry-asked': true,
  'timeline-entry-began': true,
  'timeline-entry-ended': true,
  'timeline-entry-missed': true,
  'timeline-waits': true,
  'timeline-started': true,
  'timeline-ended': true,
};

/** How planned releases are recorded. */
export const timelineRecording: Recording<TimelinesState, TimelineRecorded> = {
  stream: timelinesStream,
  empty: noTimelines,
  take: takeTimelines,
  kinds: Object.keys(kinds) as TimelineEvent['kind'][],
  what: 'planned releases',
  held: 'no planned release is changed',
};
