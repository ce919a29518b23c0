import type { Language } from '../analysis/sentence.ts';
import { reasonsText } from '../diagnosis/narration/check.ts';
import type { NarrationStory } from '../diagnosis/narration/story.ts';
import { textIn } from '../spec/text.ts';

/** What was narrated of an incident, for people and programs. Times are unix milliseconds. */
export type NarrationView = {
  /** Who narrates; null: nothing is set up for it. */
  readonly model: string | null;
  readonly pending: { readonly by: string; readonly atMs: number; readonly model: string } | null;
  readonly narration: NarrationStory['last'];
  readonly failure: { readonly atMs: number; readonly why: string } | null;
  /** Which sentences were left out, in words; empty: none. */
  readonly leftOut: string;
};

export function narrationView(
  { pending, last, failure }: NarrationStory,
  model: string | null,
  language: Language,
): NarrationView {
  return {
    model,
    pending: pending && { by: pending.by, atMs: pending.atMs, model: pending.model },
    narration: last,
    failure: failure && { atMs: failure.atMs, why: textIn(failure.why, language) },
    leftOut: last === null ? '' : reasonsText(last.dropped, language),
  };
}
