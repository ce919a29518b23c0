import type { Change, Comparison } from '../../readiness/compare.ts';
import { textIn } from '../../spec/text.ts';
import { cleanText } from '../report-text/clean-text.ts';
import { figureText, momentText, scoreText } from './figures.ts';
import type { ReportLanguage } from './report-input.ts';
import type { ReportWords } from './words.ts';

/** What has changed since an earlier report, in one language. */
export type ComparisonOutline = {
  readonly before: HeadOutline;
  readonly after: HeadOutline;
  readonly changes: readonly {
    readonly id: string;
    readonly title: string;
    readonly change: { readonly kind: Change['kind']; readonly text: string };
    readonly before: string;
    readonly after: string;
  }[];
  readonly figures: readonly {
    readonly id: string;
    readonly figure: string;
    readonly before: string;
    readonly after: string;
  }[];
};

type HeadOutline = { readonly moment: string; readonly score: string; readonly verdict: string };

/** What has changed, the bad first. */
export function outlineOfComparison(
  { before, after, changes, figures }: Comparison,
  words: ReportWords,
  language: ReportLanguage,
): ComparisonOutline {
  const head = ({ atMs, score, verdict }: Comparison['before']): HeadOutline => ({
    moment: momentText(atMs),
    score: scoreText(score),
    verdict: words.verdicts[verdict],
  });
  const order: readonly Change['kind'][] = ['worse', 'new', 'gone', 'better'];
  const status = (one: Change['before']) => (one === null ? '–' : words.statuses[one]);
  return {
    before: head(before),
    after: head(after),
    changes: [...changes]
      .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
      .map((one) => ({
        id: one.item,
        title: cleanText(textIn(one.title, language)),
        change: { kind: one.kind, text: words.changes[one.kind] },
        before: status(one.before),
        after: status(one.after),
      })),
    figures: figures.map((one) => ({
      id: one.item,
      figure: cleanText(one.figure),
      before: figureText(one.before),
      after: figureText(one.after),
    })),
  };
}
