import { patternOf } from './alert-pattern.ts';
import { classicMatchers } from './classic-matchers.ts';
import { quoted, unquoted } from './go-quoted.ts';
import { MatcherMistake, type MatcherToken, MatcherTokens, type MatchOperator } from './matcher-tokens.ts';

/** What one label has to be like; a label that is not there is an empty one. */
export type AlertMatcher = { readonly name: string; readonly op: MatchOperator; readonly value: string };

/** What is wrong with a text of matchers, in one line. */
export type MatcherProblem = { readonly problem: string };

/** Longer texts are no matchers that a person has written. */
const textMax = 10_000;

/**
 * A list of matchers as documents write it: `severity="critical", team=~"a|b"`, with or without braces. What the UTF-8 syntax does not
 * take is read in the classic one, and so is what the two read differently: that is what Alertmanager does.
 *
 * @see prometheus/alertmanager, matcher/compat/parse.go: FallbackMatchersParser.
 */
export function matchersIn(text: string): readonly AlertMatcher[] | MatcherProblem {
  if (text.length > textMax) return { problem: `it has ${text.length} characters, more than ${textMax}` };
  const modern = utf8Matchers(text);
  const classic = classicMatchers(text);
  const read = 'problem' in classic ? modern : classic;
  if ('problem' in read) return read;
  return patternProblem(read) ?? read;
}

/** One matcher: `severity="critical"`. */
export function matcherIn(text: string): AlertMatcher | MatcherProblem {
  return onlyOne(matchersIn(text));
}

/** The same in the UTF-8 syntax alone. */
export function utf8Matcher(text: string): AlertMatcher | MatcherProblem {
  return onlyOne(utf8Matchers(text));
}

function onlyOne(read: readonly AlertMatcher[] | MatcherProblem): AlertMatcher | MatcherProblem {
  if ('problem' in read) return read;
  const [first] = read;
  if (!first) return { problem: 'no matchers' };
  return read.length === 1 ? first : { problem: `expected 1 matcher, found ${read.length}` };
}

/**
 * A list of matchers in the UTF-8 syntax: names and values may be anything, in quotes.
 *
 * @see prometheus/alertmanager, matcher/parse/parse.go, whose messages these are.
 */
export function utf8Matchers(text: string): readonly AlertMatcher[] | MatcherProblem {
  try {
    return new Reader(text).read();
  } catch (error) {
    if (error instanceof MatcherMistake) return { problem: error.message };
    throw error;
  }
}

const operators: readonly MatcherToken['kind'][] = ['=', '!=', '=~', '!~'];

class Reader {
  readonly #tokens: MatcherTokens;

  constructor(text: string) {
    this.#tokens = new MatcherTokens(text);
  }

  read(): readonly AlertMatcher[] {
    const tokens = this.#tokens;
    const matchers: AlertMatcher[] = [];
    const first = tokens.peek().kind;
    if (first === 'end') return [];
    if (first === '{') tokens.next();
    const isBraced = first === '{';
    while (!this.#ends()) {
      matchers.push(this.#matcher());
      const { kind } = this.#expect([',', '}', 'end'], 'expected a comma or close brace', 'peek');
      if (kind !== ',') break;
      tokens.next();
      this.#expect(['}', 'unquoted', 'quoted', 'end'], 'expected a matcher or close brace after comma', 'peek');
    }
    this.#close(isBraced);
    const { kind, from, to, text } = tokens.next();
    if (kind !== 'end') throw new MatcherMistake(`${from}:${to}: ${text}: expected end of input`);
    return matchers;
  }

  #ends(): boolean {
    const { kind } = this.#tokens.peek();
    return kind === '}' || kind === 'end';
  }

  #close(isBraced: boolean): void {
    const { kind } = this.#tokens.peek();
    if (kind === '}') this.#tokens.next();
    const { column } = this.#tokens;
    if (isBraced && kind !== '}') throw new MatcherMistake(`0:${column}: end of input: expected close brace`);
    if (!isBraced && kind === '}') throw new MatcherMistake(`0:${column}: }: expected opening brace`);
  }

  #matcher(): AlertMatcher {
    const name = this.#word('expected label name');
    const { kind } = this.#expect(operators, "expected an operator such as '=', '!=', '=~' or '!~'", 'next');
    return { op: kind as MatchOperator, name, value: this.#word('expected label value') };
  }

  #word(expected: string): string {
    const { kind, from, to, text } = this.#expect(['quoted', 'unquoted'], expected, 'next');
    const word = kind === 'quoted' ? unquoted(text) : text;
    if (word === null) throw new MatcherMistake(`${from}:${to}: ${text}: invalid input`);
    return word;
  }

  #expect(kinds: readonly MatcherToken['kind'][], expected: string, how: 'next' | 'peek'): MatcherToken {
    let token: MatcherToken;
    try {
      token = this.#tokens[how]();
    } catch (error) {
      throw error instanceof MatcherMistake ? new MatcherMistake(`${error.message}: ${expected}`) : error;
    }
    if (kinds.includes(token.kind)) return token;
    const { column } = this.#tokens;
    if (token.kind === 'end') throw new MatcherMistake(`0:${column}: end of input: ${expected}`);
    throw new MatcherMistake(`${token.from}:${token.to}: unexpected ${token.text}: ${expected}`);
  }
}

function patternProblem(matchers: readonly AlertMatcher[]): MatcherProblem | null {
  for (const { op, value } of matchers) {
    const pattern = op === '=~' || op === '!~' ? patternOf(value) : null;
    if (pattern && 'problem' in pattern)
      return { problem: `not a regular expression (RE2): ${value.slice(0, 100)}: ${pattern.problem}` };
  }
  return null;
}

/** A matcher as documents write it and keys of routes have it: `owner=~"team-(B|C)"`. */
export function matcherText({ name, op, value }: AlertMatcher): string {
  const escaped = value.replace(/[\\\n"]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
  const isPlain = name !== '' && !/[\s{}!=~,\\"'`]/u.test(name);
  return `${isPlain ? name : quoted(name)}${op}"${escaped}"`;
}

const order: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** By name, then value: the order in which keys of routes have them. */
export function sortedMatchers(matchers: readonly AlertMatcher[]): readonly AlertMatcher[] {
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return matchers.toSorted(
    (a, b) => byText(a.name, b.name) || byText(a.value, b.value) || order.indexOf(a.op) - order.indexOf(b.op),
  );
}
