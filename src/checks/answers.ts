import { type Text, textIn } from '../spec/text.ts';
import type { CheckResult, CheckStatus } from './check.ts';

/** What one of several questions of a check has found. */
export type Answer = Omit<CheckResult, 'lookedAt' | 'evidence' | 'figures'> & {
  readonly evidence?: readonly string[];
  readonly figures?: Readonly<Record<string, number>>;
};

/** From what matters most. */
const order: readonly CheckStatus[] = ['fail', 'unproven', 'warn', 'pass', 'skipped'];

/**
 * One answer from those of several questions (at least one): as bad as the worst, in its words. What is well is told only where
 * everything is.
 */
export function combined(lookedAt: Text, answers: readonly Answer[]): CheckResult {
  const status = order.find((one) => answers.some((answer) => answer.status === one)) ?? 'skipped';
  const isTold = status === 'pass' ? isWell : ({ status }: Answer) => !isWell({ status });
  // Within it the worst first.
  const told = order.flatMap((one) => answers.filter((answer) => answer.status === one && isTold(answer)));
  const shown = told.length > 0 ? told : answers;
  return {
    status,
    lookedAt,
    found: once(shown.map(({ found }) => found)),
    expected: once(shown.map(({ expected }) => expected)),
    fix: shown.some(({ fix }) => fix !== null) ? once(shown.flatMap(({ fix }) => (fix === null ? [] : [fix]))) : null,
    evidence: shown.flatMap(({ evidence }) => evidence ?? []),
    figures: Object.assign({}, ...answers.map(({ figures }) => figures ?? {})),
  };
}

const isWell = ({ status }: Pick<Answer, 'status'>): boolean => status === 'pass' || status === 'skipped';

/** Texts as one, each once. */
function once(texts: readonly Text[]): Text {
  const one = (language: 'en' | 'ru') => [...new Set(texts.map((text) => textIn(text, language)))].join('; ');
  return { en: one('en'), ru: one('ru') };
}
