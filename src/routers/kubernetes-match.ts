import type { Match } from './router.ts';

/** Longest pattern that a route may carry. */
const patternCharsMax = 256;

/** A header and what it has to be: a text, or a pattern in RE2 that means the same where it must fit the whole value or a part of it. */
export type HeaderMatch =
  | { readonly header: string; readonly exact: string }
  | { readonly header: string; readonly pattern: string };

/**
 * A match as a condition on one header. Envoy wants a pattern to fit the whole value, nginx and others look for it anywhere.
 *
 * @throws SyntaxError for a pattern that is none or that RE2 does not know, or a cookie without a value.
 */
export function headerMatchOf(match: Match): HeaderMatch {
  if ('cookie' in match) {
    if (match.equals === '') throw new SyntaxError('a cookie needs a value');
    return { header: 'Cookie', pattern: `^(?:.*;[ \\t]*)?${escaped(match.cookie)}=${escaped(match.equals)}[ \\t]*(?:;.*)?$` };
  }
  if ('equals' in match) return { header: match.header, exact: match.equals };
  if ('contains' in match) return { header: match.header, pattern: `.*${escaped(match.contains)}.*` };
  if (match.pattern.length > patternCharsMax) throw new SyntaxError(`a pattern may have ${patternCharsMax} characters`);
  new RegExp(match.pattern);
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(match.pattern))
    throw new SyntaxError('look-around and references to groups are not in RE2, which runs in linear time');
  return { header: match.header, pattern: `.*(?:${match.pattern}).*` };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
