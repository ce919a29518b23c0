import { z } from 'zod';
import { choice } from './choice.ts';
import { isMapping } from './mapping.ts';

/** What people read: the same in every language (a name, the output of a program), or a sentence in each. */
export type Text = string | { readonly en: string; readonly ru: string };

/** A text in one language. */
export function textIn(text: Text, language: 'en' | 'ru'): string {
  return typeof text === 'string' ? text : text[language];
}

/** A text as documents write it: `Backups`, or `{ en: Backups, ru: Резервные копии }`. */
export function textOf(max: number) {
  const one = z.string().min(1).max(max);
  const both = z.strictObject({ en: one.describe('In English.'), ru: one.describe('In Russian.') });
  return choice([one, both], (value) => (isMapping(value) ? both : one));
}
