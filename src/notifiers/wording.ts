import { localMs } from '../spec/local-time.ts';
import type { Message } from './notifier.ts';
import { oneLine } from './texts.ts';

type Language = Message['language'];

const words = {
  en: {
    acknowledge: 'Acknowledged',
    resolve: 'Resolved',
    update: 'Update',
    severity: 'Severity',
    source: 'Service',
    time: 'Time',
    cutOff: 'The rest was cut off',
  },
  ru: {
    acknowledge: 'Принято',
    resolve: 'Решено',
    update: 'Обновление',
    severity: 'Важность',
    source: 'Сервис',
    time: 'Время',
    cutOff: 'Остальное не поместилось',
  },
} as const;

/** A word that every receiver needs, in the reader's language. */
export function word(name: keyof (typeof words)['en'], language: Language): string {
  return words[language][name];
}

/** `P0: errors above 5 %`, `Resolved: errors above 5 %`: the message on one line. */
export function headline(message: Message): string {
  const { event, severity, title, source, language } = message;
  const text = oneLine(title) || oneLine(source) || 'rampart';
  if (event === 'notice' || !isRated(message)) return text;
  return `${event === 'trigger' ? severity : word(event, language)}: ${text}`;
}

/** `2026-11-29 01:20:05 UTC`, or by the clocks of another zone. */
export function momentText(ms: number, timeZone = 'UTC'): string {
  return `${new Date(localMs(ms, timeZone)).toISOString().slice(0, 19).replace('T', ' ')} ${timeZone}`;
}

/** Whether its severity says something to people: of an incident it does. */
export function isRated({ event, release }: Message): boolean {
  return event !== 'notice' && release === undefined;
}

/** What stands beside the text: severity, service, moment, and what is known, each on one line. A notice has no severity. */
export function shownFacts(message: Message): Message['facts'] {
  const { severity, source, atMs, facts, language, timeZone } = message;
  const own = [
    ...(!isRated(message) ? [] : [{ label: word('severity', language), value: severity }]),
    { label: word('source', language), value: source },
    { label: word('time', language), value: momentText(atMs, timeZone) },
  ];
  return [...own, ...facts].map(({ label, value }) => ({ label: oneLine(label), value: oneLine(value) }));
}
