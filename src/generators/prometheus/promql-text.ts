import type { Telling } from '../../sources/prometheus/exporters/exporter.ts';
import { placeholder, selectorOf, tokensOf } from '../../sources/prometheus/promql.ts';
import { told } from '../version-label.ts';

/** A value of a label in quotes, as PromQL reads it. */
export function quoted(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Labels as a selector has them between its braces. */
export function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(',');
}

/** Text of a user that stands in a label or annotation of an alert, which Prometheus reads as a template. */
export function inTemplate(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

/** How the values of a label are written: `text` is what stands in quotes, without its escapes. */
export type Matcher = { readonly label: string; readonly operator: '=' | '!=' | '=~' | '!~'; readonly value: string };

/** A metric of one name, with its matchers. */
export type Series = { readonly name: string; readonly matchers: readonly Matcher[]; readonly text: string };

/**
 * What counts events: series of one or several metrics, as alternatives.
 *
 * - `any`: `a or b`, where a series of `b` counts only when none of `a` has the same labels.
 * - `names`: metrics that were chosen by a pattern for their name; each of them counts.
 * - `other`: whatever else PromQL can say.
 */
export type Counter =
  | { readonly kind: 'any' | 'names'; readonly series: readonly Series[]; readonly text: string }
  | { readonly kind: 'other'; readonly text: string };

/** Reads a query for a counter. */
export function counterOf(query: string): Counter {
  const text = query.trim();
  const parts = alternatives(text);
  if (!parts) return { kind: 'other', text };
  const series = parts.map(seriesOf);
  if (series.some((one) => one === null)) return { kind: 'other', text };
  const found = series.flatMap((one) => one ?? []);
  const isNames = parts.length === 1 && found.length > 1;
  // Several alternatives of which one has several names: the same labels may mean the same or not.
  if (!isNames && found.length !== parts.length) return { kind: 'other', text };
  return { kind: isNames ? 'names' : 'any', series: found, text };
}

/** Whether a query is for one version only. */
export function isOfOneVersion(query: string): boolean {
  return query.includes(placeholder);
}

/**
 * How far a counter has risen within a window, over all of its series.
 *
 * @param by - Labels to keep; none for one number.
 * @param tells - What the label `version` is made of, where it is one of them.
 */
export function increased(counter: Counter, window: string, by: readonly string[] = [], tells: readonly Telling[] = []): string {
  const over = by.length === 0 ? 'sum' : `sum by (${by.join(', ')}) `;
  if (counter.kind === 'other') return `${over}(${told(`increase((${counter.text})[${window}:])`, tells)})`;
  const each = counter.series.map(({ name, text }) => {
    const increase = `increase(${text}[${window}])`;
    // increase() takes away the name, and then series of two metrics could not be told apart.
    return counter.kind === 'names' ? `label_replace(${increase}, "metric", ${quoted(name)}, "", "")` : increase;
  });
  return `${over}(${told(each.length === 1 || tells.length === 0 ? each.join(' or ') : `(${each.join(' or ')})`, tells)})`;
}

/** Present while series of the counter are there. */
export function present(counter: Counter): string {
  if (counter.kind === 'other') return `count(${counter.text})`;
  return `count(${counter.series.map(({ text }) => text).join(' or ')})`;
}

/** One of the series that a classic histogram is made of: `_bucket`, `_count` or `_sum`. */
export function partOfHistogram({ name, matchers }: Series, suffix: string, more: readonly Matcher[] = []): Series {
  return made(`${name.replace(/_bucket$/, '')}${suffix}`, [...matchers, ...more]);
}

/** A counter of these series. */
export function counterOfAny(series: readonly Series[]): Counter {
  return { kind: 'any', series, text: series.map(({ text }) => text).join(' or ') };
}

export function made(name: string, matchers: readonly Matcher[]): Series {
  const all = matchers.map(({ label, operator, value }) => `${label}${operator}${quoted(value)}`);
  return { name, matchers, text: all.length === 0 ? name : `${name}{${all.join(',')}}` };
}

/** The parts around each `or` of the top; null when a text does not end. */
function alternatives(text: string): readonly string[] | null {
  const tokens = tokensOf(text);
  if (!tokens) return null;
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const token of tokens) {
    if (token.kind === 'sign' && '({['.includes(token.text)) depth += 1;
    if (token.kind === 'sign' && ')}]'.includes(token.text)) depth -= 1;
    if (depth !== 0 || token.kind !== 'word' || token.text.toLowerCase() !== 'or') continue;
    parts.push(text.slice(from, token.from).trim());
    from = token.to;
  }
  return [...parts, text.slice(from).trim()];
}

/** The metrics that a selector chooses, by name; null when it is none, or its names cannot be listed. */
function seriesOf(text: string): readonly Series[] | null {
  const matchers = matchersOf(text);
  const [name] = tokensOf(text) ?? [];
  if (!matchers) return null;
  if (name?.kind === 'word') return [{ name: name.text, matchers, text }];
  const [named, second] = matchers.filter(({ label }) => label === '__name__');
  const rest = matchers.filter(({ label }) => label !== '__name__');
  if (!named || second) return null;
  const names = named.operator === '=' ? [named.value] : named.operator === '=~' ? listed(named.value) : null;
  return names === null ? null : names.map((one) => made(one, rest));
}

function matchersOf(text: string): readonly Matcher[] | null {
  // A selector may begin with its braces; the reader of selectors wants a name.
  const named = text.startsWith('{') ? `x${text}` : text;
  if (!selectorOf(named)) return null;
  const tokens = (tokensOf(named) ?? []).slice(2, -1);
  const matchers: Matcher[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [label, operator, value] = tokens.slice(at, at + 3);
    const plain = value && unquoted(value.text);
    if (!label || !operator || plain === undefined || plain === null) return null;
    matchers.push({ label: label.text, operator: operator.text as Matcher['operator'], value: plain });
  }
  return matchers;
}

/** The value of a text in PromQL; null when it has an escape that few know. */
function unquoted(text: string): string | null {
  if (text.startsWith('`')) return text.slice(1, -1);
  const inner = text.slice(1, -1);
  const json = text.startsWith("'") ? inner.replaceAll("\\'", "'").replaceAll('"', '\\"') : inner;
  try {
    return JSON.parse(`"${json.replace(/\t/g, '\\t')}"`) as string;
  } catch {
    return null;
  }
}

/** The names behind a pattern that only lists them, such as `haproxy_(a|b)_total`; null for any other. */
function listed(pattern: string): readonly string[] | null {
  const found = /^([A-Za-z0-9_:]*)\(([A-Za-z0-9_:|]+)\)([A-Za-z0-9_:]*)$/.exec(pattern);
  if (found) return (found[2] ?? '').split('|').map((one) => `${found[1]}${one}${found[3]}`);
  return /^[A-Za-z0-9_:|]+$/.test(pattern) ? pattern.split('|') : null;
}
