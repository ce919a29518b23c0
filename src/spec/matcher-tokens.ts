/** How a label is compared. */
export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** A word of a list of matchers, and where it stands: columns count characters, from 0. */
export type MatcherToken = {
  readonly kind: '{' | '}' | ',' | MatchOperator | 'quoted' | 'unquoted' | 'end';
  readonly text: string;
  readonly from: number;
  readonly to: number;
};

/** A text that is no list of matchers; the message has the columns. */
export class MatcherMistake extends Error {}

const reserved = /[\s{}!=~,\\"'`]/u;

/**
 * The words of a list of matchers in the UTF-8 syntax, one at each call.
 *
 * @see prometheus/alertmanager, matcher/parse/lexer.go, whose messages these are.
 */
export class MatcherTokens {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#chars = [...text];
  }

  /** Columns before the next word. */
  get column(): number {
    return this.#at;
  }

  /** The next word without taking it. */
  peek(): MatcherToken {
    const at = this.#at;
    const token = this.next();
    this.#at = at;
    return token;
  }

  /** @throws MatcherMistake */
  next(): MatcherToken {
    while (/^\s$/u.test(this.#char())) this.#at += 1;
    const from = this.#at;
    const char = this.#char();
    switch (char) {
      case '':
        return { kind: 'end', text: '', from, to: from };
      case '{':
      case '}':
      case ',':
        this.#at += 1;
        return this.#token(char, from);
      case '=':
      case '!':
        return this.#operator(char, from);
      case '"':
        return this.#quoted(from);
    }
    if (reserved.test(char)) throw new MatcherMistake(`${from}:${from + 1}: ${char}: invalid input`);
    while (this.#char() !== '' && !reserved.test(this.#char())) this.#at += 1;
    return this.#token('unquoted', from);
  }

  #operator(first: '=' | '!', from: number): MatcherToken {
    const second = this.#chars[this.#at + 1] ?? '';
    const two = `${first}${second}`;
    if (two === '!=' || two === '!~' || two === '=~') {
      this.#at += 2;
      return this.#token(two, from);
    }
    this.#at += 1;
    if (first === '=') return this.#token('=', from);
    const found = second === '' ? 'unexpected end of input' : second;
    throw new MatcherMistake(`${from + 1}:${from + 2}: ${found}: expected one of '=~'`);
  }

  #quoted(from: number): MatcherToken {
    this.#at += 1;
    for (let isEscaped = false; ; this.#at += 1) {
      const char = this.#char();
      if (char === '') throw new MatcherMistake(`${from}:${this.#at}: ${this.#text(from)}: missing end "`);
      if (isEscaped) isEscaped = false;
      else if (char === '\\') isEscaped = true;
      else if (char === '"') break;
    }
    this.#at += 1;
    return this.#token('quoted', from);
  }

  #token(kind: MatcherToken['kind'], from: number): MatcherToken {
    return { kind, text: this.#text(from), from, to: this.#at };
  }

  #text(from: number): string {
    return this.#chars.slice(from, this.#at).join('');
  }

  #char(): string {
    return this.#chars[this.#at] ?? '';
  }
}
