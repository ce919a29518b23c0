import type { ResolvedCheck } from './resolved.ts';
import { stableText } from './stable-text.ts';

/** A check with its configuration as one text, the same for the same question. Secrets are named in it, and not there. */
export function askedOf({ kind, written }: ResolvedCheck): string {
  return stableText([kind, written]);
}
