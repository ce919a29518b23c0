import { levelText, oddsText, spanText, thousands } from './wording.ts';

/** Numbers as Russian readers read them: a space between thousands, a decimal comma, units in Russian. */

/** `3900` → `3 900`, with a space that does not break. Whole numbers. */
export function thousandsRu(n: number): string {
  return thousands(n).replaceAll(',', '\u00a0');
}

/** With a decimal comma. */
export function digitsRu(n: number): string {
  return String(n).replace('.', ',');
}

/** ln of evidence → `3 900 : 1`. */
export function oddsRu(log: number): string {
  const text = oddsText(log);
  if (text.startsWith('more')) return 'больше 1\u00a0000\u00a0000 : 1';
  return text.includes(',') ? text.replaceAll(',', '\u00a0') : text.replace('.', ',');
}

/** Parts per million → `5 %`, `0,05 %`. */
export function percentRu(ppm: number): string {
  return `${digitsRu(Number((ppm / 10_000).toFixed(4)))} %`;
}

/** Milliseconds → `500 мс`, `2,5 с`. */
export function durationRu(ms: number): string {
  if (ms >= 1000) return `${digitsRu(Number((ms / 1000).toFixed(2)))} с`;
  return `${digitsRu(Number(ms.toPrecision(3)))} мс`;
}

const units: Readonly<Record<string, string>> = { s: 'с', min: 'мин', h: 'ч' };

/** As `spanText`: `45 с`, `3 мин`, `2 ч`. */
export function spanRu(seconds: number): string {
  const [number = '', unit = ''] = spanText(seconds).split(' ');
  return `${number} ${units[unit] ?? unit}`;
}

/** A level in its own unit. */
export function levelRu(value: number): string {
  const text = levelText(value);
  return text.includes(',') ? text.replaceAll(',', '\u00a0') : text.replace('.', ',');
}

/**
 * The form of a noun after a whole number in the nominative: 1 `запрос`, 2 `запроса`, 5 `запросов` (CLDR plural rules of Russian).
 */
export function plural(n: number, one: string, few: string, many: string): string {
  const tens = n % 100;
  if (n % 10 === 1 && tens !== 11) return one;
  return n % 10 >= 2 && n % 10 <= 4 && (tens < 12 || tens > 14) ? few : many;
}
