import { type Text, textIn } from '../spec/text.ts';
import type { CheckResult } from './check.ts';
import { joined, once, worstFirst } from './sentences.ts';

/** Answers of one kind that stand in the sentence itself: more than any check asks of one server, but for those of lists. */
const toldMax = 10;

/** What one of several questions of a check has found. */
export type Answer = Omit<CheckResult, 'lookedAt' | 'evidence' | 'figures'> & {
  readonly evidence?: readonly string[];
  readonly figures?: Readonly<Record<string, number>>;
};

/**
 * One answer from those of several questions (at least one): as bad as the worst, in its words. What is well is told only where
 * everything is; of many, the first in a sentence and all as evidence.
 */
export function combined(lookedAt: Text, answers: readonly Answer[]): CheckResult {
  const status = worstFirst.find((one) => answers.some((answer) => answer.status === one)) ?? 'skipped';
  const isTold = status === 'pass' ? isWell : ({ status }: Answer) => !isWell({ status });
  // Within it the worst first.
  const told = worstFirst.flatMap((one) => answers.filter((answer) => answer.status === one && isTold(answer)));
  const shown = told.length > 0 ? told : answers;
  const fixes = once(shown.flatMap(({ fix }) => fix ?? []));
  return {
    status,
    lookedAt,
    found: joined(once(shown.map(({ found }) => found)), toldMax),
    expected: joined(once(shown.map(({ expected }) => expected)), toldMax),
    fix: fixes.length > 0 ? joined(fixes, toldMax) : null,
    evidence: [
      ...(shown.length > toldMax ? shown.map((one) => `${one.status}: ${textIn(one.found, 'en')}`) : []),
      ...shown.flatMap(({ evidence }) => evidence ?? []),
    ],
    figures: Object.assign({}, ...answers.map(({ figures }) => figures ?? {})),
  };
}

const isWell = ({ status }: Pick<Answer, 'status'>): boolean => status === 'pass' || status === 'skipped';
