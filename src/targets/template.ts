import { nearest } from '../spec/nearest.ts';

/** What the placeholders stand for, by their names. */
export type TemplateValues = Readonly<Record<string, string | number>>;

// Only a bare word in braces is a placeholder, so that JSON and most shell text need no escapes.
const placeholders = /\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}/g;

/** Why `text` cannot be expanded, as one line for people; undefined when it can. */
export function templateProblem(text: string, names: readonly string[]): string | undefined {
  for (const [, literal, name] of text.matchAll(placeholders)) {
    if (literal !== undefined || name === undefined || names.includes(name)) continue;
    const near = nearest(name, names);
    const meant = near ? `; did you mean {${near}}?` : `. Known: ${names.map((known) => `{${known}}`).join(', ')}`;
    return `unknown placeholder {${name}}${meant} (write {{${name}}} for the text {${name}})`;
  }
  return undefined;
}

/**
 * Replaces each `{name}` by its value; `{{word}}` becomes `{word}`; every other brace stays as it is. Values are not expanded again.
 *
 * @throws Error for an unknown placeholder; the schema refuses such text first, so this is our bug.
 */
export function expandTemplate(text: string, values: TemplateValues): string {
  return text.replace(placeholders, (_, literal: string | undefined, name: string | undefined) => {
    if (literal !== undefined) return `{${literal}}`;
    if (name === undefined || !Object.hasOwn(values, name)) throw new Error(`unknown placeholder in ${JSON.stringify(text)}`);
    return String(values[name]);
  });
}
