import type { AlertMatcher, MatcherProblem } from './alert-matcher.ts';
import type { MatchOperator } from './matcher-tokens.ts';

/**
 * A list of matchers in Alertmanager's classic syntax, the only one before 0.27: names of Prometheus alone, and a `\` that escapes nothing
 * stands for itself, as in `code=~"5\d\d"`.
 *
 * @see prometheus/alertmanager, pkg/labels/parse.go.
 */
export function classicMatchers(text: string): readonly AlertMatcher[] | MatcherProblem {
  const matchers: AlertMatcher[] = [];
  for (const part of parts(text.replace(/^\{/, '').replace(/\}$/, ''))) {
    const read = classicMatcher(part);
    if ('problem' in read) return read;
    matchers.push(read);
  }
  return matchers;
}

function parts(text: string): readonly string[] {
  const found: string[] = [];
  let part = '';
  let isQuoted = false;
  let isEscaped = false;
  for (const char of text) {
    if (char === ',' && !isQuoted) {
      found.push(part);
      part = '';
      continue;
    }
    if (char === '"' && !isEscaped) isQuoted = !isQuoted;
    isEscaped = char === '\\' && !isEscaped;
    part += char;
  }
  return part.trim() === '' ? found : [...found, part.trim()];
}

function classicMatcher(text: string): AlertMatcher | MatcherProblem {
  const [, name, op, written] = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  if (name === undefined || op === undefined || written === undefined) return { problem: `bad matcher format: ${text}` };
  const isQuoted = written.startsWith('"');
  const raw = isQuoted ? written.slice(1) : written;
  const last = raw.length - 1;
  let value = '';
  let isClosed = !isQuoted;
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw[at] ?? '';
    if (char === '\\' && at < last) {
      at += 1;
      const escaped = raw[at] ?? '';
      value += escaped === 'n' ? '\n' : escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`;
    } else if (char === '"') {
      if (isClosed || at < last) return { problem: `matcher value contains unescaped double quote: ${written}` };
      isClosed = true;
    } else value += char;
  }
  if (!isClosed) return { problem: `matcher value contains unescaped double quote: ${written}` };
  return { name, op: op as MatchOperator, value };
}
