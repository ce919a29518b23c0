import type { Origin } from '../access/types.ts';
import type { NarrationEvent } from '../diagnosis/narration/story.ts';
import type { Cause } from '../diagnosis/types.ts';
import type { Measure, SuspectRelease } from './impact/types.ts';
import type { Lesson, RecordedCounts } from './learning/types.ts';
import type { ActionItemState, ReviewField } from './review.ts';

type By = { readonly id: string; readonly why: string; readonly from?: Origin };

/**
 * What comes on record of an incident after its alerts: what was measured and found by the machine, and what people have made of it.
 * Nothing of it changes the state of the incident.
 */
export type AfterEvent =
  /** What a model was asked, and what of its answer stood up to the check. */
  | NarrationEvent
  /** What users have suffered, from counts, and how far the release was that it is attributed to. The last one counts. */
  | {
      readonly kind: 'incident-measured';
      readonly data: { readonly id: string; readonly measure: Measure; readonly release: SuspectRelease | null };
    }
  /** What may have done it. The last one counts. */
  | { readonly kind: 'incident-diagnosed'; readonly data: { readonly id: string; readonly causes: readonly Cause[] } }
  /** What replaying its counts with other alerts has shown. The last one counts. */
  | {
      readonly kind: 'incident-learned';
      readonly data: { readonly id: string; readonly lessons: readonly Lesson[]; readonly recorded: readonly RecordedCounts[] };
    }
  /** Only what is named is changed; an empty text takes it back. */
  | {
      readonly kind: 'incident-review-edited';
      readonly data: By & {
        readonly authors?: readonly string[];
        readonly texts?: Readonly<Partial<Record<ReviewField, string>>>;
      };
    }
  /** A new item, or an item as it is from now on. */
  | {
      readonly kind: 'incident-action-item-set';
      readonly data: By & {
        readonly item: string;
        readonly text: string;
        readonly owner: string;
        readonly due: string;
        readonly state: ActionItemState;
        readonly proposal: string | null;
      };
    };
