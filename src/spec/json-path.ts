import { z } from 'zod';
import { found } from './issue-text.ts';

/** Where a path begins: at the alert itself, at the whole body, or at the envelope of a CloudEvent. */
export type PathRoot = 'alert' | 'body' | 'event';

/** A place in JSON: names of fields, and positions in lists. */
export type JsonPath = { readonly text: string; readonly root: PathRoot; readonly keys: readonly (string | number)[] };

const roots: Readonly<Record<string, PathRoot>> = { $: 'alert', $body: 'body', $event: 'event' };
const rootPattern = /^\$[A-Za-z]*/;
/** `.name`, `[0]` or `["any name"]`. */
const step = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,4})\]|\["((?:[^"\\]|\\["\\])*)"\]/y;
const textMax = 300;
const stepsMax = 20;

/** Reads a path such as `$.labels["k8s.io/app"]`, or says what is wrong with it. */
export function jsonPath(text: string): JsonPath | { readonly problem: string } {
  if (text.length > textMax) return { problem: `expected a path of at most ${textMax} characters` };
  const [named = ''] = rootPattern.exec(text) ?? [];
  const root = Object.hasOwn(roots, named) ? roots[named] : undefined;
  if (root === undefined)
    return {
      problem: `expected a path that begins with $ (the alert), $body or $event, such as $.labels.team, found ${found(text)}`,
    };
  const keys: (string | number)[] = [];
  step.lastIndex = named.length;
  while (step.lastIndex < text.length) {
    const from = step.lastIndex;
    const read = step.exec(text);
    if (!read)
      return {
        problem: `expected .name, [0] or ["any name"] at character ${from + 1} of the path, found ${found(text.slice(from, from + 20))}`,
      };
    const [, name, position, quoted] = read;
    keys.push(name ?? (position === undefined ? (quoted ?? '').replace(/\\(["\\])/g, '$1') : Number(position)));
    if (keys.length > stepsMax) return { problem: `expected a path of at most ${stepsMax} steps` };
  }
  return { text, root, keys };
}

/** What lies at a path; undefined: nothing does. Only what the JSON itself has: nothing that its form inherits. */
export function valueAtPath(given: unknown, keys: readonly (string | number)[]): unknown {
  let value = given;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) !== (typeof key === 'number') || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}

/** A path in a document. */
export const pathIn = z.string().transform((text, context): JsonPath => {
  const read = jsonPath(text);
  if (!('problem' in read)) return read;
  context.addIssue({ code: 'custom', message: read.problem });
  return z.NEVER;
});
