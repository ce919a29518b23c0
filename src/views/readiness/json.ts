import type { Language } from '../../analysis/sentence.ts';
import type { ItemState } from '../../readiness/types.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { blockersOf, type ReportInput } from './input.ts';

/** An item of a report for programs. Moments are Unix ms. */
export type ItemView = Omit<ItemState, 'title' | 'why' | 'fix' | 'asks' | 'result'> & {
  readonly title: string;
  readonly why: string;
  readonly fix: string | null;
  readonly asks: { readonly role: string; readonly text: string; readonly evidence: 'required' | 'optional' } | null;
  readonly result: {
    readonly kind: string;
    readonly status: string;
    readonly lookedAt: string;
    readonly found: string;
    readonly expected: string;
    readonly fix: string | null;
    readonly evidence: readonly string[];
    readonly figures: Readonly<Record<string, number>>;
    readonly startedMs: number;
    readonly tookMs: number;
  } | null;
};

/** A report for programs, in one language. */
export function reportView(input: ReportInput, language: Language) {
  const { report, hash, roles, signOffs, unsigned, comparison } = input;
  const told = (text: Text) => textIn(text, language);
  return {
    verdict: report.verdict,
    score: report.score,
    service: report.service,
    version: report.version,
    checklist: report.checklist,
    title: told(report.title),
    atMs: report.atMs,
    summary: told(report.summary),
    formula: { ...report.formula, text: told(report.formula.text) },
    blockers: blockersOf(report).map(({ id }) => id),
    phases: report.phases.map(({ id, title, verdict, score, items }) => ({
      id,
      title: told(title),
      verdict,
      score,
      items: items.map((item) => itemView(item, language)),
    })),
    hash,
    roles: roles.map(({ role, title, by }) => ({ role, title: told(title), by })),
    signOffs,
    unsigned,
    comparison: comparison && {
      ...comparison,
      changes: comparison.changes.map(({ title, ...change }) => ({ ...change, title: told(title) })),
    },
  };
}

export type ReportView = ReturnType<typeof reportView>;

function itemView(item: ItemState, language: Language): ItemView {
  const told = (text: Text) => textIn(text, language);
  const { id, title, role, severity, status, why, fix, result, confirmation, exemption, asks, expiresMs } = item;
  return {
    id,
    title: told(title),
    role,
    severity,
    status,
    why: told(why),
    fix: fix === null ? null : told(fix),
    result: result && {
      kind: result.kind,
      status: result.status,
      lookedAt: told(result.lookedAt),
      found: told(result.found),
      expected: told(result.expected),
      fix: result.fix === null ? null : told(result.fix),
      evidence: result.evidence,
      figures: result.figures,
      startedMs: result.startedMs,
      tookMs: result.tookMs,
    },
    confirmation,
    exemption,
    asks: asks && { ...asks, text: told(asks.text) },
    expiresMs,
  };
}
