import { english } from './english.ts';
import type { Compared, Verdict } from './guard.ts';
import { russian } from './russian.ts';
import type { Said } from './said.ts';

/** Every language that sentences are told in. The first is that of the record, and of whoever asks for none. */
export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

/** A sentence with the data it was made of; null where it is English alone. */
export type Told = { readonly sentence: string; readonly said: Said | null };

const tellers: Readonly<Record<Language, (said: Said, compared: Compared) => string>> = { en: english, ru: russian };

/** One plain sentence, without a full stop. */
export function sentenceOf(said: Said, compared: Compared, language: Language): string {
  return tellers[language](said, compared);
}

/** The language that there is for something: English alone without data, so that no sentence is half in one and half in another. */
export function languageFor(said: Said | null, language: Language): Language {
  return said === null ? 'en' : language;
}

/** Told anew in a language where that is possible, else as it is. */
export function toldIn({ sentence, said }: Told, compared: Compared, language: Language): string {
  return said === null || language === 'en' ? sentence : sentenceOf(said, compared, language);
}

/** The same verdict with all of its sentences in a language. Verdicts are made, and recorded, in English. */
export function verdictIn(verdict: Verdict, compared: Compared, language: Language): Verdict {
  if (language === 'en') return verdict;
  const told = <T extends Told>(one: T): T => ({ ...one, sentence: toldIn(one, compared, language) });
  return { ...told(verdict), metrics: verdict.metrics.map(told) };
}
