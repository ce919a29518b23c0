/** A condition of an item, such as `kubernetes && tier != 'batch'`, or what is wrong with it. */
export type Condition =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or' | 'equal' | 'unequal'; readonly left: Condition; readonly right: Condition };

type Token = { readonly text: string; readonly at: number };

const token = /\s*(&&|\|\||==|!=|!|\(|\)|'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9]*)/y;
/** Deeper than anybody writes. */
const depthMax = 50;

/**
 * Reads a condition: parameters, texts in quotes, numbers, `true` and `false`, joined by `&&`, `||`, `!`, `==`, `!=` and parentheses;
 * `!` binds the most, then comparisons, `&&`, and `||`.
 */
export function readCondition(text: string): { readonly condition: Condition } | { readonly problem: string } {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) {
      const rest = text.slice(at).trimStart();
      return { problem: `unexpected ${JSON.stringify(rest[0])} at ${text.length - rest.length + 1}` };
    }
    tokens.push({ text: found[1] as string, at: token.lastIndex - (found[1] as string).length });
    at = token.lastIndex;
  }
  try {
    const reader = new Reader(tokens);
    return { condition: reader.whole() };
  } catch (error) {
    if (error instanceof Unexpected) return { problem: error.message };
    throw error;
  }
}

/** The parameters that a condition asks about. */
export function namesIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'name':
      return [condition.name];
    case 'value':
      return [];
    case 'not':
      return namesIn(condition.of);
    default:
      return [...namesIn(condition.left), ...namesIn(condition.right)];
  }
}

/** Whether a condition holds. A parameter that is not given is no yes, and equal to nothing. */
export function holds(condition: Condition, parameters: Readonly<Record<string, unknown>>): boolean {
  const value = worth(condition, parameters);
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

function worth(condition: Condition, parameters: Readonly<Record<string, unknown>>): unknown {
  switch (condition.kind) {
    case 'name':
      return Object.hasOwn(parameters, condition.name) ? parameters[condition.name] : undefined;
    case 'value':
      return condition.value;
    case 'not':
      return !holds(condition.of, parameters);
    case 'and':
      return holds(condition.left, parameters) && holds(condition.right, parameters);
    case 'or':
      return holds(condition.left, parameters) || holds(condition.right, parameters);
    case 'equal':
      return worth(condition.left, parameters) === worth(condition.right, parameters);
    case 'unequal':
      return worth(condition.left, parameters) !== worth(condition.right, parameters);
  }
}

class Unexpected extends Error {}

class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Condition {
    const condition = this.#either();
    const rest = this.#tokens[this.#next];
    if (rest) throw new Unexpected(`unexpected ${rest.text} at ${rest.at + 1}`);
    return condition;
  }

  #either(): Condition {
    let left = this.#both();
    while (this.#take('||')) left = { kind: 'or', left, right: this.#both() };
    return left;
  }

  #both(): Condition {
    let left = this.#compared();
    while (this.#take('&&')) left = { kind: 'and', left, right: this.#compared() };
    return left;
  }

  #compared(): Condition {
    const left = this.#single();
    if (this.#take('==')) return { kind: 'equal', left, right: this.#single() };
    if (this.#take('!=')) return { kind: 'unequal', left, right: this.#single() };
    return left;
  }

  #single(): Condition {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new Unexpected(`more than ${depthMax} conditions within each other`);
    const condition = this.#take('!') ? ({ kind: 'not', of: this.#single() } as const) : this.#plain();
    this.#depth -= 1;
    return condition;
  }

  #plain(): Condition {
    if (this.#take('(')) {
      const inner = this.#either();
      if (!this.#take(')')) throw new Unexpected('expected ) at the end');
      return inner;
    }
    const found = this.#tokens[this.#next];
    if (!found) throw new Unexpected('expected a parameter at the end');
    this.#next += 1;
    const { text, at } = found;
    if (/^['"]/.test(text)) return { kind: 'value', value: text.slice(1, -1) };
    if (/^[-\d]/.test(text)) return { kind: 'value', value: Number(text) };
    if (text === 'true' || text === 'false') return { kind: 'value', value: text === 'true' };
    if (/^[A-Za-z]/.test(text)) return { kind: 'name', name: text };
    throw new Unexpected(`expected a parameter, found ${text} at ${at + 1}`);
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#next]?.text !== text) return false;
    this.#next += 1;
    return true;
  }
}
