import type { Comparison } from '../../readiness/compare.ts';
import type { ItemState, PhaseState, ReadinessReport, SignOff } from '../../readiness/types.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';
import { type Text, textIn } from '../../spec/text.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';

/** `Text` as a text of one language, anywhere in a value. */
type Told<Value> = Value extends string
  ? Value
  : Value extends Exclude<Text, string>
    ? string
    : Value extends readonly (infer One)[]
      ? readonly Told<One>[]
      : Value extends object
        ? { readonly [Key in keyof Value]: Told<Value[Key]> }
        : Value;

/** A report for programs, its keys in this order. Times are Unix ms, the score is out of 10. See docs/guides/readiness-report.md. */
export type ReportJson = {
  readonly verdict: ReadinessReport['verdict'];
  readonly score: number | null;
  readonly phases: readonly ToldPhase[];
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly title: string;
  readonly atMs: number;
  readonly summary: string;
  readonly formula: { readonly points: number; readonly of: number; readonly text: string };
  /** SHA-256 in hex: what is signed. */
  readonly hash: string;
  readonly roles: readonly Told<SignOffRole>[];
  readonly signOffs: readonly SignOff[];
  /** Roles whose signature is needed and is not there. */
  readonly unsigned: readonly string[];
  readonly comparison: Told<Comparison> | null;
  readonly language: ReportLanguage;
};

type ToldPhase = Told<Omit<PhaseState, 'items'>> & { readonly items: readonly Told<ItemState>[] };

/** A report as a value for JSON. */
export function reportJson(
  { report, hash, roles, signOffs, unsigned, comparison }: ReportInput,
  language: ReportLanguage,
): ReportJson {
  const say = (text: Text): string => textIn(text, language);
  return {
    verdict: report.verdict,
    score: report.score,
    phases: report.phases.map(({ id, title, verdict, score, items }) => ({
      id,
      title: say(title),
      verdict,
      score,
      items: items.map((item) => toldItem(item, say)),
    })),
    service: report.service,
    version: report.version,
    checklist: report.checklist,
    title: say(report.title),
    atMs: report.atMs,
    summary: say(report.summary),
    formula: { points: report.formula.points, of: report.formula.of, text: say(report.formula.text) },
    hash,
    roles: roles.map(({ role, title, by }) => ({ role, title: say(title), by })),
    signOffs: signOffs.map(({ role, by, comment, atMs, hash: signed }) => ({ role, by, comment, atMs, hash: signed })),
    unsigned,
    comparison: comparison && {
      before: headOf(comparison.before),
      after: headOf(comparison.after),
      changes: comparison.changes.map(({ item, title, kind, before, after }) => ({
        item,
        title: say(title),
        kind,
        before,
        after,
      })),
      figures: comparison.figures.map(({ item, figure, before, after }) => ({ item, figure, before, after })),
    },
    language,
  };
}

/** The same as a file. */
export function jsonReport(input: ReportInput, language: ReportLanguage): string {
  return `${JSON.stringify(reportJson(input, language), null, 2)}\n`;
}

/** Key by key, so that their order does not depend on where the item comes from: a file, a log, a run. */
function toldItem(item: ItemState, say: (text: Text) => string): Told<ItemState> {
  const { id, title, role, severity, status, why, fix, result, confirmation, exemption, asks, expiresMs } = item;
  return {
    id,
    title: say(title),
    role,
    severity,
    status,
    why: say(why),
    fix: fix === null ? null : say(fix),
    result: result && {
      item: result.item,
      kind: result.kind,
      asked: result.asked,
      startedMs: result.startedMs,
      tookMs: result.tookMs,
      status: result.status,
      lookedAt: say(result.lookedAt),
      found: say(result.found),
      expected: say(result.expected),
      fix: result.fix === null ? null : say(result.fix),
      evidence: result.evidence,
      figures: Object.fromEntries(Object.entries(result.figures).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    confirmation: confirmation && {
      item: confirmation.item,
      by: confirmation.by,
      comment: confirmation.comment,
      evidence: evidenceOf(confirmation.evidence),
      atMs: confirmation.atMs,
      untilMs: confirmation.untilMs,
    },
    exemption: exemption && {
      item: exemption.item,
      by: exemption.by,
      reason: exemption.reason,
      atMs: exemption.atMs,
      untilMs: exemption.untilMs,
    },
    asks: asks && { role: asks.role, text: say(asks.text), evidence: asks.evidence },
    expiresMs,
  };
}

function evidenceOf(evidence: NonNullable<ItemState['confirmation']>['evidence']) {
  if (evidence === null) return null;
  return evidence.kind === 'link'
    ? { kind: evidence.kind, url: evidence.url }
    : { kind: evidence.kind, name: evidence.name, bytes: evidence.bytes, sha256: evidence.sha256 };
}

function headOf({ atMs, score, verdict }: Comparison['before']): Comparison['before'] {
  return { atMs, score, verdict };
}
