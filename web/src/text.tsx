import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import { speak } from './api/client.ts';
import { live } from './api/live.ts';
import { filled, type HolesOf } from './messages/entry.ts';
import { type Format, formatOf } from './messages/format.ts';
import { type Dictionary, type Language, load, type MessageKey, type Messages, remember } from './messages/index.ts';

/** Says a text of the chosen language. What has to be put in is checked by its type. */
export type Say = <Key extends MessageKey>(
  key: Key,
  ...values: [HolesOf<Messages[Key]>] extends [never] ? [] : [Readonly<Record<HolesOf<Messages[Key]>, string | number>>]
) => string;

export type Text = {
  readonly t: Say;
  readonly f: Format;
  readonly language: Language;
  /** Changes it; resolves once it is there. */
  readonly choose: (language: Language) => Promise<void>;
};

const TextContext = createContext<Text | null>(null);

/** The words of the console, and how it writes numbers and times. */
export function useText(): Text {
  const text = use(TextContext);
  if (!text) throw new Error('there are no texts outside of TextProvider');
  return text;
}

type Spoken = { readonly language: Language; readonly dictionary: Dictionary };

/** @param first - The language at the start, loaded before the first paint. */
export function TextProvider({ first, onChange, children }: { first: Spoken; onChange: () => void; children: ReactNode }) {
  const [spoken, setSpoken] = useState(first);
  const text = useMemo((): Text => {
    const { language, dictionary } = spoken;
    return {
      t: sayOf(language, dictionary),
      f: formatOf(language),
      language,
      choose: async (next) => {
        const nextDictionary = await load(next);
        remember(next);
        begin(next);
        setSpoken({ language: next, dictionary: nextDictionary });
        onChange();
      },
    };
  }, [spoken, onChange]);
  return <TextContext value={text}>{children}</TextContext>;
}

/** Tells everything outside of React which language it is. */
export function begin(language: Language): void {
  document.documentElement.lang = language;
  speak(language);
  live.speak(language);
}

function sayOf(language: Language, dictionary: Dictionary): Say {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language === 'ru' ? 'ru-RU' : 'en-GB', { maximumFractionDigits: 2 });
  return (key, ...values) => filled(dictionary[key], values[0] ?? {}, plural, number);
}
