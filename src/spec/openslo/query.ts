/** A counter with its matchers and nothing around it, as PromQL writes it. */
const counter = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\s*\{([^{}"'`]|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|`[^`]*`)*\})?$/;

/** Functions whose result counts nothing: what is counted between two moments is worked out from the counter itself. */
const noCounter = /\b(rate|irate|increase|delta|idelta|deriv|\w+_over_time|histogram_quantile)\s*\(/;

/**
 * The counter that a query of OpenSLO is of. Such a query answers with one series, so a counter stands in `sum(…)` as a rule; here
 * several are added up anyway.
 */
export function counterOf(query: string): string {
  const inner = /^sum\s*\(\s*([\s\S]*?)\s*\)$/.exec(query)?.[1];
  return inner !== undefined && (counter.test(inner) || counterOf(inner) !== inner) ? inner : query;
}

/** The query that answers with one series. `counterOf` is its way back. */
export function summed(query: string): string {
  return counter.test(query) || counterOf(query) !== query ? `sum(${query})` : query;
}

/** The name and the matchers of a classic histogram from those of its buckets, and its unit where the name says it; null: no buckets. */
export function histogramOf(query: string): { readonly name: string; readonly unit: 's' | 'ms' | null } | null {
  const inner = counterOf(query);
  const [, name = '', rest = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)_bucket\s*(\{[\s\S]*)?$/.exec(inner) ?? [];
  if (name === '' || !counter.test(inner)) return null;
  const unit = /_seconds$/.test(name) ? 's' : /_(milliseconds|ms)$/.test(name) ? 'ms' : null;
  return { name: `${name}${rest}`, unit };
}

/** The query on one line; null: it has a comment, which ends with its line. */
export function onOneLine(query: string): string | null {
  if (!query.includes('\n')) return query;
  return query.includes('#') ? null : query.trim().replace(/\s*\n\s*/g, ' ');
}

/** What is wrong with a query that has to be a counter; null: nothing that can be seen here. */
export function counterProblem(query: string): string | null {
  if (/\{\{|\$\{?[a-zA-Z_]/.test(query)) return 'expected a query as it is asked, found a placeholder in it';
  const [, name] = noCounter.exec(query.replace(/"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|`[^`]*`/g, '""')) ?? [];
  return name === undefined
    ? null
    : `expected a counter itself and not ${name}(…) of it: what was counted in a window is worked out here, exactly`;
}
