import { z } from 'zod';
import { entryStates, type TimelineEntryView, type TimelineView, timelineStates } from '../../views/timeline-view.ts';
import { answer } from './answer.ts';
import { ReleaseBody, VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const startMs = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000)
  .describe('When the release is to start, in unix milliseconds: an instant, the same in every time zone.');

export const TimelinePlanBody = z.union([
  ReleaseBody.options[0].omit({ committedAtMs: true }).extend({ startMs }),
  ReleaseBody.options[1].omit({ committedAtMs: true }).extend({ startMs }),
]);
export const TimelineMoveBody = z.strictObject({ by, why, startMs });
export const TimelineAskedBody = z.strictObject({ by, why }).optional().describe('May be left out.');
export const TimelineSkipBody = z.strictObject({
  by,
  why: why.unwrap().min(1).describe('Why it may be left out, for the record.'),
});
export const TimelineParams = z.object({
  id: z.string().max(300).describe('Id of a planned release, or the name of a service: its newest one.'),
});
export const TimelineEntryParams = TimelineParams.extend({ entry: z.string().max(100).describe('Such as `T-24h`.') });
export const TimelinesQuery = z.strictObject({
  service: z.string().max(300).optional().describe('Only of this service.'),
  lang: z.enum(['en', 'ru']).optional().describe('Language of the sentences.'),
});

const EntryAnswer = answer<TimelineEntryView>()(
  z
    .object({
      id: z.string(),
      atMs: z.number(),
      title: z.string(),
      role: z.string(),
      does: z.enum(['checklist', 'check', 'hook', 'notify', 'start']),
      what: z.string().nullable().describe('The checklist and its phases, the kind of the check, the name of the hook.'),
      state: z.enum(entryStates),
      late: z.boolean(),
      detail: z.string().nullable(),
      by: z.string().nullable().describe('Who has run or skipped it; null: the timeline itself.'),
      run: z.string().nullable().describe('Id of the run of a checklist that it was.'),
      endedAtMs: z.number().nullable(),
    })
    .meta({ id: 'PlannedEntry', description: 'One line of the timeline of a planned release.' }),
);

export const PlannedAnswer = answer<TimelineView>()(
  z
    .object({
      id: z.string(),
      service: z.string(),
      version: z.string(),
      by: z.string(),
      why: z.string(),
      plannedAtMs: z.number(),
      startMs: z.number(),
      startedAtMs: z.number().nullable(),
      release: z.string().nullable(),
      state: z.enum(timelineStates),
      said: z.string().nullable().describe('What keeps it from starting, or how it ended.'),
      entries: z.array(EntryAnswer),
    })
    .meta({ id: 'PlannedRelease', description: 'A release with a moment at which it is to start. Times are unix milliseconds.' }),
);
export const PlannedListAnswer = z
  .object({ timelines: z.array(PlannedAnswer).describe('Newest first.') })
  .meta({ id: 'PlannedReleases' });
