import { redactedText } from '../redacted.ts';
import { cleanText } from '../report-text/clean-text.ts';

/** A text of somebody else on one line, without secrets: a post-mortem is handed on to people who may see nothing of the service. */
export function shownText(text: string): string {
  return redactedText(cleanText(text));
}

/** A sentence of ours as it begins a line. Not for what begins with a name. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
