import { isBlocking } from '../../readiness/blockers.ts';
import type { ItemState, ItemStatus, ReadinessVerdict, SignOff } from '../../readiness/types.ts';
import { roleName } from '../../readiness/wording.ts';
import type { Severity } from '../../spec/checklist-types.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { cleanText } from '../report-text/clean-text.ts';
import { type ComparisonOutline, outlineOfComparison } from './comparison-outline.ts';
import { figureText, momentText, scoreText } from './figures.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { type ReportWords, reportWords } from './words.ts';

/** A report in one language, in the order in which it is read: what every form of it for people is written from. */
export type ReportOutline = {
  readonly words: ReportWords;
  readonly service: string;
  readonly version: string;
  /** Service and version, as far as there is one. */
  readonly subject: string;
  readonly title: string;
  readonly moment: string;
  readonly verdict: { readonly kind: ReadinessVerdict; readonly text: string };
  readonly score: string;
  readonly formula: string;
  /** Sentences for whoever reads nothing else. */
  readonly summary: readonly string[];
  readonly phases: readonly PhaseOutline[];
  /** Blockers that are not there, those that failed first. */
  readonly blockers: readonly ItemOutline[];
  /** Whatever else is not as it should be, in the same order. */
  readonly risks: readonly ItemOutline[];
  readonly signOffs: readonly SignOffOutline[];
  readonly comparison: ComparisonOutline | null;
  readonly hash: string;
};

export type PhaseOutline = {
  readonly id: string;
  readonly title: string;
  readonly verdict: { readonly kind: ReadinessVerdict; readonly text: string };
  readonly score: string;
  readonly counts: Readonly<Record<ItemStatus, number>>;
  readonly items: readonly ItemOutline[];
};

export type ItemOutline = {
  readonly id: string;
  readonly title: string;
  readonly role: string;
  readonly severity: { readonly kind: Severity; readonly text: string };
  readonly status: { readonly kind: ItemStatus; readonly text: string };
  readonly why: string;
  /** What to do; null: nothing. */
  readonly fix: string | null;
  /** What is known beside that, by label. */
  readonly facts: readonly { readonly label: string; readonly text: string; readonly url: string | null }[];
  readonly evidence: readonly string[];
};

export type SignOffOutline = {
  readonly role: string;
  /** null: not signed. */
  readonly signed: { readonly by: string; readonly moment: string; readonly comment: string } | null;
};

/** The lower, the earlier it is read. */
const urgency: Readonly<Record<ItemStatus, number>> = { fail: 0, unproven: 1, warn: 2, exempt: 3, pass: 4, skipped: 5 };

/** A report in one language. */
export function outlineOf(input: ReportInput, language: ReportLanguage): ReportOutline {
  const { report, roles, signOffs, unsigned, comparison, hash } = input;
  const words = reportWords[language];
  const verdictOf = (kind: ReadinessVerdict) => ({ kind, text: words.verdicts[kind] });
  const phases = report.phases.map(({ id, title, verdict, score, items }): PhaseOutline => {
    const count = (status: ItemStatus) => items.filter((item) => item.status === status).length;
    return {
      id,
      title: said(title, language),
      verdict: verdictOf(verdict),
      score: scoreText(score),
      counts: {
        pass: count('pass'),
        warn: count('warn'),
        fail: count('fail'),
        unproven: count('unproven'),
        exempt: count('exempt'),
        skipped: count('skipped'),
      },
      items: items.map((item) => outlineOfItem(item, words, language)),
    };
  });
  const open = phases
    .flatMap(({ items }) => items)
    .filter(({ status }) => status.kind !== 'pass' && status.kind !== 'skipped')
    .sort((a, b) => urgency[a.status.kind] - urgency[b.status.kind]);
  const others = [...signOffs.map(({ role }) => role), ...unsigned].filter((role) => !roles.some((one) => one.role === role));
  const titleOf = (role: string): string => {
    const found = roles.find((one) => one.role === role);
    // A role without a title has its id for one.
    return found && found.title !== role ? said(found.title, language) : said(roleName(role), language);
  };
  const isBlocker = ({ severity, status }: ItemOutline) => isBlocking({ severity: severity.kind, status: status.kind });
  return {
    words,
    service: cleanText(report.service),
    version: cleanText(report.version ?? words.noVersion),
    subject: cleanText(report.version === null ? report.service : `${report.service} ${report.version}`),
    title: said(report.title, language),
    moment: momentText(report.atMs),
    verdict: verdictOf(report.verdict),
    score: report.score === null ? words.noScore : `${scoreText(report.score)} / 10`,
    formula: said(report.formula.text, language),
    summary: summaryOf(input, phases, unsigned.map(titleOf), words, language),
    phases,
    blockers: open.filter(isBlocker),
    risks: open.filter((item) => !isBlocker(item)),
    signOffs: [...roles.map(({ role }) => role), ...others].map((role) => ({
      role: titleOf(role),
      signed: signedOf(signOffs.find((one) => one.role === role)),
    })),
    comparison: comparison ? outlineOfComparison(comparison, words, language) : null,
    hash,
  };
}

