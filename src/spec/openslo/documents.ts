import { explain, type Finding } from '../explain.ts';
import { found } from '../issue-text.ts';
import { isMapping } from '../mapping.ts';
import { nearest } from '../nearest.ts';
import type { Problem } from '../problem.ts';
import { readYaml } from '../yaml-source.ts';
import { type OpenSloDocument, type OpenSloKind, openSloKinds, openSloVersion } from './schema.ts';

/** A file of documents, and its text. Nothing is read from the file. */
export type OpenSloText = { readonly file: string; readonly text: string };

type EntryOf<Kind extends OpenSloKind> = {
  readonly file: string;
  readonly kind: Kind;
  readonly document: OpenSloDocument<Kind>;
  /** The problem at its place in the file, from a path inside of the document. */
  readonly place: (finding: Finding) => Problem;
};

/** A document that its schema accepted. */
export type OpenSloEntry<Kind extends OpenSloKind = OpenSloKind> = Extract<
  { [One in OpenSloKind]: EntryOf<One> }[OpenSloKind],
  { readonly kind: Kind }
>;

/** Whether a document, or a list of them, says that it is one of OpenSLO, of whatever version. */
export function isOpenSlo(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isOpenSlo);
  return isMapping(value) && typeof value.apiVersion === 'string' && /^openslo(\.com)?\//i.test(value.apiVersion);
}

/**
 * The OpenSLO documents of a text. A document may be a list of them. Documents that are not of OpenSLO are left to `parseDocuments`.
 *
 * @returns `unreadable`: where the text is no YAML.
 */
export function openSloDocuments({ file, text }: OpenSloText): {
  readonly entries: readonly OpenSloEntry[];
  readonly problems: readonly Problem[];
  readonly unreadable: readonly Problem[];
} {
  const entries: OpenSloEntry[] = [];
  const source = readYaml(text, file);
  const problems: Problem[] = [];
  for (const { value, place } of source.documents) {
    if (!isOpenSlo(value)) continue;
    for (const [index, item] of (Array.isArray(value) ? value : [value]).entries()) {
      const placeIn = (finding: Finding) =>
        place(Array.isArray(value) ? { ...finding, path: [index, ...finding.path] } : finding);
      const kind = kindOf(item);
      const result = typeof kind === 'string' ? explain(openSloKinds[kind], withoutEmpty(item)) : null;
      if (typeof kind !== 'string') problems.push(...kind.map(placeIn));
      else if (result?.ok) entries.push({ file, kind, document: result.value, place: placeIn } as OpenSloEntry);
      else if (result) problems.push(...result.findings.map(placeIn));
    }
  }
  return { entries, problems, unreadable: source.problems };
}

const older: Readonly<Record<string, string>> = {
  'openslo/v1alpha':
    'write it as openslo/v1: timeWindows becomes timeWindow with a duration such as 28d, and the metrics of indicator and objectives become one spec.indicator',
  'openslo.com/v2alpha':
    'write it as openslo/v1: sli becomes indicator, sliRef indicatorRef, and dataSourceRef with its spec becomes metricSource: { metricSourceRef: …, spec: … }',
};

/** The kind that a document names, or why that cannot be told. */
function kindOf(value: unknown): OpenSloKind | readonly Finding[] {
  if (!isMapping(value))
    return [
      { path: [], at: 'value', message: `expected a document with apiVersion, kind, metadata and spec, found ${found(value)}` },
    ];
  const { apiVersion, kind } = value;
  const known = Object.keys(openSloKinds);
  if (apiVersion === undefined)
    return [{ path: ['apiVersion'], at: 'missing', message: 'apiVersion is missing', fix: `expected ${openSloVersion}` }];
  if (apiVersion !== openSloVersion) {
    const fix = typeof apiVersion === 'string' ? older[apiVersion] : undefined;
    const message = `expected ${openSloVersion}, the version that is read here, found ${found(apiVersion)}`;
    return [{ path: ['apiVersion'], at: 'value', message, ...(fix === undefined ? {} : { fix }) }];
  }
  if (typeof kind === 'string' && known.includes(kind)) return kind as OpenSloKind;
  if (kind === undefined)
    return [{ path: ['kind'], at: 'missing', message: 'kind is missing', fix: `expected ${known.join(' or ')}` }];
  const near = typeof kind === 'string' ? nearest(kind, known) : undefined;
  const meant = near === undefined ? '.' : `; did you mean "${near}"?`;
  return [
    {
      path: ['kind'],
      at: 'value',
      message: `unknown kind ${found(kind)}${meant} Known in ${openSloVersion}: ${known.join(', ')}`,
    },
  ];
}

/** A key with nothing behind it is one that is not there, as it is to the reference implementation. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  // From entries: the key __proto__ would set the prototype by an assignment.
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutEmpty(inner)]));
}
