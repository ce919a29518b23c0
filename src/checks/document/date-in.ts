const months: readonly string[] = [
  'jan|янв',
  'feb|фев',
  'mar|мар',
  'apr|апр',
  'may|ма[йя]',
  'jun|июн',
  'jul|июл',
  'aug|авг',
  'sep|сен',
  'oct|окт',
  'nov|ноя',
  'dec|дек',
];
const month = `(?<month>(?:${months.join('|')})\\p{L}*)\\.?`;

/** Dates that mean the same everywhere; `01/02/2026` does not. */
const patterns: readonly RegExp[] = [
  /(?<![\d.-])(?<year>\d{4})-(?<number>\d{1,2})-(?<day>\d{1,2})(?!\d)/u,
  /(?<![\d.])(?<day>\d{1,2})\.(?<number>\d{1,2})\.(?<year>\d{4})(?!\d|\.\d)/u,
  new RegExp(`(?<!\\d)(?<day>\\d{1,2})(?:st|nd|rd|th)?\\s+${month},?\\s+(?<year>\\d{4})(?!\\d)`, 'iu'),
  new RegExp(`(?<!\\p{L})${month}\\s+(?<day>\\d{1,2})(?:st|nd|rd|th)?,?\\s+(?<year>\\d{4})(?!\\d)`, 'iu'),
];

/** The first date in a text (Unix ms of its beginning, UTC); null: none. */
export function dateIn(text: string): number | null {
  for (const pattern of patterns) {
    const { year, number, month: name, day } = pattern.exec(text)?.groups ?? {};
    if (year === undefined || day === undefined) continue;
    const at = name === undefined ? Number(number) : months.findIndex((one) => new RegExp(`^(?:${one})`, 'iu').test(name)) + 1;
    const ms = Date.UTC(Number(year), at - 1, Number(day));
    // 31 February is no date.
    if (new Date(ms).getUTCMonth() === at - 1 && new Date(ms).getUTCDate() === Number(day)) return ms;
  }
  return null;
}
