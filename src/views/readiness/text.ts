import type { Language } from '../../analysis/sentence.ts';
import type { ItemState, ItemStatus } from '../../readiness/types.ts';
import { textIn } from '../../spec/text.ts';
import { blockersOf, momentText, type ReportInput, risksOf, scoreText, subjectOf } from './input.ts';
import { words } from './words.ts';

const marks: Readonly<Record<ItemStatus, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  unproven: '?',
  skipped: '–',
  exempt: '~',
};

/** How one line of a report is painted; plain text without. */
export type Paint = (kind: 'good' | 'bad' | 'doubt' | 'bold' | 'dim', text: string) => string;

const plain: Paint = (_, text) => text;

/**
 * A report for a terminal.
 *
 * @param width - Longest line.
 */
export function reportAsText(input: ReportInput, language: Language, width = 100, paint: Paint = plain): string {
  const { report, comparison } = input;
  const said = words[language];
  const lines = [
    paint('bold', `${subjectOf(report)}: ${textIn(report.title, language)}`),
    `${paint(toneOf(report.verdict), said.verdict[report.verdict])}  ${said.score.toLowerCase()} ${scoreText(report.score)}  ${paint('dim', momentText(report.atMs))}`,
    ...wrapped(textIn(report.summary, language), '', width),
  ];
  if (comparison) {
    const { before, after, changes } = comparison;
    lines.push(`${said.before} ${scoreText(before.score)} → ${said.after} ${scoreText(after.score)}`);
    for (const { item, title, kind, before: was, after: is } of changes) {
      const from = was === null ? '' : said.status[was];
      const to = is === null ? '' : said.status[is];
      lines.push(...wrapped(`${said.change[kind]}: ${item} ${textIn(title, language)} (${from} → ${to})`, '  ', width));
    }
  }
  lines.push('');
  const wide = Math.max(...report.phases.map(({ title }) => textIn(title, language).length));
  for (const { title, verdict, score, items } of report.phases) {
    const counts = (Object.keys(marks) as ItemStatus[])
      .map((status) => [marks[status], items.filter((item) => item.status === status).length] as const)
      .filter(([, count]) => count > 0)
      .map(([mark, count]) => `${mark} ${count}`);
    const name = textIn(title, language).padEnd(wide);
    const all = score === null ? said.status.skipped : scoreText(score);
    lines.push(`${paint(score === null ? 'dim' : toneOf(verdict), name)}  ${all.padEnd(8)}  ${counts.join('  ')}`.trimEnd());
  }
  const part = (head: string, items: readonly ItemState[]) => {
    if (items.length === 0) return;
    lines.push('', paint('bold', `${head} (${items.length})`));
    for (const item of items) lines.push(...itemLines(item, language, width, paint));
  };
  part(said.blockers, blockersOf(report));
  part(said.risks, risksOf(report));
  lines.push('', ...wrapped(`${said.score}: ${textIn(report.formula.text, language)}`, '', width));
  if (input.roles.length > 0) lines.push('', paint('bold', said.signOffs), ...signLines(input, language));
  return lines.join('\n');
}

/** One item with why and what to do. */
export function itemLines(item: ItemState, language: Language, width: number, paint: Paint = plain): readonly string[] {
  const { id, title, status, why, fix } = item;
  const tone = status === 'pass' ? 'good' : status === 'fail' ? 'bad' : 'doubt';
  const lines = [`${paint(tone, marks[status])} ${textIn(title, language)} ${paint('dim', id)}`];
  lines.push(...wrapped(textIn(why, language), '    ', width));
  if (fix !== null) lines.push(...wrapped(`→ ${textIn(fix, language)}`, '    ', width));
  for (const line of (item.status === 'pass' ? [] : (item.result?.evidence ?? [])).slice(0, 5))
    lines.push(`      ${line.slice(0, Math.max(20, width - 6))}`);
  return lines;
}

function signLines({ roles, signOffs }: ReportInput, language: Language): readonly string[] {
  return roles.map(({ role, title }) => {
    const found = signOffs.find((one) => one.role === role);
    const what = found ? `${found.by}, ${momentText(found.atMs)}` : words[language].unsigned;
    return `  ${found ? '✓' : '?'} ${textIn(title, language)}: ${what}`;
  });
}

function toneOf(verdict: 'ready' | 'ready-with-risks' | 'not-ready'): 'good' | 'bad' | 'doubt' {
  return verdict === 'ready' ? 'good' : verdict === 'not-ready' ? 'bad' : 'doubt';
}

/** Words in lines that are no longer than `width`, each behind `indent`. */
function wrapped(text: string, indent: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(`${indent}${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}${line}`];
}
