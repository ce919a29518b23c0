import { type Text, textIn } from '../spec/text.ts';
import type { CheckResult, CheckStatus } from './check.ts';

/** What one of several questions of a check has found. */
export type Finding = Omit<CheckResult, 'lookedAt' | 'evidence' | 'figures'> & {
  readonly evidence?: readonly string[];
  readonly figures?: Readonly<Record<string, number>>;
};

/** From what matters most. */
const order: readonly CheckStatus[] = ['fail', 'unproven', 'warn', 'pass', 'skipped'];

/**
 * One answer from those of several questions (at least one): as bad as the worst, in its words. What is well is told only where
 * everything is.
 */
export function combined(lookedAt: Text, findings: readonly Finding[]): CheckResult {
  const status = order.find((one) => findings.some((finding) => finding.status === one)) ?? 'skipped';
  const isTold = status === 'pass' ? isWell : ({ status }: Finding) => !isWell({ status });
  // Within it the worst first.
  const told = order.flatMap((one) => findings.filter((finding) => finding.status === one && isTold(finding)));
  const shown = told.length > 0 ? told : findings;
  return {
    status,
    lookedAt,
    found: joined(shown.map(({ found }) => found)),
    expected: joined(shown.map(({ expected }) => expected)),
    fix: shown.some(({ fix }) => fix !== null) ? joined(shown.flatMap(({ fix }) => (fix === null ? [] : [fix]))) : null,
    evidence: shown.flatMap(({ evidence }) => evidence ?? []),
    figures: Object.assign({}, ...findings.map(({ figures }) => figures ?? {})),
  };
}

const isWell = ({ status }: Pick<Finding, 'status'>): boolean => status === 'pass' || status === 'skipped';

/** Texts as one, each once. */
export function joined(texts: readonly Text[]): Text {
  const one = (language: 'en' | 'ru') => [...new Set(texts.map((text) => textIn(text, language)))].join('; ');
  return { en: one('en'), ru: one('ru') };
}
