import { isMapping } from '../../spec/mapping.ts';
import { secretFormIn } from '../secret-formats.ts';

/** Names of the fields of which one has to be there. */
export type Fields = { readonly time: readonly string[]; readonly level: readonly string[]; readonly message: readonly string[] };

/** What is wrong with a line: that a program cannot read it, or what it lacks. */
export type Fault = 'no JSON' | 'no time' | 'no level' | 'no message';

/** What was found in lines. Line numbers count from 1. */
export type Structured = {
  readonly lines: number;
  /** Lines that are as they should be. */
  readonly good: number;
  readonly faults: Readonly<Record<Fault, { readonly count: number; readonly first: number }>>;
  readonly secrets: readonly { readonly line: number; readonly what: string }[];
};

const secretsMax = 50;
/** A field of such a name has a secret as a rule; short words that logs use otherwise, such as `key`, are left out. */
const secretField =
  /(^|[^a-z])(passwords?|passwd|pwd|passphrase|secrets?|api[^a-z]?key|access[^a-z]?key|private[^a-z]?key|token|authorization|cookie|credentials?)$/i;
/** What programs write in the place of a secret. */
const masked = /^([*x•.\-_ ]*|\[.*\]|<.*>|(redacted|hidden|masked|removed|filtered|null|none|true|false)|\*+.{0,4})$/i;

/** Looks at lines of a log: whether each is JSON with time, level and message, and has no secret in it. */
export function structuredLines(lines: readonly string[], fields: Fields): Structured {
  const faults: Record<Fault, { count: number; first: number }> = {
    'no JSON': { count: 0, first: 0 },
    'no time': { count: 0, first: 0 },
    'no level': { count: 0, first: 0 },
    'no message': { count: 0, first: 0 },
  };
  const secrets: { line: number; what: string }[] = [];
  let good = 0;
  lines.forEach((line, index) => {
    const entry = entryIn(line);
    const found = faultsOf(entry, fields);
    if (found.length === 0) good += 1;
    for (const fault of found) {
      const one = faults[fault];
      one.count += 1;
      one.first ||= index + 1;
    }
    const what = secretFormIn(line) ?? (entry ? secretFieldIn(entry) : null);
    if (what !== null && secrets.length < secretsMax) secrets.push({ line: index + 1, what });
  });
  return { lines: lines.length, good, faults, secrets };
}

function entryIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isMapping(value) ? value : null;
  } catch {
    return null;
  }
}

function faultsOf(entry: Readonly<Record<string, unknown>> | null, { time, level, message }: Fields): readonly Fault[] {
  if (!entry) return ['no JSON'];
  const has = (names: readonly string[], isRight: (value: unknown) => boolean): boolean =>
    names.some((name) => isRight(fieldOf(entry, name)));
  return [
    ...(has(time, isTime) ? [] : (['no time'] as const)),
    ...(has(level, isFilled) ? [] : (['no level'] as const)),
    ...(has(message, (value) => typeof value === 'string') ? [] : (['no message'] as const)),
  ];
}

/** `log.level` is a field of that name, or `level` inside of `log`. */
function fieldOf(entry: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(entry, name)) return entry[name];
  let place: unknown = entry;
  for (const part of name.split('.')) place = isMapping(place) && Object.hasOwn(place, part) ? place[part] : undefined;
  return place;
}

/** Seconds, milliseconds or nanoseconds since 1970, or a text that says a moment. */
function isTime(value: unknown): boolean {
  if (typeof value === 'number') return value > 1e9;
  if (typeof value !== 'string') return false;
  return /^\d{10,19}(\.\d+)?$/.test(value) || (/\d{4}/.test(value) && !Number.isNaN(Date.parse(value.replace(',', '.'))));
}

function isFilled(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** Deeper than anybody logs. */
const depthMax = 20;

/** The name of a field that has a secret in clear; null: none. */
function secretFieldIn(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null || depth > depthMax) return null;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && secretField.test(name.replace(/([a-z])([A-Z])/g, '$1_$2')) && !masked.test(inner))
      return `field ${name.slice(0, 100)}`;
    const deeper = secretFieldIn(inner, depth + 1);
    if (deeper !== null) return deeper;
  }
  return null;
}
