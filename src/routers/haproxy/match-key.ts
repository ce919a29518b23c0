import type { Match } from '../router.ts';

/** Longest pattern that a match may have. */
const patternCharsMax = 256;

/**
 * The regular expression (PCRE2) that finds a match in HAProxy's `req.hdrs`: every header as `name: value`, names in lower case, lines
 * ended by CR and LF. Without blanks, because a line of a map is split at the first.
 *
 * @throws Error, with the reason, for a match that could be found in another header than its own.
 */
export function matchKey(match: Match): string {
  if ('cookie' in match)
    return `(?:^|\\n)cookie:\\x20(?:[^\\r\\n]*;\\x20*)?${literal(match.cookie)}=${literal(match.equals)}\\x20*[;\\r]`;
  const name = `(?:^|\\n)${literal(match.header.toLowerCase())}:\\x20`;
  if ('equals' in match) return `${name}${literal(match.equals)}\\r`;
  if ('contains' in match) return `${name}[^\\r\\n]*${literal(match.contains)}`;
  return `${name}${withinLine(match.pattern)}`;
}

/** Text that stands for itself, byte for byte. */
function literal(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/**
 * What may stand in a pattern: nothing of it can go over the end of a line, look around, or mean something else to PCRE2. A group is not
 * repeated, so that no request can keep HAProxy busy.
 */
const part =
  /\\[dw]|\\[-.+*?()[\]{}|^$\\/@]|\[(?:\\[-.\]\\^]|[A-Za-z0-9_@.:,/+*?!#%&=~;() -])+\]|\(\?:|\((?!\?)|\)(?![*+{])|\||[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}|\.|[A-Za-z0-9_@:,/!#%&=~;<>"' -]/y;

/** A pattern on the value of a header as one on its line. `^` and `$` may only be its first and its last character. */
function withinLine(pattern: string): string {
  if (pattern.length > patternCharsMax) throw new Error(`a pattern may have ${patternCharsMax} characters`);
  new RegExp(pattern);
  const fromStart = pattern.startsWith('^');
  const toEnd = /(?<!\\)(?:\\\\)*\$$/.test(pattern);
  const inner = pattern.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined);
  let line = '';
  part.lastIndex = 0;
  while (part.lastIndex < inner.length) {
    const at = part.lastIndex;
    const [found] = part.exec(inner) ?? [];
    if (found === undefined)
      throw new Error(
        `HAProxy can be told letters, classes such as [a-z], groups and repetitions, and not what begins at ${inner.slice(at, at + 10)}`,
      );
    line += found === '.' ? '[^\\r\\n]' : found.replaceAll(' ', '\\x20');
  }
  return `${fromStart ? '' : '[^\\r\\n]*'}(?:${line})${toEnd ? '\\r' : ''}`;
}
