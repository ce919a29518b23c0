import type { Message } from '../notifiers/notifier.ts';

/** A message that asks for nothing: whether a receiver can be reached, shown by reaching it. */
export function testMessage(id: string, by: string, language: 'en' | 'ru', atMs: number): Message {
  const isRussian = language === 'ru';
  return {
    key: `test/${id}`,
    thread: `test/${id}`,
    event: 'notice',
    severity: 'P2',
    title: isRussian ? 'Проверка уведомлений Rampart' : 'Test of Rampart notifications',
    text: isRussian
      ? `${by} проверяет, доходят ли сюда сообщения. Делать ничего не нужно.`
      : `${by} checks whether messages arrive here. Nothing has to be done.`,
    facts: [],
    links: [],
    actions: [],
    source: 'rampart',
    atMs,
    language,
  };
}
