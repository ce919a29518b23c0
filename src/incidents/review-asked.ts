import type { Origin } from '../access/types.ts';
import { UserError } from '../errors.ts';
import type { Answered } from './asked.ts';
import type { ActionItem, ActionItemState, Review, ReviewField } from './review.ts';
import { reviewFields } from './review.ts';

/** Characters of one text, and of a name. */
export const reviewTextMax = 20_000;
export const itemTextMax = 1_000;
export const nameMax = 200;
export const authorsMax = 20;
/** Items of one incident: more are a plan of their own. */
export const itemsMax = 200;

/** What is to be changed; what is not named stays. */
export type ReviewEdit = {
  readonly authors?: readonly string[];
  readonly texts?: Readonly<Partial<Record<ReviewField, string>>>;
};

/** An item as it is to be. `item` null: a new one. What is not named stays; of a new one text, owner and day are needed. */
export type WantedItem = {
  readonly item: string | null;
  readonly text?: string;
  readonly owner?: string;
  readonly due?: string;
  readonly state?: ActionItemState;
  readonly proposal?: string | null;
};

/** Of which incident, why, and from where it was asked. */
export type ReviewPlace = { readonly id: string; readonly why: string; readonly from?: Origin };

/**
 * What comes on record when a person writes in the post-mortem. The same again changes nothing.
 *
 * @throws UserError `E_INPUT` for what is too long.
 */
export function editing(review: Review, { authors, texts }: ReviewEdit, place: ReviewPlace): Answered {
  const names = authors?.map((name) => name.trim()).filter((name) => name !== '');
  if (names && names.length > authorsMax)
    throw refused('authors', `expected at most ${authorsMax} authors, found ${names.length}`);
  for (const name of names ?? []) within('authors', name, nameMax);
  const changed: Partial<Record<ReviewField, string>> = {};
  for (const field of reviewFields) {
    const text = texts?.[field]?.trim();
    if (text === undefined) continue;
    within(field, text, reviewTextMax);
    if (text !== (review.texts[field]?.text ?? '')) changed[field] = text;
  }
  const isNamed = names !== undefined && JSON.stringify(names) !== JSON.stringify(review.authors);
  if (!isNamed && Object.keys(changed).length === 0)
    return { events: [], done: false, said: { en: 'it says so already', ru: 'там уже так написано' } };
  const data = {
    ...place,
    ...(isNamed ? { authors: names } : {}),
    ...(Object.keys(changed).length > 0 ? { texts: changed } : {}),
  };
  return { events: [{ kind: 'incident-review-edited', data }], done: true, said: { en: 'written', ru: 'записано' } };
}

/**
 * What comes on record when a person decides that something is to be done, or changes that. Somebody has to do it, until some day.
 *
 * @throws UserError `E_INPUT`, `E_UNKNOWN_ITEM`.
 */
export function settingItem(review: Review, wanted: WantedItem, place: ReviewPlace): Answered & { readonly item: string } {
  const before = wanted.item === null ? null : review.items.find(({ id }) => id === wanted.item);
  if (before === undefined)
    throw new UserError('E_UNKNOWN_ITEM', `there is no action item ${wanted.item}`, {
      where: 'item',
      fix: `use one of ${review.items.map(({ id }) => id).join(', ') || 'none: there is no item yet'}`,
    });
  if (before === null && review.items.length >= itemsMax) throw refused('items', `there are ${itemsMax} items already`);
  const id = before?.id ?? `a${review.items.length + 1}`;
  const next = {
    text: needed('text', wanted.text ?? before?.text, itemTextMax),
    owner: needed('owner', wanted.owner ?? before?.owner, nameMax),
    due: dayOf(wanted.due ?? before?.due),
    state: wanted.state ?? before?.state ?? 'open',
    proposal: wanted.proposal === undefined ? (before?.proposal ?? null) : wanted.proposal,
  };
  if (before && isSame(before, next))
    return { events: [], done: false, item: id, said: { en: `${id} is so already`, ru: `${id}: уже так` } };
  const said = { en: `${id}: ${next.owner}, until ${next.due}`, ru: `${id}: ${next.owner}, до ${next.due}` };
  return { events: [{ kind: 'incident-action-item-set', data: { ...place, item: id, ...next } }], done: true, item: id, said };
}

function isSame(before: ActionItem, next: Pick<ActionItem, 'text' | 'owner' | 'due' | 'state' | 'proposal'>): boolean {
  return (['text', 'owner', 'due', 'state', 'proposal'] as const).every((key) => before[key] === next[key]);
}

function needed(field: string, text: string | undefined, max: number): string {
  const found = text?.trim() ?? '';
  if (found === '') throw refused(field, `an action item needs its ${field}`);
  within(field, found, max);
  return found;
}

function within(field: string, text: string, max: number): void {
  if (text.length > max) throw refused(field, `expected at most ${max} characters, found ${text.length}`);
}

/** A day that there is. */
function dayOf(text: string | undefined): string {
  const day = needed('due', text, nameMax);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!isDay) throw refused('due', `expected a day such as 2026-12-11, found ${JSON.stringify(day)}`);
  return day;
}

function refused(where: string, what: string): UserError {
  return new UserError('E_INPUT', what, { where, fix: 'correct it and send it again' });
}
