import { RE2JS } from 're2js';

/** A regular expression that a whole label has to be like. */
export type Pattern = { readonly isLike: (text: string) => boolean };

/** Longer ones are lists, which belong into labels. */
const patternMax = 4_000;

/** To compile one takes longer than to ask it, and a document is asked for each alert. */
const known = new Map<string, Pattern>();
const knownMax = 10_000;

/**
 * A pattern in RE2's syntax, as Alertmanager has it: anchored at both ends, linear in the length of what it is asked about.
 *
 * @returns What is wrong with it, where something is.
 */
export function patternOf(text: string): Pattern | { readonly problem: string } {
  const before = known.get(text);
  if (before) return before;
  if (text.length > patternMax) return { problem: `it has ${text.length} characters, more than ${patternMax}` };
  try {
    // By itself too: `a)|(b` is none, and would be one between the anchors.
    RE2JS.compile(text);
    const compiled = RE2JS.compile(`^(?:${text})$`);
    const pattern = { isLike: (value: string) => compiled.test(value) };
    if (known.size >= knownMax) known.clear();
    known.set(text, pattern);
    return pattern;
  } catch (error) {
    return { problem: error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error) };
  }
}
