import { stableText } from '../../readiness/stable-text.ts';
import { htmlPostMortem } from './html.ts';
import { markdownPostMortem } from './markdown.ts';
import { outlineOf } from './outline.ts';
import { shownData } from './shown-text.ts';
import type { PostMortem } from './types.ts';

/** A form in which a post-mortem is written. */
export type PostMortemForm = {
  /** Of its file, without a dot. */
  readonly extension: string;
  readonly mediaType: string;
  /** The whole file. The same post-mortem gives the same bytes. */
  write(known: PostMortem, language: 'en' | 'ru'): string;
};

/** The forms of a post-mortem, by name: what `rampart postmortem --format` and the API take. */
export const postMortemForms = {
  md: {
    extension: 'md',
    mediaType: 'text/markdown; charset=utf-8',
    write: (known, language) => markdownPostMortem(outlineOf(known, language)),
  },
  html: {
    extension: 'html',
    mediaType: 'text/html; charset=utf-8',
    write: (known, language) => htmlPostMortem(outlineOf(known, language), language),
  },
  json: {
    extension: 'json',
    mediaType: 'application/json; charset=utf-8',
    write: (known) => `${JSON.stringify(JSON.parse(stableText(shownData(known))), null, 2)}\n`,
  },
} as const satisfies Readonly<Record<string, PostMortemForm>>;

export type PostMortemFormName = keyof typeof postMortemForms;
