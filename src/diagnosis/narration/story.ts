import type { Origin } from '../../access/types.ts';
import type { IncidentRecord } from '../../incidents/events.ts';
import type { Text } from '../../spec/text.ts';
import type { Narration } from './types.ts';

/** Of which incident, and which asking: the answer belongs to it. */
type Of = { readonly id: string; readonly ask: string };

/** What comes on record of narrations, among the events of the incident. Nothing of it changes the incident. */
export type NarrationEvent =
  /** Somebody wants one; the actor is `rampart` where it comes by itself. It is on record before anybody is asked. */
  | {
      readonly kind: 'incident-narration-asked';
      readonly data: Of & {
        readonly model: string;
        readonly language: 'en' | 'ru';
        readonly why: string;
        readonly from?: Origin;
      };
    }
  | { readonly kind: 'incident-narrated'; readonly data: Of & { readonly narration: Narration } }
  /** There is none, and why. `isTrouble`: the endpoint is not well. `notBeforeMs`: it wants to be left alone until then. */
  | {
      readonly kind: 'incident-narration-failed';
      readonly data: Of & {
        readonly model: string;
        readonly why: Text;
        readonly isTrouble: boolean;
        readonly notBeforeMs: number | null;
      };
    };

/** What is on record of the narrations of one incident. Times are unix milliseconds. */
export type NarrationStory = {
  /** How often one was asked for. */
  readonly asked: number;
  /** One that is asked for and not there yet; null: none is. */
  readonly pending: {
    readonly ask: string;
    readonly by: string;
    readonly atMs: number;
    readonly model: string;
    readonly language: 'en' | 'ru';
  } | null;
  /** The last one that stood up to the check; null: there is none. */
  readonly last: (Narration & { readonly atMs: number }) | null;
  /** Why the one asked for last is not there; null: it is, or is on its way. */
  readonly failure: { readonly atMs: number; readonly why: Text } | null;
};

/** Nobody has asked for any. */
export const noStory: NarrationStory = { asked: 0, pending: null, last: null, failure: null };

/** The narrations of one incident after an event of it. Pure: a fold. Events of anything else change nothing. */
export function takeStory(story: NarrationStory, record: IncidentRecord): NarrationStory {
  switch (record.kind) {
    case 'incident-narration-asked': {
      const { at: atMs, actor: by } = record;
      const { ask, model, language } = record.data;
      return { ...story, asked: story.asked + 1, pending: { ask, by, atMs, model, language }, failure: null };
    }
    case 'incident-narrated': {
      if (story.pending?.ask !== record.data.ask) return story;
      return { ...story, pending: null, last: { ...record.data.narration, atMs: record.at }, failure: null };
    }
    case 'incident-narration-failed': {
      if (story.pending?.ask !== record.data.ask) return story;
      return { ...story, pending: null, failure: { atMs: record.at, why: record.data.why } };
    }
    default:
      return story;
  }
}
