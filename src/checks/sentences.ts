import { type Text, textIn } from '../spec/text.ts';
import type { CheckResult, CheckStatus } from './check.ts';

/** One thing that was looked at, with its own sentence that begins with its name. */
export type Finding = {
  readonly status: Exclude<CheckStatus, 'skipped'>;
  readonly text: Text;
  /** What to do; absent when nothing is to be done. */
  readonly fix?: Text;
};

/** Sentences of one kind that stand in the answer itself; all of them are its evidence. */
const toldMax = 5;
/** From what matters most. */
export const worstFirst = ['fail', 'unproven', 'warn', 'pass', 'skipped'] as const satisfies readonly CheckStatus[];

/**
 * The answer that follows from several findings: as bad as the worst of them. What is wrong comes first; where nothing is, all is told.
 *
 * @param findings - At least one.
 */
export function resultOf(
  lookedAt: Text,
  expected: Text,
  findings: readonly Finding[],
  figures: Readonly<Record<string, number>> = {},
): CheckResult {
  const sorted = worstFirst.flatMap((status) => findings.filter((one) => one.status === status));
  const status = sorted[0]?.status ?? 'unproven';
  const told = status === 'pass' ? sorted : sorted.filter((one) => one.status !== 'pass');
  const fixes = once(told.flatMap(({ fix }) => (fix === undefined ? [] : [fix])));
  return {
    status,
    lookedAt,
    found: joined(once(told.map(({ text }) => text))),
    expected,
    fix: status === 'pass' ? null : joined(fixes),
    evidence: sorted.map((one) => `${one.status}: ${textIn(one.text, 'en')}`),
    figures,
  };
}

/** Texts in their order, each once. */
export function once(texts: readonly Text[]): readonly Text[] {
  return [...new Map(texts.map((text) => [textIn(text, 'en'), text])).values()];
}

/** Texts in one sentence; of many it is said how many more there are. */
export function joined(texts: readonly Text[], max = toldMax): Text {
  const more = texts.length - max;
  const inOne = (language: 'en' | 'ru', rest: string): string => {
    const told = texts.slice(0, max).map((text) => textIn(text, language));
    return [...told, ...(more > 0 ? [rest] : [])].join('; ');
  };
  return { en: inOne('en', `and ${more} more`), ru: inOne('ru', `и ещё ${more}`) };
}

/** Names as far as anybody reads them. */
export function listed(names: readonly string[], max = 10): Text {
  const first = names.slice(0, max).map((name) => name.slice(0, 200));
  const more = names.length - first.length;
  if (names.length === 0) return { en: 'none', ru: 'ничего' };
  if (more === 0) return first.join(', ');
  return { en: `${first.join(', ')} and ${more} more`, ru: `${first.join(', ')} и ещё ${more}` };
}

/** A sentence with texts in it: `text(en, ru)` in one call, with the parts that have both languages put in by `$`. */
export function sentence(en: string, ru: string, ...parts: readonly (Text | number)[]): Text {
  const filled = (pattern: string, language: 'en' | 'ru'): string => {
    let index = 0;
    return pattern.replaceAll('$', () => {
      const part = parts[index++] ?? '';
      return typeof part === 'number' ? String(part) : textIn(part, language);
    });
  };
  return { en: filled(en, 'en'), ru: filled(ru, 'ru') };
}
