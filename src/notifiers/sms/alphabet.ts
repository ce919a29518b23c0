/** The alphabet of GSM 03.38, without the escape sign. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** These take two places. */
const extended = new Set('\f^{}\\[~]|€');

/** Signs that look the same in it: one of them would make every part hold 70 instead of 160. */
const alike: Readonly<Record<string, string>> = {
  '…': '...',
  '–': '-',
  '—': '-',
  '‑': '-',
  '−': '-',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‘': "'",
  '’': "'",
  '`': "'",
  '•': '*',
  '·': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
};

/** How a text is sent: how much a character takes, and how much there is room for. */
export type Coding = { readonly sizeOf: (character: string) => number; readonly room: (segments: number) => number };

/** 7 bits each: 160 in one part, 153 in each of several, less what may not be split over two. */
const gsm: Coding = {
  sizeOf: (character) => (extended.has(character) ? 2 : 1),
  room: (segments) => (segments === 1 ? 160 : 153 * segments - (segments - 1)),
};

/** 16 bits each: 70 in one part, 67 in each of several. */
const ucs2: Coding = {
  sizeOf: ({ length }) => length,
  room: (segments) => (segments === 1 ? 70 : 67 * segments - (segments - 1)),
};

export function codingOf(text: string): Coding {
  return [...text].every((character) => basic.has(character) || extended.has(character)) ? gsm : ucs2;
}

/** The same text in signs that take less room. */
export function plainSigns(text: string): string {
  return text.replace(/[^\x00-\x7f]|`/gu, (sign) => alike[sign] ?? sign);
}
