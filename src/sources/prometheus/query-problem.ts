import type { QueryUse } from '../../spec/event-queries.ts';
import { hasPlaceholder, placeholder, selectorOf, type Token, tokensOf } from './promql.ts';

/** Functions and aggregations whose result may fall although nothing was reset, or is no count at all. */
const noCounts =
  /^(rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|histogram_\w+|\w+_over_time|resets|changes|avg|min|max|quantile|stddev|stdvar|topk|bottomk|count|count_values|group|absent|absent_over_time|time|timestamp|vector|scalar|sgn|abs|sqrt|exp|ln|log2|log10|round|ceil|floor|clamp|clamp_max|clamp_min)$/i;

/** Operators after which a counter is none any more. */
const noCountSigns = new Set(['-', '/', '%', '^', '==', '!=', '>', '<', '>=', '<=']);

/** What is wrong with a query, beginning with `expected`; null when nothing is. */
export function promqlProblem(versionLabel: string, use: QueryUse, text: string): string | null {
  const tokens = tokensOf(text);
  if (!tokens) return 'expected PromQL, found a text in it without its closing quote';
  if (use === 'whole')
    return tokens.some(({ text }) => text.includes(placeholder))
      ? `expected a query of the whole service, found ${placeholder}: it is asked once, and not for each version`
      : null;
  const outside = tokens.filter(({ kind }) => kind !== 'text').map(({ text }) => text);
  if (outside.join('').includes(placeholder))
    return `expected ${placeholder} inside of quotes, such as {${versionLabel}="${placeholder}"}`;
  if (use === 'events') {
    if (hasPlaceholder(tokens)) return `expected no ${placeholder}: an objective counts the events of all versions together`;
  } else if (hasPlaceholder(tokens)) {
    if (!tokens.some(({ kind, text }, index) => kind === 'text' && text.includes(placeholder) && isInBraces(tokens, index)))
      return `expected ${placeholder} as the value of a matcher, such as {${versionLabel}="${placeholder}"}: elsewhere it chooses no version`;
  } else {
    const selector = selectorOf(text);
    if (!selector)
      return `expected a query that can tell versions apart: a metric with its matchers, to which ${versionLabel}="…" is added, or PromQL with ${placeholder} inside of quotes where the version belongs`;
    if (selector.labels.includes(versionLabel))
      return `expected no matcher for ${versionLabel}, because it is added for each version; write ${placeholder} as its value to place it yourself`;
  }
  const wrong = use !== 'level' ? calls(tokens).find((name) => noCounts.test(name)) : undefined;
  if (wrong !== undefined)
    return `expected a counter itself and not ${wrong}(…) of it: what was counted between two readings is worked out here`;
  const sign =
    use !== 'level'
      ? tokens.find(
          ({ kind, text }, index) =>
            kind !== 'text' && noCountSigns.has(text) && !isInBraces(tokens, index) && tokens[index - 1]?.text !== 'offset',
        )
      : undefined;
  if (sign) return `expected a counter, and not what is left of it after ${sign.text}: it may fall although nothing was reset`;
  return null;
}

/** Whether a part stands among the matchers of a selector, where signs compare labels. */
function isInBraces(tokens: readonly Token[], index: number): boolean {
  const before = tokens.slice(0, index).filter(({ kind }) => kind !== 'text');
  return before.filter(({ text }) => text === '{').length > before.filter(({ text }) => text === '}').length;
}

/**
 * Whether the result is a sum over several counters. When one of them is reset the sum falls, and by how much it would have risen
 * cannot be told.
 */
export function isAggregated(expression: string): boolean {
  const tokens = tokensOf(expression) ?? [];
  // By convention a name with a colon belongs to a recording rule, and those are sums.
  const isOfSeveral = tokens.some(({ kind, text }, index) => kind !== 'text' && text === '+' && !isInBraces(tokens, index));
  return isOfSeveral || calls(tokens).length > 0 || tokens.some(({ kind, text }) => kind === 'word' && text.includes(':'));
}

/** Names that are called: `sum(…)`, and also `sum by (…) (…)`. */
function calls(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap(({ kind, text }, index) => {
    const next = tokens[index + 1]?.text ?? '';
    const isCall = kind === 'word' && (next === '(' || next === 'by' || next === 'without');
    return isCall && !/^(by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset)$/.test(text) ? [text] : [];
  });
}
