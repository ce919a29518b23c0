import type { ItemStatus, ReadinessVerdict } from '../../readiness/types.ts';
import { type ItemOutline, outlineOf, type ReportOutline } from './outline.ts';
import type { ReportPaper, ReportTone } from './paper.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { countsText } from './shown-counts.ts';
import { wrapLines } from './wrap-lines.ts';

/** Narrower paper is written as if it had so many columns. */
const widthMin = 40;

const marks: Readonly<Record<ItemStatus, readonly [mark: string, tone: ReportTone]>> = {
  pass: ['✓', 'good'],
  warn: ['!', 'risk'],
  fail: ['✗', 'bad'],
  unproven: ['?', 'bad'],
  exempt: ['○', 'risk'],
  skipped: ['–', 'quiet'],
};
const verdictMarks: Readonly<Record<ReadinessVerdict, readonly [mark: string, tone: ReportTone]>> = {
  ready: ['✓', 'good'],
  'ready-with-risks': ['!', 'risk'],
  'not-ready': ['✗', 'bad'],
};

/** A report for a terminal: how it stands, phase by phase, then what is not there with what to do, blockers first. */
export function terminalReport(input: ReportInput, language: ReportLanguage, { width, paint }: ReportPaper): string {
  const outline = outlineOf(input, language);
  const { words, verdict } = outline;
  const paper = { width: Math.max(widthMin, width), paint };
  const [, tone] = verdictMarks[verdict.kind];
  return [
    ...wrapLines('', `${outline.subject} · ${outline.title}`, paper.width).map((line) => paint('strong', line)),
    `${paint(tone, verdict.text.toUpperCase())}  ${paint('strong', outline.score)}`,
    ...outline.summary.flatMap((sentence) => wrapLines('', sentence, paper.width)),
    '',
    ...phaseLines(outline, paper),
    ...itemLines(`${words.blockers} · ${words.now}`, outline.blockers, outline, paper),
    ...itemLines(`${words.risks} · ${words.later}`, outline.risks, outline, paper),
    ...comparedLines(outline, paper),
    ...signLines(outline, paper),
    '',
    ...wrapLines('', `${words.score}: ${outline.formula}`, paper.width).map((line) => paint('quiet', line)),
    ...[`${words.moment}: ${outline.moment}`, `${words.hash}:`, outline.hash].map((line) => paint('quiet', line)),
  ].join('\n');
}

function phaseLines({ phases, words }: ReportOutline, { width, paint }: ReportPaper): readonly string[] {
  const titles = Math.min(
    Math.floor(width / 2),
    phases.reduce((most, { title }) => Math.max(most, title.length), 0),
  );
  return phases.flatMap(({ title, verdict, score, counts }) => {
    const [mark, tone] = verdictMarks[verdict.kind];
    const name = title.length > titles ? `${title.slice(0, titles - 1)}…` : title.padEnd(titles);
    const indent = ' '.repeat(titles + 10);
    const [first = '', ...more] = wrapLines(indent, countsText(counts, words), width);
    return [`${paint(tone, mark)} ${name}  ${score.padStart(4)}  ${first.slice(indent.length)}`, ...more];
  });
}

function itemLines(
  title: string,
  items: readonly ItemOutline[],
  { words }: ReportOutline,
  { width, paint }: ReportPaper,
): readonly string[] {
  if (items.length === 0) return [];
  return [
    '',
    paint('strong', title),
    ...items.flatMap(({ id, title: what, role, status, why, fix, facts, evidence }) => {
      const [mark, tone] = marks[status.kind];
      const [first = '', ...more] = wrapLines('  ', `${what} (${id}, ${role}): ${status.text}`, width);
      const fact = (label: string) => facts.filter((one) => one.label === label).map(({ text }) => text);
      const say = (label: string, texts: readonly string[]) =>
        texts.flatMap((text) => wrapLines(`    ${label.toLowerCase()}: `, text, width, 6));
      return [
        `${paint(tone, mark)} ${first.slice(2)}`,
        ...more,
        ...wrapLines('    ', why, width),
        ...say(words.expected, fact(words.expected)),
        ...say(words.lookedAt, fact(words.lookedAt)),
        ...evidence
          .slice(0, evidenceMax)
          .flatMap((line) => wrapLines('      ', line, width, 8))
          .map((line) => paint('quiet', line)),
        ...(evidence.length > evidenceMax ? [paint('quiet', `      (+${evidence.length - evidenceMax})`)] : []),
        ...(fix === null ? [] : say(words.fix, [fix])),
      ];
    }),
  ];
}

/** A screen is for what to do; the other forms have all of it. */
const evidenceMax = 5;

function comparedLines({ words, comparison }: ReportOutline, { width, paint }: ReportPaper): readonly string[] {
  if (!comparison) return [];
  const { before, after, changes, figures } = comparison;
  const tones = { better: 'good', worse: 'bad', new: 'risk', gone: 'quiet' } as const;
  return [
    '',
    paint('strong', words.comparison),
    ...wrapLines(
      '  ',
      `${words.score} ${before.score} → ${after.score}, ${before.verdict} → ${after.verdict} (${before.moment})`,
      width,
    ),
    ...changes.flatMap((one) => {
      const text = `${one.change.text}: ${one.title} (${one.id}), ${one.before} → ${one.after}`;
      return wrapLines('  ', text, width, 4).map((line) => paint(tones[one.change.kind], line));
    }),
    ...(changes.length === 0 ? [`  ${words.noChange}`] : []),
    ...figures.flatMap((one) => wrapLines('  ', `${one.id}: ${one.figure} ${one.before} → ${one.after}`, width, 4)),
  ];
}

function signLines({ words, signOffs }: ReportOutline, { width, paint }: ReportPaper): readonly string[] {
  if (signOffs.length === 0) return [];
  return [
    '',
    paint('strong', words.signOffs),
    ...signOffs.flatMap(({ role, signed }) => {
      const text = signed
        ? `${role}: ${[signed.by, signed.moment, signed.comment].filter((part) => part !== '').join(', ')}`
        : `${role}: ${words.missing}`;
      const [first = '', ...more] = wrapLines('  ', text, width, 4);
      return [`${signed ? paint('good', '✓') : paint('risk', '?')} ${first.slice(2)}`, ...more];
    }),
  ];
}
