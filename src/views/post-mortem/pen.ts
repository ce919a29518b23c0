import { type Figures, figuresIn } from '../../analysis/figures.ts';
import type { Text } from '../../spec/text.ts';
import { textIn } from '../../spec/text.ts';
import { shownText } from './shown-text.ts';
import { type PostMortemWords, postMortemWords } from './words.ts';

/** What all parts of a post-mortem are written with, in one language. */
export type Pen = {
  readonly words: PostMortemWords;
  readonly figures: Figures;
  readonly language: 'en' | 'ru';
  /** A text of somebody, on one line. */
  readonly say: (text: Text) => string;
};

/** The pen of a language. */
export function penOf(language: 'en' | 'ru'): Pen {
  return {
    words: postMortemWords[language],
    figures: figuresIn[language],
    language,
    say: (text) => shownText(textIn(text, language)),
  };
}
