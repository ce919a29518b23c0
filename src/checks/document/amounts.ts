/** A number as a document states it: `< 4h` is less than it says, `up to 4h` no more, `> 4h` no less. */
export type Amount = {
  readonly value: number;
  readonly side: 'exact' | 'less' | 'at-most' | 'more';
  /** As it stands there. */
  readonly text: string;
};

export type AmountUnit = 'ms' | 'ppm' | 'plain';

const before =
  '(?:(?<less><|&lt;|less than|under|below|меньше|менее)|(?<most><=|≤|up to|at most|no more than|max(?:imum)?\\.?|не более|не больше|до|максимум)|(?<more>>=?|≥|&gt;|more than|at least|over|от|больше|более|не менее))?';

const spans: readonly (readonly [pattern: string, ms: number])[] = [
  ['ms|milliseconds?|мс', 1],
  ['s|secs?|seconds?|с|сек|секунд[аыу]?', 1_000],
  ['m|mins?|minutes?|м|мин|минут[аыу]?', 60_000],
  ['h|hrs?|hours?|ч|час(?:а|ов)?', 3_600_000],
  ['d|days?|д|дн|день|дня|дней|сут|суток|сутки', 86_400_000],
  ['w|weeks?|нед|недел[яиью]', 604_800_000],
];
const anySpan = spans.map(([pattern]) => pattern).join('|');
const number = '\\d+(?:[.,]\\d+)?';
const oneSpan = new RegExp(`(${number})\\s*-?\\s*(${anySpan})(?![\\p{L}])`, 'giu');

const patterns: Readonly<Record<AmountUnit, RegExp>> = {
  ms: new RegExp(`${before}\\s*(?<amount>(?:${number}\\s*-?\\s*(?:${anySpan})(?![\\p{L}])[\\s,]*(?:and|и)?\\s*)+)`, 'iu'),
  ppm: new RegExp(`${before}\\s*(?<amount>${number}\\s*%)`, 'iu'),
  plain: new RegExp(`${before}\\s*(?<amount>-?${number})`, 'iu'),
};

/** Characters between a label and its number: what stands further off tells of something else. */
const gapMax = 80;

/**
 * The first number of a unit behind a label; null: none that belongs to it. Time in ms, shares in parts per million.
 *
 * @param text - What stands behind the label.
 */
export function amountIn(text: string, unit: AmountUnit): Amount | null {
  // `RTO (Recovery Time Objective): 4h`: what the letters stand for.
  const rest = text.replace(/^[\s*_]*\([^)]*\)/, ' ');
  const found = patterns[unit].exec(rest);
  if (!found?.groups || found.index > gapMax) return null;
  // `RTO: to be found out, RPO: 1h` says nothing of RTO.
  if (/[;,]|[.!?](\s|$)/.test(rest.slice(0, found.index))) return null;
  const { amount = '', less, most, more } = found.groups;
  const side = less ? 'less' : most ? 'at-most' : more ? 'more' : 'exact';
  return { value: amountOf(amount, unit), side, text: found[0].trim().replace(/[\s,]+(and|и)?$/iu, '') };
}

function amountOf(amount: string, unit: AmountUnit): number {
  const read = (digits: string): number => Number(digits.replace(',', '.'));
  if (unit === 'plain') return read(amount);
  if (unit === 'ppm') return Math.round(read(amount.replace(/\s*%/, '')) * 10_000);
  let ms = 0;
  for (const [, digits = '', word = ''] of amount.matchAll(oneSpan)) {
    const factor = spans.find(([pattern]) => new RegExp(`^(?:${pattern})$`, 'iu').test(word))?.[1] ?? 0;
    ms += read(digits) * factor;
  }
  return ms;
}

/** What a number has to be. */
export type Bounds = Partial<
  Record<'below' | 'atMost' | 'above' | 'atLeast', { readonly unit: AmountUnit; readonly value: number } | undefined>
>;

/** Whether what a document states is proven to be within the bounds. */
export function isWithin({ value, side }: Amount, { below, atMost, above, atLeast }: Bounds): boolean {
  const isUpper = side !== 'more';
  const isLower = side === 'exact' || side === 'more';
  if (below && !(isUpper && (value < below.value || (side === 'less' && value === below.value)))) return false;
  if (atMost && !(isUpper && value <= atMost.value)) return false;
  if (above && !(isLower && value > above.value)) return false;
  return !(atLeast && !(isLower && value >= atLeast.value));
}
