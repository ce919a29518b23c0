import { type Text, textIn } from '../spec/text.ts';
import type { CheckResult, CheckStatus } from './check.ts';

/** One of several things that a check has looked at, in a sentence that can stand alone. */
export type Point = {
  readonly status: Exclude<CheckStatus, 'skipped'>;
  readonly text: Text;
  /** What to do; absent where nothing is to be done. */
  readonly fix?: Text;
};

/** Sentences that stand in the answer itself; the evidence has all of them. */
const toldMax = 5;
const worstFirst = ['fail', 'unproven', 'warn', 'pass'] as const;

/**
 * The answer that follows from several points: as bad as the worst of them, in its words. What is well is told where everything is.
 *
 * @param points - At least one.
 */
export function resultOf(
  lookedAt: Text,
  expected: Text,
  points: readonly Point[],
  figures: Readonly<Record<string, number>> = {},
): CheckResult {
  const sorted = worstFirst.flatMap((status) => points.filter((point) => point.status === status));
  const status = sorted[0]?.status ?? 'unproven';
  const told = status === 'pass' ? sorted : sorted.filter((point) => point.status !== 'pass');
  const fixes = told.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
  return {
    status,
    lookedAt,
    found: inOneText(told.map(({ text }) => text)),
    expected,
    fix: fixes.length === 0 ? null : inOneText(fixes),
    evidence: sorted.length > 1 ? sorted.map((point) => `${point.status}: ${textIn(point.text, 'en')}`) : [],
    figures,
  };
}

/** Texts in one, each once; of many it says how many more there are. */
function inOneText(texts: readonly Text[]): Text {
  const unique = [...new Map(texts.map((text) => [textIn(text, 'en'), text])).values()];
  const more = unique.length - toldMax;
  const told = (language: 'en' | 'ru', rest: string) =>
    [...unique.slice(0, toldMax).map((text) => textIn(text, language)), ...(more > 0 ? [rest] : [])].join('; ');
  return { en: told('en', `and ${more} more`), ru: told('ru', `и ещё ${more}`) };
}
