import type { Compared } from '../analysis/guard.ts';
import { type Language, type Told, toldIn } from '../analysis/sentence.ts';
import { recordedRussian } from './recorded-russian.ts';
import type { Cause, ReleaseState } from './types.ts';
import { pastReturnText } from './undo.ts';

/** The names by which the guard speaks of a release. */
export function comparedBy({ version, plan }: ReleaseState): Compared {
  return { candidate: version, stable: plan.stable };
}

/** Why a release is held or goes back, without a full stop. What a program has said inside of it stays as it was said. */
export function reasonText(release: ReleaseState, told: Told, language: Language): string {
  if (language === 'en') return told.sentence;
  return told.said === null ? recordedRussian(told.sentence) : toldIn(told, comparedBy(release), language);
}

/** What a release is held for, without a full stop; null when it is not held. */
export function heldText(release: ReleaseState, language: Language): string | null {
  const { phase } = release;
  if (phase.kind === 'held') return reasonText(release, phase, language);
  if (phase.kind !== 'rolling-back' || phase.part !== 'decide') return null;
  return reasonText(release, { sentence: pastReturnText(release), said: null }, language);
}

/** Why a release goes back, without a full stop. */
export function causeText(release: ReleaseState, cause: Cause, language: Language): string {
  const text = reasonText(release, cause, language);
  // What the guard has said is told anew without what came before it.
  return language !== 'en' && cause.said !== null && cause.by === 'deadline' ? `${heldForTooLong[language]}: ${text}` : text;
}

/** What comes before the reason of a hold that ended the release. */
export const heldForTooLong: Readonly<Record<Language, string>> = {
  en: 'held for too long',
  ru: 'слишком долго приостановлен',
};
