import { hidden, redactedText } from '../../views/redacted.ts';
import { cleanText } from '../../views/report-text/clean-text.ts';

/** What else does not leave the house than what is a secret everywhere: how people are reached, and whatever looks like a key. */
const private_: readonly RegExp[] = [
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/gu,
  /(?<![\p{L}\p{N}])\+\d(?:[ ().-]{0,2}\d){7,14}/gu,
  /\b(?:sk|pk|rk|tok|whsec|xapp|glsa|hvs|npm|dop_v1|SG)[-_.][A-Za-z0-9_.-]{12,}/g,
  /\bAIza[A-Za-z0-9_-]{20,}/g,
  /(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])/g,
];
/** A long run of such signs is a key where it has capitals, small letters and digits. */
const run = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{24,2000}={0,2}(?![A-Za-z0-9+/=_-])/g;

/**
 * A text as it may be sent to somebody else's machine: on one line, without secrets, addresses and numbers of people, and whatever looks
 * like a key. Rather too much is hidden than too little.
 *
 * @param known - Secrets that are known, as they are.
 */
export function bareText(text: string, known: readonly string[] = []): string {
  const safe = private_.reduce((left, pattern) => left.replace(pattern, hidden), redactedText(cleanText(text), known));
  return safe.replace(run, (found) => (/[a-z]/.test(found) && /[A-Z]/.test(found) && /\d/.test(found) ? hidden : found));
}
