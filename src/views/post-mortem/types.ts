import type { NarrationStory } from '../../diagnosis/narration/story.ts';
import type { Cause } from '../../diagnosis/types.ts';
import type { ChangePoint, Help, Measure, ObjectiveImpact, SpanCounts, SuspectRelease } from '../../incidents/impact/types.ts';
import type { Lesson } from '../../incidents/learning/types.ts';
import type { Review } from '../../incidents/review.ts';
import type { Incident, ResponderAction, Severity, Told } from '../../incidents/types.ts';
import type { Text } from '../../spec/text.ts';

/** One row of the timeline: an event of the log. */
export type TimelineEntry = {
  /** Position in the log. */
  readonly seq: number;
  readonly atMs: number;
  readonly source: 'incident' | 'release' | 'alert' | 'message';
  /** Kind of the event. */
  readonly kind: string;
  readonly who: string;
  readonly text: Text;
  /** Where the event itself is to be read; null: nowhere outside of the log. */
  readonly url: string | null;
  /** Somebody wrote it: it stands out. */
  readonly isNote: boolean;
};

/** What was told to the public. `seq`: its event in the log, where it is known. */
export type PublicUpdate = { readonly seq: number | null; readonly atMs: number; readonly by: string; readonly text: Text };

/** Something to be done that follows from the record alone. `proof`: the numbers that show it. */
export type Proposal = {
  /** `unreachable-person/anna`: the same each time. */
  readonly id: string;
  readonly kind: 'detection' | 'missing-alert' | 'unreachable-person' | 'rollback-drill' | 'automatic-rollback';
  readonly said: Text;
  readonly proof: Text;
  readonly seqs: readonly number[];
  /** A change of configuration, ready to be applied: lines of a unified diff; null: none. */
  readonly diff: string | null;
};

/** All that a post-mortem follows from: what is on record, nothing of now. The same input gives the same bytes. */
export type PostMortemInput = {
  readonly incident: Pick<
    Incident,
    | 'id'
    | 'title'
    | 'severity'
    | 'service'
    | 'state'
    | 'startedAtMs'
    | 'startedBy'
    | 'openedAtMs'
    | 'toldAtMs'
    | 'acknowledgedAtMs'
    | 'mitigatedAtMs'
    | 'resolvedAtMs'
    | 'reviewedAtMs'
    | 'alerts'
    | 'alertCount'
    | 'attribution'
    | 'actions'
    | 'told'
    | 'notes'
    | 'response'
    | 'person'
  >;
  /** Events of the incident and of its release, in the order of the log. */
  readonly entries: readonly TimelineEntry[];
  /** Events that the timeline has no room for. */
  readonly entriesLeftOut: number;
  readonly updates: readonly PublicUpdate[];
  /** Null: nothing was counted, or it is not over. */
  readonly measure: Measure | null;
  readonly release: SuspectRelease | null;
  readonly causes: readonly Cause[];
  /** What replaying its counts has shown. */
  readonly lessons: readonly Lesson[];
  readonly review: Review;
  readonly narration: NarrationStory['last'];
};

/** What a clock shows, and who says so. */
export type Clock = {
  readonly name: 'started' | 'detected' | 'told' | 'acknowledged' | 'mitigated' | 'ended';
  /** Null: it has not happened, or is not known. */
  readonly atMs: number | null;
  /** From the beginning; null where one of them is not known. */
  readonly lagMs: number | null;
  readonly basis: 'counts' | 'record' | 'person' | null;
  /** The time in which it lies, where counts say it. */
  readonly change: ChangePoint | null;
  /** The event that says it; null: none does. */
  readonly seq: number | null;
};

/** What users of one objective have suffered, worked out. */
export type ImpactLine = {
  readonly counts: ObjectiveImpact;
  /** Bad events that the time before lets one expect in so many; null: nothing is known of it. */
  readonly expectedBad: number | null;
  /** What is beyond that, not below 0. */
  readonly excessBad: number | null;
  /** Bad events that a whole period allows. */
  readonly allowed: number;
  /** Parts of the period's budget (1 is all of it); null: nothing is allowed. */
  readonly ofBudget: number | null;
  readonly excessOfBudget: number | null;
  readonly byVersion: readonly {
    readonly version: string;
    readonly bad: number;
    readonly total: number;
    readonly ofBudget: number | null;
  }[];
};

/** What was known of it first. */
export type Detection = {
  readonly alert: string;
  readonly said: string;
  readonly origin: string;
  /** From the beginning, by counts or a person; null: it is not known better than by the alert itself. */
  readonly latencyMs: number | null;
  readonly before: SpanCounts | null;
  /** Part of the budget that was spent by then. */
  readonly ofBudget: number | null;
};

/** Something that was done to end it. */
export type DoneAction = ResponderAction & {
  /** By objective name; empty: nothing was counted. */
  readonly help: readonly (Help & { readonly objective: string })[];
  /** The event that ended it; null: it is under way. */
  readonly seq: number | null;
};

/** Who was told, and how that went. */
export type Responder = Told & { readonly lagMs: number };

/** A fact that people may find good, bad or lucky. Which of them it is they say. */
export type Offer = { readonly side: 'well' | 'wrong' | 'lucky'; readonly text: Text; readonly seqs: readonly number[] };

/** A post-mortem: facts worked out, people's parts as they wrote them. Null and empty mean: not known. */
export type PostMortem = {
  readonly incident: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly state: Incident['state'];
  /** Of the newest thing on record: it tells of nothing later. */
  readonly asOfMs: number;
  readonly clocks: readonly Clock[];
  readonly impact: readonly ImpactLine[];
  readonly detection: Detection | null;
  readonly actions: readonly DoneAction[];
  readonly responders: readonly Responder[];
  /** Minutes of people from taking it to its end: an estimate; null: nobody took it. */
  readonly ackedMs: number | null;
  readonly updates: readonly (PublicUpdate & { readonly lagMs: number })[];
  readonly release: SuspectRelease | null;
  readonly causes: readonly Cause[];
  readonly offers: readonly Offer[];
  readonly proposals: readonly Proposal[];
  readonly review: Review;
  /** What a model has made of the events: checked, not proven. Null: nothing. */
  readonly narration: NarrationStory['last'];
  readonly entries: readonly TimelineEntry[];
  readonly entriesLeftOut: number;
};
