import type { Message } from './notifier.ts';

/** What stands where something was cut off. */
export const mark = '…';

/** Control characters, ends of lines of any kind, and signs that turn the direction of what follows. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/g;

/** A text on one line, without signs that nobody sees. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(unseen, ' ').replace(/\s+/g, ' ').trim();
}

/** The same with its lines; empty lines follow each other no more than once. */
export function lines(text: string): string {
  const each = text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => oneLine(line));
  return each
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/**
 * A text of at most `max`, cut between characters and with a mark where it was longer.
 *
 * @param sizeOf - How much a character takes of `max`; by default its UTF-16 units, as JavaScript counts. With the size that it has once it is escaped, a
 *   text can be cut before it is.
 * @param end - The mark, where another is wanted.
 */
export function cut(
  text: string,
  max: number,
  sizeOf: (character: string) => number = ({ length }) => length,
  end = mark,
): string {
  const room = max - [...end].reduce((sum, character) => sum + sizeOf(character), 0);
  let size = 0;
  let kept = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (size > max) return room < 0 ? '' : `${text.slice(0, kept).trimEnd()}${end}`;
    if (size <= room) kept += character.length;
  }
  return text;
}

/** How much a character takes once `&`, `<`, `>` and `"` are written as entities. */
export function escapedSize(character: string): number {
  return escaped(character).length;
}

/** A text as HTML has it, also within quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const hrefMax = 2_000;

/** Links to pages of the web; all others are left out, and so are names and passwords in them. */
export function webLinks(given: Message['links']): Message['links'] {
  return given.flatMap(({ text, href }) => {
    const url = URL.parse(href);
    if (!url || !/^https?:$/.test(url.protocol)) return [];
    url.username = '';
    url.password = '';
    // Quotes are safe in a URL, but not in the markup around it.
    const safe = url.href.replace(/['"<>\\^`{|}]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
    return safe.length > hrefMax ? [] : [{ text: oneLine(text) || url.host, href: safe }];
  });
}
