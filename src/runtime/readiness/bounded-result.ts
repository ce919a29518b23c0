import type { CheckResult } from '../../checks/check.ts';
import type { Text } from '../../spec/text.ts';

const evidenceMax = 50;
const lineMax = 500;
const textMax = 2_000;
const figuresMax = 50;

/**
 * An answer as it is kept: bounded, and without secrets.
 *
 * @param hide - Takes secrets out of a text.
 */
export function boundedResult(result: CheckResult, hide: (text: string) => string): CheckResult {
  const told = (text: Text): Text =>
    typeof text === 'string' ? cut(hide(text), textMax) : { en: cut(hide(text.en), textMax), ru: cut(hide(text.ru), textMax) };
  const { status, lookedAt, found, expected, fix, evidence, figures } = result;
  return {
    status,
    lookedAt: told(lookedAt),
    found: told(found),
    expected: told(expected),
    fix: fix === null ? null : told(fix),
    evidence: evidence.slice(0, evidenceMax).map((line) => cut(hide(line), lineMax)),
    figures: Object.fromEntries(
      Object.entries(figures)
        .filter(([, value]) => Number.isFinite(value))
        .slice(0, figuresMax),
    ),
  };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
