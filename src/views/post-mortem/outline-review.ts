import { momentUtc } from '../../analysis/figures.ts';
import type { ReviewField } from '../../incidents/review.ts';
import { type Block, uncited } from './blocks.ts';
import type { Pen } from './pen.ts';
import { shownText } from './shown-text.ts';
import type { PostMortem } from './types.ts';

/** What people wrote of something, else that they are asked to. */
export function writtenBlocks({ review }: PostMortem, field: ReviewField, { words }: Pen): readonly Block[] {
  const written = review.texts[field];
  if (!written || written.text.trim() === '') return [{ kind: 'blank', ask: words.ask }];
  const lines = written.text.split(/\r?\n/).map(shownText);
  return [{ kind: 'written', lines, by: `${shownText(written.by)}, ${momentUtc(written.atMs)} UTC` }];
}

/** What was decided to be done. */
export function itemBlocks({ review }: PostMortem, { words }: Pen): readonly Block[] {
  if (review.items.length === 0) return [{ kind: 'blank', ask: words.ask }];
  return [
    {
      kind: 'table',
      label: words.items,
      head: [words.item, words.owner, words.due, words.state],
      rows: review.items.map(({ id, text, owner, due, state }) => [
        uncited(`${shownText(id)}: ${shownText(text)}`),
        uncited(shownText(owner)),
        uncited(shownText(due)),
        uncited(words.itemStates[state]),
      ]),
    },
  ];
}
