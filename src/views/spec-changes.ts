import { redacted } from './redacted.ts';

/** What differs between two documents, by path: what stood there, and what stands there now. A path that is on one side only is new, or gone. */
export type SpecChanges = {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
  /** How many more paths differ; they are left out. */
  readonly more: number;
};

const pathsMax = 50;
const textMax = 200;

/**
 * The paths that differ between two documents in plain JSON, such as `release.strategy.steps[1].weightPpm`, in the order of the documents.
 * Bounded: 50 paths, 200 characters of each path and value. Secrets are hidden; that one has changed is not.
 */
export function specChanges(before: unknown, after: unknown): SpecChanges {
  const from = new Map<string, unknown>();
  const to = new Map<string, unknown>();
  const paths = new Set<string>();
  let more = 0;
  const note = (path: string, side: Map<string, unknown>, shown: unknown): void => {
    if (!paths.has(path)) {
      if (paths.size >= pathsMax) return;
      paths.add(path);
    }
    side.set(path, short(shown));
  };
  const walk = (path: string, was: Seen, is: Seen): void => {
    if (was.real === is.real) return;
    const keys = keysOf(was.real, is.real);
    if (keys === null) {
      if (was.real !== absent && is.real !== absent && JSON.stringify(was.real) === JSON.stringify(is.real)) return;
      const name = cut(path === '' ? '.' : path);
      if (!paths.has(name) && paths.size >= pathsMax) more += 1;
      if (was.real !== absent) note(name, from, was.shown);
      if (is.real !== absent) note(name, to, is.shown);
      return;
    }
    const isList = Array.isArray(was.real);
    for (const key of keys) walk(join(path, key, isList), under(was, key), under(is, key));
  };
  walk('', { real: before, shown: redacted(before) }, { real: after, shown: redacted(after) });
  return { before: Object.fromEntries(from), after: Object.fromEntries(to), more };
}

const absent = Symbol('absent');

/** A value, and the same as it may be shown: secrets are compared by what they are. */
type Seen = { readonly real: unknown; readonly shown: unknown };

/** The keys to go on with; null when the two have to be compared as wholes. */
function keysOf(was: unknown, is: unknown): readonly string[] | null {
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return null;
  if (Array.isArray(was) !== Array.isArray(is)) return null;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])];
}

function under({ real, shown }: Seen, key: string): Seen {
  return { real: field(real, key), shown: field(shown, key) };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : absent;
}

function join(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The value itself where it is short, else the beginning of its text. */
function short(value: unknown): unknown {
  if (value === absent) return null;
  if (typeof value === 'string') return cut(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= textMax ? value : cut(text);
}

function cut(text: string): string {
  // Half a surrogate pair has no place in the log.
  return text.length <= textMax ? text : `${text.slice(0, textMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
