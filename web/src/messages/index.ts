import type { en } from './en.ts';
import type { Entry } from './entry.ts';

export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];
export type Messages = typeof en;
export type MessageKey = keyof Messages;
export type Dictionary = Readonly<Record<MessageKey, Entry>>;

/** How each language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский' };

const stored = 'rampart.language';

/** Only the chosen language is loaded. */
export async function load(language: Language): Promise<Dictionary> {
  return language === 'ru' ? (await import('./ru.ts')).ru : (await import('./en.ts')).en;
}

/** What was chosen here, else what the browser prefers, else English. */
export function preferred(): Language {
  const chosen = read();
  if (chosen) return chosen;
  const first = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage);
  return first ?? 'en';
}

export function remember(language: Language): void {
  try {
    localStorage.setItem(stored, language);
  } catch {
    // Storage may be forbidden: it is then chosen for this visit only.
  }
}

function read(): Language | null {
  try {
    const text = localStorage.getItem(stored) ?? '';
    return isLanguage(text) ? text : null;
  } catch {
    return null;
  }
}

function isLanguage(text: string): text is Language {
  return (languages as readonly string[]).includes(text);
}
