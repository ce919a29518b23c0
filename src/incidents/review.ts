import type { IncidentRecord } from './events.ts';

/** What only people can say of an incident. */
export const reviewFields = ['summary', 'causes', 'surprise', 'well', 'wrong', 'lucky', 'lessons'] as const;
export type ReviewField = (typeof reviewFields)[number];

/** What somebody wrote. Empty texts are none. */
export type Written = { readonly text: string; readonly by: string; readonly atMs: number };

/** `open`: to be done. `done`, and `dropped`: it will not be done, for a reason that is in its text. */
export type ActionItemState = 'open' | 'done' | 'dropped';

/** Something that was decided to be done, so that it does not happen again. */
export type ActionItem = {
  /** Unique in its incident: `a1`, `a2`. */
  readonly id: string;
  readonly text: string;
  /** Who does it. */
  readonly owner: string;
  /** Until when, a day in UTC: `2026-12-11`. */
  readonly due: string;
  readonly state: ActionItemState;
  /** What the machine had proposed; null: a person had the idea. */
  readonly proposal: string | null;
  readonly by: string;
  readonly createdAtMs: number;
  /** When it was done or dropped; null: it is open. */
  readonly closedAtMs: number | null;
};

/** What people have made of an incident. */
export type Review = {
  /** Who writes the post-mortem; empty: nobody was asked to. */
  readonly authors: readonly string[];
  readonly texts: Readonly<Partial<Record<ReviewField, Written>>>;
  readonly items: readonly ActionItem[];
  /** When its post-mortem was accepted, and by whom; null: it was not. */
  readonly accepted: { readonly by: string; readonly atMs: number } | null;
};

/** Nobody has written anything. */
export const noReview: Review = { authors: [], texts: {}, items: [], accepted: null };

/** What people have made of one incident, after an event of it. Pure: the review is a fold. Events of anything else change nothing. */
export function takeReview(review: Review, record: IncidentRecord): Review {
  const { at: atMs, actor: by } = record;
  switch (record.kind) {
    case 'incident-review-edited': {
      const { authors, texts: given = {} } = record.data;
      const texts = { ...review.texts };
      for (const field of reviewFields) {
        const text = given[field];
        if (text === undefined) continue;
        if (text === '') delete texts[field];
        else texts[field] = { text, by, atMs };
      }
      return { ...review, authors: authors ?? review.authors, texts };
    }
    case 'incident-action-item-set': {
      const { item: id, text, owner, due, state, proposal } = record.data;
      const before = review.items.find((one) => one.id === id);
      const wasOpen = before === undefined || before.state === 'open';
      const closedAtMs = state === 'open' ? null : wasOpen ? atMs : (before?.closedAtMs ?? atMs);
      const item = {
        id,
        text,
        owner,
        due,
        state,
        proposal,
        by: before?.by ?? by,
        createdAtMs: before?.createdAtMs ?? atMs,
        closedAtMs,
      };
      const items = before ? review.items.map((one) => (one.id === id ? item : one)) : [...review.items, item];
      return { ...review, items };
    }
    case 'incident-reviewed':
      return { ...review, accepted: { by, atMs } };
    case 'incident-reopened':
      return { ...review, accepted: null };
    default:
      return review;
  }
}

/** What people have made of one incident. */
export function reviewOf(records: readonly IncidentRecord[]): Review {
  return records.reduce(takeReview, noReview);
}
