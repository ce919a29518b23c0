import type { AlertMatcher } from '../../spec/alert-matcher.ts';
import { patternOf } from '../../spec/alert-pattern.ts';
import { areLike, isLike, type Labels } from './matching.ts';

/** While it is active, alerts that are like it tell nobody. */
export type Silence = {
  readonly id: string;
  /** One of the sets has to hold, with all that is in it. */
  readonly matcherSets: readonly (readonly AlertMatcher[])[];
  /** Unix milliseconds. */
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Id of the alert that it was made for: it ends when that one does, and with `endsAtMs` at the latest. Null: with that alone. */
  readonly untilResolved: string | null;
  /** It is about that alert alone, whatever else has its labels. */
  readonly isAlone?: true;
  readonly by: string;
  readonly comment: string;
};

/** What is asked of an alert that a silence waits for: when it has ended; null: it has not. */
export type EndOfAlert = (id: string) => number | null;

/** When a silence ends, as far as is known. */
export function endOf({ untilResolved, endsAtMs }: Silence, endOfAlert: EndOfAlert): number {
  const resolvedAtMs = untilResolved === null ? null : endOfAlert(untilResolved);
  return resolvedAtMs === null ? endsAtMs : Math.min(endsAtMs, resolvedAtMs);
}

/** How a silence stands at a moment. */
export function silenceState(
  silence: Silence,
  nowMs: number,
  endOfAlert: EndOfAlert = () => null,
): 'pending' | 'active' | 'expired' {
  if (nowMs < silence.startsAtMs) return 'pending';
  return nowMs < endOf(silence, endOfAlert) ? 'active' : 'expired';
}

/** What a silence asks of an alert. */
export type Silenceable = { readonly id: string; readonly labels: Labels };

/** Whether a silence is about an alert, at whatever time. */
export function isAbout(
  { matcherSets, untilResolved, isAlone }: Pick<Silence, 'matcherSets' | 'untilResolved' | 'isAlone'>,
  { id, labels }: Silenceable,
): boolean {
  if (isAlone && untilResolved !== id) return false;
  return matcherSets.some((matchers) => areLike(matchers, labels));
}

/** The silence that an alert falls under at a moment, the one that lasts longest; null: none. */
export function silencedBy(
  silences: readonly Silence[],
  alert: Silenceable,
  nowMs: number,
  endOfAlert: EndOfAlert = () => null,
): Silence | null {
  const active = silences.filter((silence) => silenceState(silence, nowMs, endOfAlert) === 'active' && isAbout(silence, alert));
  return active.reduce<Silence | null>((last, one) => (last && last.endsAtMs >= one.endsAtMs ? last : one), null);
}

/** A silence as somebody asks for it. What is missing is undefined. */
export type SilenceDraft = {
  readonly matcherSets: readonly (readonly AlertMatcher[])[];
  readonly startsAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
};

/** Whether something may be the name of a label where it has to be one of Prometheus'. */
export function isClassicName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/**
 * What is wrong with a silence; null when nothing is. One that would silence everything is refused.
 *
 * @param isName - Whether a label may be called so.
 * @see prometheus/alertmanager, silence/silence.go: validateSilence, whose messages these are.
 */
export function silenceProblem({ matcherSets, startsAtMs, endsAtMs }: SilenceDraft, isName = isClassicName): string | null {
  if (matcherSets.length === 0) return 'at least one matcher required';
  for (const [at, matchers] of matcherSets.entries()) {
    if (matchers.length === 0) return `matcher set ${at} is empty`;
    const wrong = matchers.findIndex((matcher) => !isName(matcher.name) || !isMatcher(matcher));
    if (wrong >= 0) return `invalid label matcher ${wrong} in set ${at}`;
    if (matchers.every((matcher) => isLike(matcher, ''))) return 'at least one matcher must not match the empty string';
  }
  if (startsAtMs === undefined) return 'invalid zero start timestamp';
  if (endsAtMs === undefined) return 'invalid zero end timestamp';
  return endsAtMs < startsAtMs ? 'end time must not be before start time' : null;
}

function isMatcher({ op, value }: AlertMatcher): boolean {
  return op === '=' || op === '!=' || !('problem' in patternOf(value));
}

/**
 * Whether a silence may become another one under the same id; otherwise the old one is ended and the new one has an id of its own, so that
 * what was silent is never another thing afterwards.
 *
 * @see prometheus/alertmanager, silence/silence.go: canUpdate.
 */
export function mayChange(before: Silence, after: Silence, nowMs: number): boolean {
  const key = ({ matcherSets }: Silence): string => JSON.stringify(matcherSets);
  if (key(before) !== key(after) || before.untilResolved !== after.untilResolved || before.isAlone !== after.isAlone)
    return false;
  switch (silenceState(before, nowMs)) {
    case 'active':
      return after.startsAtMs === before.startsAtMs && after.endsAtMs >= nowMs;
    case 'pending':
      return after.startsAtMs >= nowMs;
    case 'expired':
      return false;
  }
}
