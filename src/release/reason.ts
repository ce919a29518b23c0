import type { Compared } from '../analysis/guard.ts';
import { type Language, toldIn } from '../analysis/sentence.ts';
import type { Cause, ReleaseState } from './types.ts';

/** The names by which the guard speaks of a release. */
export function comparedBy({ version, plan }: ReleaseState): Compared {
  return { candidate: version, stable: plan.stable };
}

/** Why a release goes back, without a full stop; in English where the guard has no part in it. */
export function causeText(release: ReleaseState, cause: Cause, language: Language): string {
  if (cause.said === null || language === 'en') return cause.sentence;
  const text = toldIn(cause, comparedBy(release), language);
  return cause.by === 'deadline' ? `${heldForTooLong[language]}: ${text}` : text;
}

/** What comes before the reason of a hold that ended the release. */
export const heldForTooLong: Readonly<Record<Language, string>> = {
  en: 'held for too long',
  ru: 'слишком долго приостановлен',
};
