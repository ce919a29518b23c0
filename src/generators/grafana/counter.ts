import { anyVersion, type Telling, wholeValue } from '../../sources/prometheus/exporters/exporter.ts';
import { placeholder, selectorOf, tokensOf } from '../../sources/prometheus/promql.ts';
import { told } from '../version-label.ts';

/** Something in Prometheus that only ever rises, of all versions of a service together. */
export type Counter = {
  /** A selector, or any expression that has a value at each moment. */
  readonly expression: string;
  /** How often an expression that is no plain selector is evaluated, such as `15s`. */
  readonly every: string;
  readonly tells: readonly Telling[];
};

/** As a range in PromQL or as a variable of Grafana: `5m`, `$__rate_interval`. */
export type Window = string;

/** Per second, or in all, over a window: with all labels of the counter, and `version` where it can be told. */
export function change(of: 'rate' | 'increase', { expression, every, tells }: Counter, window: Window): string {
  // Several metrics at once, or unions: a range selector takes neither, and without their names two of them may be the same series.
  const range = selectorOf(expression)
    ? `${expression}[${window}]`
    : `(sum without () (${expression}))[${window}:${stepOf(window, every)}]`;
  return told(`${of}(${range})`, tells);
}

/** Over days a point every few minutes is enough, and every few seconds too much. */
function stepOf(window: Window, every: string): string {
  return /^\d+d/.test(window) ? '5m' : every;
}

/** The same summed up, by labels; `version` is one of them wherever the versions can be told. */
export function summed(of: 'rate' | 'increase', counter: Counter, by: readonly string[], window: Window): string {
  // Nothing to tell them by is nothing to write down.
  const asked = by.includes('version') ? counter : { ...counter, tells: [] };
  return `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (${change(of, asked, window)})`;
}

/** A query that a user has written for one version, for all of them, with what tells them apart. */
export function ofAnyVersion(text: string, versionLabel: string): Pick<Counter, 'expression' | 'tells'> {
  const tokens = tokensOf(text) ?? [];
  if (!tokens.some((token) => token.kind === 'text' && token.text.includes(placeholder)))
    return { expression: text, tells: [{ label: versionLabel, pattern: wholeValue }] };
  const tells: Telling[] = [];
  let written = '';
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'text' || !token.text.includes(placeholder)) continue;
    const operator = tokens[index - 1];
    const label = tokens[index - 2];
    const isPattern = /~$/.test(operator?.text ?? '');
    const parts = inner(token.text).split(placeholder);
    const literals = parts.map((part) => (isPattern ? part : part.replace(/[.*+?^${}()|[\]]/g, '\\\\$&')));
    const before = text.slice(at, token.from);
    written += `${isPattern ? before : before.replace(/=(\s*)$/, (_, space) => `${operator?.text === '=' ? '=' : ''}~${space}`)}"${literals.join(anyVersion)}"`;
    at = token.to;
    if (label && !operator?.text.startsWith('!') && tells.length === 0)
      tells.push({ label: label.text, pattern: literals.join(`(${anyVersion})`) });
  }
  return { expression: written + text.slice(at), tells };
}

/** What stands between quotes of whatever kind, as it stands between double ones. */
function inner(quoted: string): string {
  const text = quoted.slice(1, -1);
  if (quoted.startsWith('"')) return text;
  const escaped = quoted.startsWith('`') ? text.replaceAll('\\', '\\\\') : text.replaceAll("\\'", "'");
  return escaped.replaceAll('"', '\\"');
}
