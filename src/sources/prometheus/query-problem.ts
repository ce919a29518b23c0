import { hasPlaceholder, placeholder, selectorOf, type Token, tokensOf } from './promql.ts';

/** Functions and aggregations whose result may fall although nothing was reset, or is no count at all. */
const noCounts =
  /^(rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|histogram_\w+|\w+_over_time|resets|changes|avg|min|max|quantile|stddev|stdvar|topk|bottomk|count|count_values|absent|time|vector|clamp|clamp_max|clamp_min)$/;

/**
 * What is wrong with a query, beginning with `expected`; null when nothing is.
 *
 * @param use - `count`: differences of it are taken, so it must be a counter; `level`: it is read as it is.
 */
export function promqlProblem(versionLabel: string, use: 'count' | 'level', text: string): string | null {
  const tokens = tokensOf(text);
  if (!tokens) return 'expected PromQL, found a text in it without its closing quote';
  const outside = tokens.filter(({ kind }) => kind !== 'text').map(({ text }) => text);
  if (outside.join('').includes(placeholder))
    return `expected ${placeholder} inside of quotes, such as {${versionLabel}="${placeholder}"}`;
  if (!hasPlaceholder(tokens)) {
    const selector = selectorOf(text);
    if (!selector)
      return `expected a query that can tell versions apart: a metric with its matchers, to which ${versionLabel}="…" is added, or PromQL with ${placeholder} inside of quotes where the version belongs`;
    if (selector.labels.includes(versionLabel))
      return `expected no matcher for ${versionLabel}, because it is added for each version; write ${placeholder} as its value to place it yourself`;
  }
  const wrong = use === 'count' ? calls(tokens).find((name) => noCounts.test(name)) : undefined;
  if (wrong !== undefined)
    return `expected a counter itself and not ${wrong}(…) of it: what was counted between two readings is worked out here`;
  return null;
}

/**
 * Whether the result is a sum over several counters. When one of them is reset the sum falls, and by how much it would have risen
 * cannot be told.
 */
export function isAggregated(expression: string): boolean {
  const tokens = tokensOf(expression) ?? [];
  // By convention a name with a colon belongs to a recording rule, and those are sums.
  return calls(tokens).length > 0 || tokens.some(({ kind, text }) => kind === 'word' && text.includes(':'));
}

/** Names that are called: `sum(…)`, and also `sum by (…) (…)`. */
function calls(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap(({ kind, text }, index) => {
    const next = tokens[index + 1]?.text ?? '';
    const isCall = kind === 'word' && (next === '(' || next === 'by' || next === 'without');
    return isCall && !/^(by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset)$/.test(text) ? [text] : [];
  });
}
