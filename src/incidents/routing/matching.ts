import type { AlertMatcher } from '../../spec/alert-matcher.ts';
import { patternOf } from '../../spec/alert-pattern.ts';

/** What an alert is known by. A label that is not there is an empty one. */
export type Labels = Readonly<Record<string, string>>;

/** The value of a label. */
export function labelOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/** Whether labels are like all of the matchers; without any they are. */
export function areLike(matchers: readonly AlertMatcher[], labels: Labels): boolean {
  return matchers.every((matcher) => isLike(matcher, labelOf(labels, matcher.name)));
}

/** Whether a value is like what a matcher asks for. A pattern that is none is like nothing; a document with one is refused. */
export function isLike({ op, value: wanted }: AlertMatcher, value: string): boolean {
  if (op === '=') return value === wanted;
  if (op === '!=') return value !== wanted;
  const pattern = patternOf(wanted);
  if ('problem' in pattern) return false;
  return pattern.isLike(value) === (op === '=~');
}
