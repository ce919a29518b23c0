import { redactedText } from '../redacted.ts';
import { cleanText } from '../report-text/clean-text.ts';

/** A text of somebody else on one line, without secrets: a post-mortem is handed on to people who may see nothing of the service. */
export function shownText(text: string): string {
  return redactedText(cleanText(text));
}

/**
 * The same for whoever reads it as data: every text in it without secrets, lines and all else as they are. Secrets are told by what stands
 * in a text alone, as in the other forms: names such as `key` are our own here.
 */
export function shownData<T>(value: T): T {
  return shown(value) as T;
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one)]));
}

/** A sentence of ours as it begins a line. Not for what begins with a name. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
