import type { CheckResult } from '../../checks/check.ts';
import type { Text } from '../../spec/text.ts';

const evidenceMax = 50;
const lineMax = 500;
const textMax = 2_000;
const figuresMax = 50;
const figureNameMax = 100;
/** So much more than is kept is looked through for secrets: a text is shorter without them. */
const searched = 4;

/** Takes secrets out of lines that stand one after the other. */
export type Hide = (lines: readonly string[]) => readonly string[];

/** An answer as it is kept: bounded, and without secrets. */
export function boundedResult(result: CheckResult, hide: Hide): CheckResult {
  const safe = (text: string): string => shown(text, textMax, hide);
  const told = (text: Text): Text => (typeof text === 'string' ? safe(text) : { en: safe(text.en), ru: safe(text.ru) });
  const { status, lookedAt, found, expected, fix, evidence, figures } = result;
  return {
    status,
    lookedAt: told(lookedAt),
    found: told(found),
    expected: told(expected),
    fix: fix === null ? null : told(fix),
    evidence: hide(evidence.slice(0, evidenceMax).map((line) => cut(line, searched * lineMax))).map((line) => cut(line, lineMax)),
    figures: Object.fromEntries(
      Object.entries(figures)
        .filter(([name, value]) => name.length <= figureNameMax && Number.isFinite(value))
        .slice(0, figuresMax),
    ),
  };
}

/** A line about how far a check is, as it is kept. */
export function boundedLine(text: string, hide: Hide): string {
  return shown(text, lineMax, hide);
}

function shown(text: string, max: number, hide: Hide): string {
  return cut(hide([cut(text, searched * max)])[0] ?? '', max);
}

/** A copy: a mere part of a text keeps all of it in memory. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${Buffer.from(head, 'utf16le').toString('utf16le')}…`;
}
