import type { Cause } from '../../diagnosis/types.ts';
import type { IncidentRecord } from '../../incidents/events.ts';
import type { Measure, SuspectRelease } from '../../incidents/impact/types.ts';
import type { Lesson, RecordedCounts } from '../../incidents/learning/types.ts';

/** What was found of an incident by looking at counts, releases, checks and past incidents. */
export type Found = {
  readonly measure: Measure;
  readonly release: SuspectRelease | null;
  readonly causes: readonly Cause[];
  readonly lessons: readonly Lesson[];
  readonly recorded: readonly RecordedCounts[];
};

/** What was measured and found after its last end, and since its beginning was corrected last; null: nothing was. */
export function foundIn(records: readonly IncidentRecord[]): (Found & { readonly atMs: number }) | null {
  let found: Partial<Found> = {};
  let atMs = 0;
  for (const record of records) {
    if (record.kind === 'incident-reopened' || record.kind === 'incident-start-corrected') found = {};
    if (record.kind === 'incident-measured') {
      found = { ...found, measure: record.data.measure, release: record.data.release };
      atMs = record.at;
    }
    if (record.kind === 'incident-diagnosed') found = { ...found, causes: record.data.causes };
    if (record.kind === 'incident-learned') {
      const { lessons, recorded } = record.data;
      found = { ...found, lessons, recorded };
    }
  }
  const { measure, release = null, causes = [], lessons = [], recorded = [] } = found;
  return measure ? { measure, release, causes, lessons, recorded, atMs } : null;
}
