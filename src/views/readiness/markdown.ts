import { code, grid, plain } from '../report-text/markdown-text.ts';
import { webAddress } from '../report-text/web-address.ts';
import { type ItemOutline, outlineOf, type ReportOutline } from './outline.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { countsText } from './shown-counts.ts';

/** A report as Markdown (GitHub's, with tables), for a merge request or a wiki. */
export function markdownReport(input: ReportInput, language: ReportLanguage): string {
  const outline = outlineOf(input, language);
  const { words } = outline;
  return `${[
    `# ${words.report}: ${plain(outline.subject)}`,
    ...head(outline),
    `## ${words.summary}`,
    ...outline.summary.map(plain),
    `## ${words.phases}`,
    grid(
      [words.phase, words.verdict, words.score, words.items],
      outline.phases.map(({ title, verdict, score, counts }) => [title, verdict.text, score, countsText(counts, words)]),
    ),
    `## ${words.blockers}`,
    outline.blockers.length > 0 ? outline.blockers.map(headline).join('\n') : words.noBlockers,
    `## ${words.toDo}`,
    `### ${words.now}`,
    actions(outline.blockers, words.nothing),
    `### ${words.later}`,
    actions(outline.risks, words.nothing),
    ...compared(outline),
    `## ${words.details}`,
    ...outline.phases.flatMap(({ title, items }) => [
      `### ${plain(title)}`,
      items.map((item) => entry(item, outline)).join('\n'),
    ]),
    `## ${words.signOffs}`,
    outline.signOffs.length > 0
      ? grid(
          [words.role, words.by, words.moment, words.comment],
          outline.signOffs.map(({ role, signed }) =>
            signed ? [role, signed.by, signed.moment, signed.comment] : [role, words.missing, '', ''],
          ),
        )
      : words.noSignOffs,
    `${words.hash}: \`${outline.hash}\``,
  ].join('\n\n')}\n`;
}

function head({ words, version, title, moment, verdict, score, formula }: ReportOutline): readonly string[] {
  return [
    `**${plain(verdict.text)}** · ${words.score} **${score}**`,
    [
      `- ${words.version}: ${plain(version)}`,
      `- ${words.checklist}: ${plain(title)}`,
      `- ${words.moment}: ${moment}`,
      `- ${words.formula}: ${plain(formula)}`,
    ].join('\n'),
  ];
}

function actions(items: readonly ItemOutline[], nothing: string): string {
  if (items.length === 0) return nothing;
  return items
    .map(
      ({ id, title, role, fix, why }, index) =>
        `${index + 1}. **${plain(role)}**: ${plain(fix ?? why)} (${plain(title)}, ${code(id)})`,
    )
    .join('\n');
}

/** An item in one line, with why it stands as it does. */
function headline({ id, title, role, severity, status, why }: ItemOutline): string {
  return `- **${plain(status.text)}** · ${plain(title)} (${code(id)}, ${plain(role)}, ${plain(severity.text)}): ${plain(why)}`;
}

function entry(item: ItemOutline, { words }: ReportOutline): string {
  const { fix, facts, evidence } = item;
  return [
    headline(item),
    ...(fix === null ? [] : [`  - ${words.fix}: ${plain(fix)}`]),
    ...facts.map(({ label, text, url }) => {
      const address = url === null ? null : webAddress(url);
      return `  - ${label}: ${address === null ? plain(text) : `<${address}>`}`;
    }),
    ...evidence.map((line) => `  - ${code(line)}`),
  ].join('\n');
}

function compared({ words, comparison }: ReportOutline): readonly string[] {
  if (!comparison) return [];
  const { before, after, changes, figures } = comparison;
  return [
    `## ${words.comparison}`,
    grid(
      ['', words.before, words.after],
      [
        [words.moment, before.moment, after.moment],
        [words.score, before.score, after.score],
        [words.verdict, before.verdict, after.verdict],
      ],
    ),
    changes.length > 0
      ? grid(
          [words.change, words.item, words.before, words.after],
          changes.map((one) => [one.change.text, `${one.title} (${one.id})`, one.before, one.after]),
        )
      : words.noChange,
    ...(figures.length > 0
      ? [
          grid(
            [words.item, words.figure, words.before, words.after],
            figures.map((one) => [one.id, one.figure, one.before, one.after]),
          ),
        ]
      : []),
  ];
}
