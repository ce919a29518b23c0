import { z } from 'zod';
import { found, issueText } from './issue-text.ts';
import { knownKeys } from './known-keys.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import { pathText } from './problem.ts';

/** Something wrong with a value, not yet tied to a place in a file. */
export type Finding = {
  readonly path: readonly PropertyKey[];
  /** Whether `path` names a key that is wrong itself, a value, or something that is not there. */
  readonly at: 'key' | 'value' | 'missing';
  readonly message: string;
  readonly fix?: string;
};

/** Runs a schema over a value. What it raises comes back in words, all of it, against the branch of a union that was meant. */
export function explain<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { readonly ok: true; readonly value: z.output<Schema> } | { readonly ok: false; readonly findings: readonly Finding[] } {
  const result = schema._zod.run({ value, issues: [] }, { async: false });
  if (result instanceof Promise) throw new Error('schemas of documents are synchronous');
  if (result.issues.length === 0) return { ok: true, value: result.value as z.output<Schema> };
  const findings = result.issues.slice(0, findingsMax).flatMap((issue) => findingsOf(issue, [], value));
  return { ok: false, findings: withoutEchoes(findings.slice(0, findingsMax)) };
}

/** Nobody reads more, and what follows compares findings with each other. */
const findingsMax = 200;

type Issue = z.core.$ZodRawIssue;

function findingsOf(issue: Issue, under: readonly PropertyKey[], root: unknown): Finding[] {
  const path = [...under, ...(issue.path ?? [])];
  if (issue.code === 'unrecognized_keys')
    return unknownKeys(issue.keys, issue.inst ? knownKeys(issue.inst as z.core.$ZodType) : [], path);
  if (Array.isArray(issue.unknown)) return unknownKeys(issue.unknown, issue.known as readonly string[], path);
  if (issue.code === 'invalid_union') return unionFindings(issue, path, root);
  const message = z.core.util.finalizeIssue({ ...issue, path }, { error: issueText }, z.config()).message;
  if (issue.code === 'invalid_key') return [{ path, at: 'key', message: `unknown key ${found(path.at(-1))}: ${message}` }];
  if (issue.at === 'key') return [{ path, at: 'key', message }];
  if (valueAt(root, path) === undefined && path.length > 0)
    return [
      { path, at: 'missing', message: `${pathText(path)} is missing`, ...(message.startsWith('expected') && { fix: message }) },
    ];
  return [{ path, at: 'value', message }];
}

function unknownKeys(unknown: readonly string[], known: readonly string[], path: readonly PropertyKey[]): Finding[] {
  const sorted = [...known].sort();
  return unknown.slice(0, findingsMax).map((key) => {
    const near = nearest(key, sorted);
    const meant = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
    const listed = sorted.length === 0 ? '' : `${meant === '' ? '.' : ''} Known here: ${sorted.join(', ')}`;
    return {
      path: [...path, key],
      at: 'key',
      message: `unknown key ${found(key)}${meant}${listed}`,
      ...(near !== undefined && { fix: `write ${near} instead of ${key.slice(0, 64)}` }),
    };
  });
}

/** A plain `z.union` of a plugin says only that nothing fitted. The branch with the fewest mistakes is taken for the one meant. */
function unionFindings(issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly PropertyKey[], root: unknown): Finding[] {
  const { def } = (issue.inst as z.core.$ZodUnion | undefined)?._zod ?? {};
  const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
  if (discriminator !== undefined && isMapping(issue.input)) {
    const values = options ?? [];
    const given = issue.input[discriminator];
    return findingsOf({ code: 'invalid_value', values: values as string[], input: given }, path, root);
  }
  const branches = (def?.options ?? []).map((option) => {
    const result = option._zod.run({ value: issue.input, issues: [] }, { async: false }) as z.core.ParsePayload;
    const fits = !result.issues.some(({ code, path }) => code === 'invalid_type' && (path ?? []).length === 0);
    const foreign = isMapping(issue.input)
      ? Object.keys(issue.input).filter((key) => !knownKeys(option).includes(key)).length
      : 0;
    return { issues: result.issues, fits, cost: foreign * 100 + result.issues.length };
  });
  const [meant] = branches.filter(({ fits }) => fits).sort((a, b) => a.cost - b.cost);
  if (meant) return meant.issues.flatMap((inner) => findingsOf(inner, path, root));
  const expected = branches.flatMap(({ issues }) => issues.slice(0, 1)).map((inner) => findingsOf(inner, path, root)[0]);
  const words = expected.map((finding) => /^expected (.*?)(, found .*)?$/.exec(finding?.fix ?? finding?.message ?? '')?.[1]);
  const message = `expected ${[...new Set(words.filter((word) => word !== undefined))].join(' or ')}`;
  if (issue.input === undefined) return [{ path, at: 'missing', message: `${pathText(path)} is missing`, fix: message }];
  return [{ path, at: 'value', message: `${message}, found ${found(issue.input)}` }];
}

/** A mistyped key is one mistake, not two: that the right one is missing needs no line of its own. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ at, path }) => {
    if (at !== 'missing') return true;
    const parent = JSON.stringify(path.slice(0, -1));
    return !findings.some(
      (other) =>
        other.at === 'key' &&
        JSON.stringify(other.path.slice(0, -1)) === parent &&
        nearest(String(other.path.at(-1)), [String(path.at(-1))]) !== undefined,
    );
  });
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
