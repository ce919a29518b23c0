import type { Language } from '../../analysis/sentence.ts';

/** A moment for customers, in the page's time zone: `29 Nov 2026, 03:10 GMT+3`. */
export function momentText(ms: number, timeZone: string, language: Language): string {
  return formatOf(timeZone, language).format(ms);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, language: Language): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'ru-RU', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  formats.set(key, made);
  return made;
}
