import { z } from 'zod';
import { found } from './issue-text.ts';
import { knownKeys } from './known-keys.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';

/** What the JSON Schema says for a choice, by the schema that stands for its input. */
const shownAs = new WeakMap<z.core.$ZodType, z.ZodType>();

/** The union that editors see for a schema made by `choice`, or undefined for any other schema. */
export function choiceUnion(schema: z.core.$ZodType): z.ZodType | undefined {
  return shownAs.get(schema);
}

/** Says what is wrong with a value that fits no branch. */
export type Refuse = (issue: { message: string; at?: 'key'; path?: PropertyKey[] }) => undefined;

/**
 * A union whose branch is picked from the value itself, so that a mistake is reported against the branch that was meant and not
 * against all of them. `pick` answers the branch, or refuses the value.
 */
export function choice<const Options extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(
  options: Options,
  pick: (value: unknown, refuse: Refuse) => Options[number] | undefined,
) {
  return choiceOf<z.output<Options[number]>>(z.union(options), (value, context) => {
    const refuse: Refuse = ({ message, at, path }) => {
      context.addIssue({ code: 'custom', message, at, path: path ?? [], input: value });
    };
    const branch = pick(value, refuse);
    return branch ? runInto<z.output<Options[number]>>(branch, value, context) : z.NEVER;
  });
}

/**
 * A mapping with exactly one key, which is its kind: `{ canary: … }`. Parsed to `{ kind, config }`.
 *
 * @param what - What it is a kind of, for messages: `strategy`.
 */
export function oneKind<Kinds extends Readonly<Record<string, z.ZodType>>>(what: string, kinds: Kinds) {
  type Parsed = { [Kind in keyof Kinds & string]: { kind: Kind; config: z.output<Kinds[Kind]> } }[keyof Kinds & string];
  const names = Object.keys(kinds);
  const example = `{ ${names[0] ?? 'kind'}: … }`;
  const options = names.map((name) => z.strictObject({ [name]: kinds[name] as z.ZodType }));
  return choiceOf<Parsed>(z.union(options as z.ZodType[] as [z.ZodType, z.ZodType]), (value, context) => {
    const refuse = (message: string, path: string[] = []) => {
      context.addIssue({ code: 'custom', message, at: path.length > 0 ? 'key' : undefined, path, input: value });
      return z.NEVER;
    };
    if (value === undefined) return refuse(`expected one ${what}, such as ${example}`);
    if (!isMapping(value)) return refuse(`expected one ${what}, such as ${example}, found ${found(value)}`);
    const keys = Object.keys(value);
    for (const key of keys) {
      if (Object.hasOwn(kinds, key)) continue;
      const near = nearest(key, names);
      refuse(
        `unknown ${what} ${JSON.stringify(key)}${near ? `; did you mean "${near}"?` : '.'} Known here: ${names.join(', ')}`,
        [key],
      );
    }
    const [kind, second] = keys.filter((key) => Object.hasOwn(kinds, key));
    if (second !== undefined) refuse(`one ${what} only: ${kind} is already given, so ${second} cannot be`, [second]);
    if (kind === undefined)
      return keys.length > 0 ? z.NEVER : refuse(`expected one ${what}, found none. Known here: ${names.join(', ')}`);
    const config = runInto(kinds[kind] as z.ZodType, value[kind], context, kind);
    return { kind, config } as Parsed;
  });
}

/**
 * A mapping whose branch is the one of `kinds` that it has as a key, beside other keys: `{ weight: 10%, for: 10m }`.
 *
 * @param what - What it is, for messages: `a step`.
 */
export function byKey<const Kinds extends Readonly<Record<string, z.ZodType>>>(what: string, kinds: Kinds) {
  const names = Object.keys(kinds);
  const known = [...new Set(Object.values(kinds).flatMap(knownKeys))];
  const listed = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return choiceOf<z.output<Kinds[keyof Kinds]>>(z.union(Object.values(kinds) as never), (value, context) => {
    const refuse = (message: string, path: string[] = []) => {
      context.addIssue({ code: 'custom', message, at: path.length > 0 ? 'key' : undefined, path, input: value });
      return z.NEVER;
    };
    if (!isMapping(value))
      return refuse(`expected ${what} with ${listed}${value === undefined ? '' : `, found ${found(value)}`}`);
    const keys = Object.keys(value);
    const [kind, second] = keys.filter((key) => Object.hasOwn(kinds, key));
    if (second !== undefined)
      return refuse(`${what} has one of ${listed}: ${kind} is already given, so ${second} cannot be`, [second]);
    if (kind !== undefined) return runInto<z.output<Kinds[keyof Kinds]>>(kinds[kind] as z.ZodType, value, context) as never;
    const unknown = keys.filter((key) => !known.includes(key));
    // With a mistyped kind there is no telling which other keys belong, so only the typing mistake is reported.
    if (unknown.length === 0) return refuse(`expected ${what} with ${listed}`);
    // Not as the library's own unrecognized_keys: behind that a transform still runs, and would find nothing.
    context.addIssue({ code: 'custom', unknown, known, input: value });
    return z.NEVER;
  });
}

type Context = z.core.$RefinementCtx<unknown>;

function choiceOf<Output>(union: z.ZodType, parse: (value: unknown, context: Context) => Output) {
  const input = z.unknown();
  shownAs.set(input, union);
  return input.transform(parse as (value: unknown, context: Context) => Output);
}

/**
 * Runs a schema inside another one's transform and hands its issues on as they are: unfinished, so that whoever explains them still
 * knows the schema that raised them, and with the whole path.
 */
function runInto<Output>(schema: z.ZodType, value: unknown, context: Context, under?: string): Output {
  const result = schema._zod.run({ value, issues: [] }, { async: false });
  if (result instanceof Promise) throw new Error('schemas of documents are synchronous');
  for (const issue of result.issues) {
    const path = [...(under === undefined ? [] : [under]), ...(issue.path ?? [])];
    context.addIssue({ ...issue, path } as never);
  }
  // Also with issues: checks that look at what is there all the same (weights that do not grow) can then still run.
  return result.value as Output;
}
