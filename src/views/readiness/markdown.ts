import type { Language } from '../../analysis/sentence.ts';
import type { ItemState, ItemStatus } from '../../readiness/types.ts';
import { textIn } from '../../spec/text.ts';
import { durationText } from '../../spec/units.ts';
import { blockersOf, momentText, type ReportInput, risksOf, scoreText, subjectOf } from './input.ts';
import { words } from './words.ts';

const marks: Readonly<Record<ItemStatus, string>> = {
  pass: '✅',
  warn: '⚠️',
  fail: '❌',
  unproven: '❔',
  skipped: '➖',
  exempt: '🟨',
};

/** A report as Markdown (CommonMark with the tables of GitHub). */
export function reportAsMarkdown(input: ReportInput, language: Language): string {
  const { report, hash, roles, signOffs, comparison } = input;
  const said = words[language];
  const told = (text: Parameters<typeof textIn>[0]) => plainText(textIn(text, language));
  const todo = (items: readonly ItemState[]) =>
    items.length === 0
      ? [`- ${said.nothing}`]
      : items.map((item) => `- **${told(item.title)}** (\`${item.id}\`): ${told(item.fix ?? item.why)}`);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = (cells: readonly string[]) => [row(cells), row(cells.map(() => '---'))];
  const blockers = blockersOf(report);
  const risks = risksOf(report);
  const lines = [
    `# ${said.report}: ${plainText(subjectOf(report))}`,
    '',
    `**${said.verdict[report.verdict]}** · ${said.score} **${scoreText(report.score)}** · ${told(report.title)} · ${momentText(report.atMs)}`,
    '',
    `## ${said.summary}`,
    '',
    told(report.summary),
    '',
    told(report.formula.text),
    '',
  ];
  if (comparison) {
    const { before, after, changes, figures } = comparison;
    lines.push(`## ${scoreText(before.score)} → ${scoreText(after.score)}`, '', ...head(['', '', said.before, said.after]));
    for (const { item, title, kind, before: was, after: is } of changes)
      lines.push(
        row([
          said.change[kind],
          `${told(title)} (\`${item}\`)`,
          was === null ? '–' : said.status[was],
          is === null ? '–' : said.status[is],
        ]),
      );
    if (figures.length > 0) {
      lines.push('', `### ${said.figures}`, '', ...head(['', '', said.before, said.after]));
      for (const one of figures) lines.push(row([`\`${one.item}\``, one.figure, String(one.before), String(one.after)]));
    }
    lines.push('');
  }
  lines.push(`## ${said.components}`, '', ...head([said.phase, '', said.score, '']));
  for (const { title, verdict, score, items } of report.phases) {
    const passed = items.filter(({ status }) => status === 'pass').length;
    const asked = items.filter(({ status }) => status !== 'skipped').length;
    const what = score === null ? said.status.skipped : said.verdict[verdict];
    lines.push(row([told(title), what, scoreText(score), `${passed}/${asked}`]));
  }
  lines.push('', `## ${said.now}`, '', ...todo(blockers), '', `## ${said.later}`, '', ...todo(risks), '', `## ${said.evidence}`);
  for (const { title, items } of report.phases) {
    lines.push('', `### ${told(title)}`, '');
    for (const item of items) lines.push(...itemLines(item, language));
  }
  if (roles.length > 0) {
    lines.push('', `## ${said.signOffs}`, '', ...head([said.role, said.who, said.when, said.comment]));
    for (const { role, title } of roles) {
      const found = signOffs.find((one) => one.role === role);
      const cells = found
        ? [plainText(found.by), momentText(found.atMs), plainText(found.comment ?? '')]
        : [said.unsigned, '', ''];
      lines.push(row([told(title), ...cells]));
    }
  }
  lines.push('', `${said.hash}: \`${hash}\``, '');
  return lines.join('\n');
}

function itemLines({ id, title, status, why, result, confirmation }: ItemState, language: Language): readonly string[] {
  const said = words[language];
  const told = (text: Parameters<typeof textIn>[0]) => plainText(textIn(text, language));
  const lines = [`- ${marks[status]} **${told(title)}** (\`${id}\`): ${told(why)}`];
  if (result) {
    lines.push(`  - ${said.lookedAt}: ${told(result.lookedAt)}; ${said.expected}: ${told(result.expected)}`);
    lines.push(`  - ${momentText(result.startedMs)}, ${said.took} ${durationText(result.tookMs)}`);
    for (const line of result.evidence) lines.push(`  - ${code(line)}`);
  }
  const proof = confirmation?.evidence;
  if (confirmation) {
    const shown = !proof
      ? ''
      : proof.kind === 'link'
        ? `: <${proof.url}>`
        : `: ${plainText(proof.name)} (SHA-256 ${proof.sha256})`;
    lines.push(`  - ${said.confirmed} ${plainText(confirmation.by)}, ${momentText(confirmation.atMs)}${shown}`);
  }
  return lines;
}

/** A text in which nothing is markup. */
function plainText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
}

/** A line of a program, whatever stands in it. */
function code(line: string): string {
  const runs = line.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  return `${fence} ${line.replace(/\s+/g, ' ')} ${fence}`;
}
