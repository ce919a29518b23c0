import type { Text } from '../../spec/text.ts';

/**
 * A fact that a narration may be written from: an event of the log, with what follows from it. Without secrets, on lines that have no signs
 * of control.
 */
export type Fact = {
  /** `E104`: what a sentence cites it by. */
  readonly id: string;
  /** Its position in the log. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly who: string;
  readonly lines: readonly string[];
};

/** A sentence of a model, with the events that it cites: positions in the log. It was checked, and is not proven. */
export type NarratedSentence = { readonly text: string; readonly seqs: readonly number[] };

/**
 * Why a sentence was left out. `uncited`: it cites nothing. `unknown-event`: it cites what is none of the facts. `number`, `name`: it has a
 * number, or an address, that none of the cited facts has. `markup`: it has markup, a link, or signs that no text needs. `length`: it is too
 * long, or there are too many. `secret`: it looks as if it had one. `repeated`: it was said before.
 */
export const dropReasons = ['uncited', 'unknown-event', 'number', 'name', 'markup', 'length', 'secret', 'repeated'] as const;
export type DropReason = (typeof dropReasons)[number];
export type Dropped = Readonly<Partial<Record<DropReason, number>>>;

/** What a model has made of the facts of an incident, as far as it stood up to the check. */
export type Narration = {
  readonly model: string;
  readonly language: 'en' | 'ru';
  readonly sentences: readonly NarratedSentence[];
  readonly dropped: Dropped;
  /** How many facts it had, and the newest one's position in the log. */
  readonly facts: number;
  readonly uptoSeq: number;
};

/** What came of an answer: sentences that stand, or why there are none. `isTrouble`: the endpoint itself is not well. */
export type Checked =
  | { readonly kind: 'narrated'; readonly sentences: readonly NarratedSentence[]; readonly dropped: Dropped }
  | { readonly kind: 'none'; readonly why: Text; readonly isTrouble: boolean };

/** How many sentences were left out. */
export function droppedCount(dropped: Dropped): number {
  return dropReasons.reduce((sum, reason) => sum + (dropped[reason] ?? 0), 0);
}
