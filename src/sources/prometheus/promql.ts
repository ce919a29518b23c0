/** One word, text, number or sign of a PromQL expression; `from` and `to` are offsets into it. */
export type Token = {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  readonly text: string;
  readonly from: number;
  readonly to: number;
};

/** A metric with its matchers, and nothing around it. */
export type Selector = {
  readonly name: string;
  /** Labels that are matched already. */
  readonly labels: readonly string[];
  readonly matchers: readonly Matcher[];
  /** Where a further matcher goes: before the closing brace, or at the end where there are no braces. */
  readonly insertAt: number;
  readonly hasBraces: boolean;
  /** Whether a comma has to come before a further matcher. */
  readonly needsComma: boolean;
};

/** One condition on a label; `text` is the whole of it as it is written, `value` is without its quotes. */
export type Matcher = { readonly label: string; readonly operator: string; readonly value: string; readonly text: string };

/** Where the version belongs in a query that the user has written. */
export const placeholder = '{{version}}';

const pattern =
  /(?<space>\s+|#[^\n]*)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(?<word>[A-Za-z_:][A-Za-z0-9_:]*)|(?<number>\d[\w.]*)|(?<sign>=~|!~|!=|==|>=|<=|[^\s"'`])/y;

/** The parts of an expression in their order, without comments and space; null when a text in it does not end. */
export function tokensOf(expression: string): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < expression.length; ) {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (!found) return null;
    const [text] = found;
    for (const kind of ['text', 'word', 'number', 'sign'] as const)
      if (found.groups?.[kind] !== undefined) tokens.push({ kind, text, from: at, to: at + text.length });
    at += text.length;
  }
  return tokens;
}

/** The expression as a plain selector; null when it is anything else. */
export function selectorOf(expression: string): Selector | null {
  const tokens = tokensOf(expression);
  const [name, open] = tokens ?? [];
  if (!tokens || name?.kind !== 'word') return null;
  if (!open) return { name: name.text, labels: [], matchers: [], insertAt: name.to, hasBraces: false, needsComma: false };
  if (open.text !== '{') return null;
  const matchers: Matcher[] = [];
  let at = 2;
  while (tokens[at] && tokens[at]?.text !== '}') {
    const [label, operator, value, comma] = tokens.slice(at, at + 4);
    if (label?.kind !== 'word' || !operator || !/^(=|!=|=~|!~)$/.test(operator.text) || value?.kind !== 'text') return null;
    matchers.push({
      label: label.text,
      operator: operator.text,
      value: value.text.slice(1, -1),
      text: `${label.text}${operator.text}${value.text}`,
    });
    at += 3;
    if (comma?.text === ',') at += 1;
    else if (comma?.text !== '}') return null;
  }
  const close = tokens[at];
  if (!close || at !== tokens.length - 1) return null;
  const needsComma = matchers.length > 0 && tokens[at - 1]?.text !== ',';
  const labels = matchers.map(({ label }) => label);
  return { name: name.text, labels, matchers, insertAt: close.from, hasBraces: true, needsComma };
}

/** Words that stand beside selectors and are none. */
const noSelector = /^(and|or|unless|bool|offset|inf|nan|start|end)$/i;
/** Words before a list of labels in round brackets. */
const beforeLabels = /^(by|without|on|ignoring|group_left|group_right)$/i;

/** The texts of all the selectors in an expression, in their order: metrics with their matchers, without a range or an offset. */
export function selectorsIn(expression: string): readonly string[] {
  const tokens = tokensOf(expression) ?? [];
  const found: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    const next = tokens[at + 1]?.text ?? '';
    if (token?.kind === 'word' && beforeLabels.test(token.text)) {
      if (next === '(') at = closing(tokens, at + 1, ')');
    } else if (token?.kind === 'word' && noSelector.test(token.text)) continue;
    else if (token?.text === '[') at = closing(tokens, at, ']');
    else if (token?.text === '{' || (token?.kind === 'word' && next === '{')) {
      const last = closing(tokens, at, '}');
      found.push(expression.slice(token.from, tokens[last]?.to));
      at = last;
    } else if (token?.kind === 'word' && next !== '(' && !beforeLabels.test(next)) found.push(token.text);
  }
  return found;
}

/** Index of the sign that ends what begins at an index; of the last token when nothing does. */
function closing(tokens: readonly Token[], from: number, sign: string): number {
  const at = tokens.findIndex(({ kind, text }, index) => index > from && kind === 'sign' && text === sign);
  return at < 0 ? tokens.length - 1 : at;
}

/** The selector with further matchers, written as in PromQL: `code=~"5.."`. */
export function withMatchers(expression: string, selector: Selector, matchers: string): string {
  const before = expression.slice(0, selector.insertAt);
  const rest = expression.slice(selector.insertAt);
  return selector.hasBraces ? `${before}${selector.needsComma ? ',' : ''}${matchers}${rest}` : `${before}{${matchers}}${rest}`;
}

/** The selector with a suffix to the name of its metric. */
export function withSuffix(expression: string, { name }: Selector, suffix: string): string {
  const at = expression.indexOf(name) + name.length;
  return `${expression.slice(0, at)}${suffix}${expression.slice(at)}`;
}

/** Whether the placeholder stands inside of a text of the expression, where it can be replaced by a version. */
export function hasPlaceholder(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind, text }) => kind === 'text' && text.includes(placeholder));
}

/**
 * The expression for one version. In a text that is matched as a regular expression the version stands for itself only.
 *
 * @param version - As documents allow it: letters, digits and . _ + -
 */
export function forVersion(expression: string, version: string, versionLabel: string): string {
  const tokens = tokensOf(expression) ?? [];
  if (!hasPlaceholder(tokens)) {
    const selector = selectorOf(expression);
    if (!selector) throw new Error(`no selector: ${expression}`);
    return withMatchers(expression, selector, `${versionLabel}="${version}"`);
  }
  let written = '';
  let at = 0;
  for (const [index, { kind, text, from, to }] of tokens.entries()) {
    if (kind !== 'text') continue;
    const isPattern = /^[=!]~$/.test(tokens[index - 1]?.text ?? '');
    // Inside of quotes PromQL reads a backslash as the beginning of an escape, inside of backticks it does not.
    const escaped = text.startsWith('`') ? '\\$&' : '\\\\$&';
    const value = isPattern ? version.replace(/[.+]/g, escaped) : version;
    written += expression.slice(at, from) + text.replaceAll(placeholder, () => value);
    at = to;
  }
  return written + expression.slice(at);
}
