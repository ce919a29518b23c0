import type { Match } from '../router.ts';

/** Longest pattern that a route may carry. */
const patternCharsMax = 256;

/** A matcher set of Caddy, as JSON. */
export type MatcherSet = { readonly header_regexp: Readonly<Record<string, { readonly pattern: string }>> };

/**
 * A match as Caddy's `header_regexp`, whose patterns (RE2) run in linear time. Its `header` matcher takes a `*` in a value for a
 * wildcard and braces for a placeholder; this one takes both as they are.
 *
 * @throws SyntaxError for a pattern that is none, or a value that would match requests without the cookie.
 */
export function matcherOf(match: Match): MatcherSet {
  if ('cookie' in match) {
    if (match.equals === '') throw new SyntaxError('a cookie needs a value');
    return on('Cookie', `(?:^|;[ \\t]*)${escaped(match.cookie)}=${escaped(match.equals)}[ \\t]*(?:;|$)`);
  }
  if ('equals' in match) return on(match.header, `^${escaped(match.equals)}$`);
  if ('contains' in match) return on(match.header, escaped(match.contains));
  if (match.pattern.length > patternCharsMax) throw new SyntaxError(`a pattern may have ${patternCharsMax} characters`);
  new RegExp(match.pattern);
  return on(match.header, match.pattern);
}

function on(header: string, pattern: string): MatcherSet {
  return { header_regexp: { [header]: { pattern } } };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
