import type { Message } from '../notifier.ts';
import { cut, oneLine, webLinks } from '../texts.ts';
import { headline } from '../wording.ts';
import { codingOf, plainSigns } from './alphabet.ts';

/** Letters of the verbs that a reply may ask for. */
const letters: readonly (readonly [letter: string, verb: string, words: { readonly en: string; readonly ru: string }])[] = [
  ['a', 'acknowledge', { en: 'ack', ru: 'принять' }],
  ['c', 'resolve', { en: 'close', ru: 'закрыть' }],
];

const hrefMax = 100;
const mark = '...';

/**
 * A message as one text of at most so many parts: what it is about, what is known, the way to more, and how to reply. What has no room is
 * cut from the middle of that; how to reply stays.
 *
 * @param mayReply - Whether a reply would be heard.
 */
export function smsText(message: Message, segments: number, mayReply: boolean): string {
  const { text, source, links } = message;
  const replies = mayReply ? replyText(message) : '';
  const name = oneLine(source);
  const about = headline(message);
  const head = plainSigns(name === '' || about.includes(name) ? about : `${name}: ${about}`);
  const body = plainSigns(oneLine(text));
  const href = webLinks(links).find(({ href: one }) => one.length <= hrefMax)?.href ?? '';
  const coding = codingOf([head, body, href, replies].join(' '));
  const { sizeOf } = coding;
  const size = (part: string): number => [...part].reduce((sum, character) => sum + sizeOf(character), 0);
  const fitted: string[] = [];
  let room = coding.room(segments) - (replies === '' ? 0 : size(replies) + 1);
  const take = (part: string): void => {
    if (part === '' || room <= 0) return;
    fitted.push(part);
    room -= size(part) + 1;
  };
  take(cut(head, room, sizeOf, mark));
  const hasLink = href !== '' && size(href) + 1 <= room;
  if (hasLink) room -= size(href) + 1;
  // A word and a mark are no news.
  if (room >= 20 || size(body) <= room) take(cut(body, room, sizeOf, mark));
  return [...fitted, ...(hasLink ? [href] : []), ...(replies === '' ? [] : [replies])].join('\n');
}

/** `Reply 7a: ack, 7c: close`; empty when there is nothing to reply. */
function replyText({ code, actions, language }: Message): string {
  if (code === undefined) return '';
  const offered = letters.filter(([, verb]) => actions.some((action) => action.verb === verb));
  if (offered.length === 0) return '';
  const each = offered.map(([letter, , words]) => `${code}${letter}: ${words[language]}`).join(', ');
  return `${language === 'ru' ? 'Ответ' : 'Reply'} ${each}`;
}

/** Letters that look the same on a Russian keyboard. */
const cyrillic: Readonly<Record<string, string>> = { а: 'a', с: 'c', к: 'k' };

/**
 * What a reply asks for: a letter with the number of what is meant, in whatever order (`7a`, `a 7`, `ack #7`), or a letter alone, which
 * means what was told last. Null: it is something else.
 */
export function readReply(text: string): { readonly verb: string; readonly code: string | null } | null {
  const given = oneLine(text.slice(0, 100))
    .toLowerCase()
    .replace(/[аск]/g, (letter) => cyrillic[letter] ?? letter)
    .replace(/^'\s*|\s*'$/g, '');
  const word = '(close|c|ack[a-z]*|a)';
  const found =
    new RegExp(`^${word}(?:\\s*#?\\s*([0-9]{1,9}))?$`).exec(given) ?? new RegExp(`^#?\\s*([0-9]{1,9})\\s*${word}$`).exec(given);
  if (!found) return null;
  const [, first = '', second = null] = found;
  const [letter, code] = /^\d/.test(first) ? [second?.[0], first] : [first[0], second];
  const verb = letters.find(([one]) => one === letter)?.[1];
  return verb === undefined ? null : { verb, code };
}
