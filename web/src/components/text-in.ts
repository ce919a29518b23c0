import type { Text } from '../api/schema.ts';
import type { Language } from '../messages/index.ts';

/** A text of the API in one language; some are the same in every one. Pure. */
export function textIn(text: Text, language: Language): string {
  return typeof text === 'string' ? text : text[language];
}
