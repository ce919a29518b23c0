import { type Html, html, joined, rows } from '../report-text/html-text.ts';
import type { ComparisonOutline } from './comparison-outline.ts';
import type { ReportWords } from './words.ts';

/** What has changed since an earlier report. */
export function comparedSection({ before, after, changes, figures }: ComparisonOutline, words: ReportWords): Html {
  const text = (cell: string): Html => html`${cell}`;
  return joined([
    html`<p class="scores"><b>${before.score}</b> <span>→</span> <b>${after.score}</b> <small>${before.moment} → ${after.moment}; ${before.verdict} → ${after.verdict}</small></p>`,
    changes.length === 0
      ? html`<p>${words.noChange}</p>`
      : rows(
          words.comparison,
          [words.change, words.item, words.before, words.after],
          changes.map(({ id, title, change, before: was, after: is }) => [
            html`<span class="badge ${change.kind}">${change.text}</span>`,
            html`${title} <small><code>${id}</code></small>`,
            text(was),
            text(is),
          ]),
        ),
    ...(figures.length === 0
      ? []
      : [
          rows(
            words.figures,
            [words.item, words.figure, words.before, words.after],
            figures.map((one) => [html`<code>${one.id}</code>`, text(one.figure), text(one.before), text(one.after)]),
          ),
        ]),
  ]);
}
