import type { IncomingHttpHeaders } from 'node:http';
import type { Match } from '../router.ts';

/** Longest pattern that a route may carry. */
export const patternCharsMax = 256;
/** A longer header or cookie value never matches a pattern, so that one request cannot keep the router busy. */
export const valueCharsMax = 4_096;

/** Whether a request belongs to the candidate whatever the weight is. */
export type Matcher = (headers: IncomingHttpHeaders) => boolean;

/** Prepares a match for many requests. Throws SyntaxError for a pattern that is none or cannot be run in linear time. */
export function matcherOf(match: Match): Matcher {
  if ('cookie' in match) return (headers) => cookieValue(headers.cookie, match.cookie) === match.equals;
  const name = match.header.toLowerCase();
  const value = (headers: IncomingHttpHeaders) => {
    const found = headers[name];
    return typeof found === 'string' ? found : undefined;
  };
  if ('equals' in match) return (headers) => value(headers) === match.equals;
  if ('contains' in match) return (headers) => value(headers)?.includes(match.contains) ?? false;
  const pattern = linearPattern(match.pattern);
  return (headers) => {
    const text = value(headers);
    return text !== undefined && text.length <= valueCharsMax && pattern.test(text);
  };
}

/** Value of a cookie in a Cookie header, the first one when it is there twice; undefined when it is not there. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  while (from < header.length) {
    const at = header.indexOf(name, from);
    if (at < 0) return undefined;
    const after = at + name.length;
    // Only a whole name counts: `rampart` must not be found inside `not-rampart=1` or in another cookie's value.
    if (header.charCodeAt(after) === 61 && (at === 0 || header.charCodeAt(at - 1) === 32 || header.charCodeAt(at - 1) === 59)) {
      const end = header.indexOf(';', after);
      return header.slice(after + 1, end < 0 ? header.length : end).trimEnd();
    }
    from = after;
  }
  return undefined;
}

/**
 * The pattern, known to need only linear time: V8's `l` flag refuses what backtracking alone can run (look-around,
 * back-references, large repetitions). The flag exists when the process was started for it (see launch.ts); elsewhere, in a
 * unit test, the pattern is only checked for syntax.
 */
function linearPattern(source: string): RegExp {
  if (source.length > patternCharsMax) throw new SyntaxError(`a pattern may have ${patternCharsMax} characters`);
  const pattern = new RegExp(source);
  if (process.execArgv.includes('--enable-experimental-regexp-engine')) new RegExp(source, 'l');
  return pattern;
}
