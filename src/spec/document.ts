import type { z } from 'zod';
import { explain, type Finding } from './explain.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import { isOpenSlo } from './openslo/documents.ts';
import { type Problem, SpecError } from './problem.ts';
import { apiVersion } from './service.ts';
import { readYaml } from './yaml-source.ts';

/** A document that its schema accepted: its kind, and what the schema made of it. */
export type Parsed<Kinds extends Readonly<Record<string, z.ZodType>>> = {
  [Kind in keyof Kinds & string]: { readonly kind: Kind; readonly value: z.output<Kinds[Kind]> };
}[keyof Kinds & string];

/**
 * Reads every document of a text, but for those of OpenSLO, which have a reader of their own.
 *
 * @param file - Name for messages; nothing is read from it.
 * @param kinds - Schema of a whole document for each `kind` that may occur.
 * @param known - What is known to be wrong with the text already.
 * @throws SpecError with all problems of the text, in its order, if there is any. Nothing else, whatever the text is.
 */
export function parseDocuments<const Kinds extends Readonly<Record<string, z.ZodType>>>(
  text: string,
  file: string,
  kinds: Kinds,
  known: readonly Problem[] = [],
): readonly Parsed<Kinds>[] {
  const source = readYaml(text, file);
  const problems: Problem[] = [...source.problems, ...known];
  const parsed: Parsed<Kinds>[] = [];
  for (const document of source.documents) {
    if (isOpenSlo(document.value)) continue;
    const kind = kindOf(document.value, Object.keys(kinds));
    const result =
      typeof kind === 'string' ? explain(kinds[kind] as z.ZodType, document.value) : { ok: false as const, findings: kind };
    if (result.ok) parsed.push({ kind, value: result.value } as Parsed<Kinds>);
    else problems.push(...result.findings.map(document.place));
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const [first, ...others] = problems;
  if (first) throw new SpecError([first, ...others], text);
  return parsed;
}

/** The kind that the document names, or why that cannot be told. Without a kind there is no schema to check the rest with. */
function kindOf(value: unknown, known: readonly string[]): string | readonly Finding[] {
  if (!isMapping(value))
    return [
      { path: [], at: 'value', message: `expected a document with apiVersion, kind, metadata and spec, found ${found(value)}` },
    ];
  const findings: Finding[] = [];
  const version = value.apiVersion;
  // Of a right kind its schema looks at the version too; here it counts when the kind says nothing.
  const { kind } = value;
  if (typeof kind === 'string' && known.includes(kind)) return kind;
  if (version === undefined)
    findings.push({ path: ['apiVersion'], at: 'missing', message: 'apiVersion is missing', fix: `expected ${apiVersion}` });
  else if (version !== apiVersion)
    findings.push({ path: ['apiVersion'], at: 'value', message: `expected ${apiVersion}, found ${found(version)}` });
  if (kind === undefined) {
    const near = Object.keys(value).find((key) => nearest(key, ['kind']) !== undefined);
    if (near !== undefined)
      findings.push({ path: [near], at: 'key', message: `unknown key ${found(near)}; did you mean "kind"?` });
    else findings.push({ path: ['kind'], at: 'missing', message: 'kind is missing', fix: `expected ${known.join(' or ')}` });
  } else {
    const near = typeof kind === 'string' ? nearest(kind, known) : undefined;
    const meant = near === undefined ? '.' : `; did you mean "${near}"?`;
    findings.push({
      path: ['kind'],
      at: 'value',
      message: `unknown kind ${found(kind)}${meant} Known here: ${known.join(', ')}`,
    });
  }
  return findings;
}
