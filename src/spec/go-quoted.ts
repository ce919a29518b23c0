const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};
const letters = new Map(Object.entries(simple).map(([letter, char]) => [char, letter]));
const escapeSequence = /^\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/**
 * What a text in double quotes stands for, as Go reads it (`strconv.Unquote`); null when it is none, also when its bytes are not UTF-8.
 *
 * @param text - With its quotes.
 */
export function unquoted(text: string): string | null {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return null;
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let rest = text.slice(1, -1);
  while (rest !== '') {
    if (rest.startsWith('\\')) {
      const [all, letter, hex, octal, short, long] = escapeSequence.exec(rest) ?? [];
      if (all === undefined) return null;
      if (letter !== undefined) bytes.push(...encoder.encode(simple[letter]));
      else if (hex !== undefined || octal !== undefined) {
        const byte = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16);
        if (byte > 0xff) return null;
        bytes.push(byte);
      } else {
        const point = Number.parseInt(short ?? long ?? '', 16);
        if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return null;
        bytes.push(...encoder.encode(String.fromCodePoint(point)));
      }
      rest = rest.slice(all.length);
      continue;
    }
    const [char = ''] = rest;
    if (char === '"' || char === '\n' || !char.isWellFormed()) return null;
    bytes.push(...encoder.encode(char));
    rest = rest.slice(char.length);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}

/** A text in double quotes, as Go writes it (`strconv.Quote`). */
export function quoted(text: string): string {
  let inside = '';
  for (const char of text) {
    const letter = letters.get(char);
    if (letter !== undefined) inside += `\\${letter}`;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) inside += char;
    else inside += escaped(char.codePointAt(0) ?? 0);
  }
  return `"${inside}"`;
}

function escaped(point: number): string {
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${point.toString(16).padStart(4, '0')}` : `\\U${point.toString(16).padStart(8, '0')}`;
}
