import type { Text } from '../spec/text.ts';
import { percentText, thousands } from './wording.ts';
import { percentRu, plural, thousandsRu } from './wording-russian.ts';

/** Numbers as readers of one language read them. */
export type Figures = {
  /** Whole numbers as they are; others with one decimal. */
  n(value: number): string;
  /** A share (0–1) in percent, three digits that count. */
  share(value: number): string;
  /** A span to the second: `1 h 2 min 3 s`. */
  span(ms: number): string;
  /** `3 events`, in the form that the language has for the number. */
  count(value: number, one: string, few: string, many: string): string;
};

const units = [
  { ms: 86_400_000, en: 'd', ru: 'д' },
  { ms: 3_600_000, en: 'h', ru: 'ч' },
  { ms: 60_000, en: 'min', ru: 'мин' },
  { ms: 1_000, en: 's', ru: 'с' },
] as const;

const en: Figures = {
  n: (value) => (Number.isInteger(value) ? thousands(value) : decimal(value, thousands)),
  share: (value) => percentText(Number((value * 1e6).toPrecision(3))),
  span: (ms) => spanOf(ms, 'en'),
  count: (value, one, _, many) => `${thousands(value)} ${value === 1 ? one : many}`,
};

const ru: Figures = {
  n: (value) => (Number.isInteger(value) ? thousandsRu(value) : decimal(value, thousandsRu).replace('.', ',')),
  share: (value) => percentRu(Number((value * 1e6).toPrecision(3))),
  span: (ms) => spanOf(ms, 'ru'),
  count: (value, one, few, many) => `${thousandsRu(value)} ${plural(value, one, few, many)}`,
};

/** By language. */
export const figuresIn: Readonly<Record<'en' | 'ru', Figures>> = { en, ru };

/** A sentence in both languages, with the numbers of each. */
export function said(english: (figures: Figures) => string, russian: (figures: Figures) => string): Text {
  return { en: english(en), ru: russian(ru) };
}

/** A moment to the second: `2026-11-29 03:10:40`. UTC. */
export function momentUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function decimal(value: number, whole: (n: number) => string): string {
  const [front = '0', digit = '0'] = value.toFixed(1).split('.');
  const text = whole(Math.abs(Number(front)));
  return `${value < 0 ? '-' : ''}${text}${digit === '0' ? '' : `.${digit}`}`;
}

function spanOf(ms: number, language: 'en' | 'ru'): string {
  const size = Math.abs(ms);
  if (size > 0 && size < 1_000) return `${Math.round(size)} ${language === 'ru' ? 'мс' : 'ms'}`;
  let rest = Math.round(size / 1_000) * 1_000;
  const parts: string[] = [];
  for (const unit of units) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) parts.push(`${count} ${unit[language]}`);
  }
  return parts.length === 0 ? `0 ${units[3][language]}` : parts.join(' ');
}