function summaryOf(
  { report, signOffs, unsigned, comparison }: ReportInput,
  phases: readonly PhaseOutline[],
  missing: readonly string[],
  words: ReportWords,
  language: ReportLanguage,
): readonly string[] {
  const stopping = phases.filter(({ verdict }) => verdict.kind === 'not-ready').map(({ title }) => title);
  const ends = report.phases.flatMap(({ items }) => items.flatMap(({ expiresMs }) => (expiresMs === null ? [] : [expiresMs])));
  const count = (wanted: 'better' | 'worse') => comparison?.changes.filter(({ kind }) => kind === wanted).length ?? 0;
  return [
    said(report.summary, language),
    ...(stopping.length > 0 ? [words.stoppedBy(stopping.join(', '))] : []),
    ...(comparison
      ? [
          words.compared(
            scoreText(comparison.before.score),
            scoreText(comparison.after.score),
            momentText(comparison.before.atMs),
            count('better'),
            count('worse'),
          ),
        ]
      : []),
    ...(ends.length > 0 ? [words.until(momentText(ends.reduce((a, b) => Math.min(a, b))))] : []),
    ...(signOffs.length + unsigned.length > 0
      ? [words.signed(signOffs.length, signOffs.length + unsigned.length, missing.join(', '))]
      : []),
  ];
}

function outlineOfItem(item: ItemState, words: ReportWords, language: ReportLanguage): ItemOutline {
  const { id, title, role, severity, status, why, fix } = item;
  return {
    id,
    title: said(title, language),
    role: said(roleName(role), language),
    severity: { kind: severity, text: words.severities[severity] },
    status: { kind: status, text: words.statuses[status] },
    why: said(why, language),
    fix: fix === null ? null : said(fix, language),
    facts: factsOf(item, words, language),
    evidence: (item.result?.evidence ?? []).map(cleanText),
  };
}

function factsOf(item: ItemState, words: ReportWords, language: ReportLanguage): ItemOutline['facts'] {
  const { result, confirmation, exemption, asks, status, why, expiresMs } = item;
  const say = (label: string, text: Text | null, url: string | null = null) => {
    const told = text === null ? '' : said(text, language);
    return told === '' ? [] : [{ label, text: told, url }];
  };
  const figures = Object.entries(result?.figures ?? {}).map(([name, value]) => `${name} ${figureText(value)}`);
  const proof = confirmation?.evidence;
  return [
    ...(result
      ? [
          ...say(words.lookedAt, result.lookedAt),
          // Said once: as a rule it is why the item stands as it does.
          ...(said(result.found, language) === said(why, language) ? [] : say(words.found, result.found)),
          ...say(words.expected, result.expected),
          ...say(words.figures, figures.join(', ')),
          ...say(words.checked, `${momentText(result.startedMs)}, ${result.kind}, ${words.tookMs(figureText(result.tookMs))}`),
        ]
      : []),
    ...(confirmation
      ? say(
          words.confirmed,
          [confirmation.by, momentText(confirmation.atMs), confirmation.comment ?? ''].filter((part) => part !== '').join(', '),
        )
      : []),
    ...(proof?.kind === 'link' ? say(words.evidence, proof.url, proof.url) : []),
    ...(proof?.kind === 'file' ? say(words.evidence, `${proof.name}, ${proof.bytes} B, SHA-256 ${proof.sha256}`) : []),
    ...(asks && !confirmation ? say(words.asks, `${said(roleName(asks.role), language)}: ${said(asks.text, language)}`) : []),
    // An exemption in force is why the item stands as it does.
    ...(exemption && status !== 'exempt'
      ? say(words.exempt, `${exemption.by}, ${momentText(exemption.untilMs)}: ${exemption.reason}`)
      : []),
    ...(expiresMs === null || status === 'exempt' ? [] : say(words.expires, momentText(expiresMs))),
  ];
}

function signedOf(signOff: SignOff | undefined): SignOffOutline['signed'] {
  if (!signOff) return null;
  const { by, atMs, comment } = signOff;
  return { by: cleanText(by), moment: momentText(atMs), comment: cleanText(comment ?? '') };
}

function said(text: Text, language: ReportLanguage): string {
  return cleanText(textIn(text, language));
}
