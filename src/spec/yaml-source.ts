import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLError } from 'yaml';
import type { Finding } from './explain.ts';
import { found } from './issue-text.ts';
import { type Problem, pathText } from './problem.ts';
import { sourceBytesMax } from './source-limit.ts';

const depthMax = 64;
/** Values of one document, each alias counted with all that it stands for: a few lines of aliases can mean billions. */
const valuesMax = 100_000;
/** Documents of one file. */
export const documentsMax = 100;
const problemsMax = 1_000;

/** One document of a file as plain data, and where each part of it is written. */
export type YamlDocument = {
  readonly value: unknown;
  /** The problem at its place in the file. */
  readonly place: (finding: Finding) => Problem;
};

/** Reads YAML (or JSON) text to plain data. Bounded in size, depth and aliases, and it never throws. */
export function readYaml(
  text: string,
  file: string,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly Problem[] } {
  const problemAt = problemIn(text, file);
  const stop = (offset: number, message: string) => ({ documents: [], problems: [problemAt(offset, [], message)] });
  const bytes = Buffer.byteLength(text);
  if (bytes > sourceBytesMax) return stop(0, `the file has ${bytes} bytes; at most ${sourceBytesMax} are read`);
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/.exec(text);
  if (control)
    return stop(
      control.index,
      `the character U+${hex(control[0])}${control[0] === '\0' ? ' (NUL)' : ''} is not allowed in a document`,
    );
  const nested = tooDeep(text);
  if (nested !== undefined) return stop(nested, `nested deeper than ${depthMax} levels`);

  const parsed = parsedDocuments(text);
  if (parsed instanceof Error) return stop(0, `not readable as YAML: ${parsed.message}`);
  if (parsed.length > documentsMax) return stop(0, `the file has ${parsed.length} documents; at most ${documentsMax} are read`);
  const problems: Problem[] = [];
  const documents: YamlDocument[] = [];
  for (const document of parsed) {
    const syntax = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
    // What follows a first mistake in the syntax is mostly its echo.
    if (syntax[0]) {
      problems.push(problemAt(syntax[0].pos[0], [], syntaxText(syntax[0])));
      continue;
    }
    if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
      problems.push(
        problemAt(0, [], `YAML ${document.directives.yaml.version} reads some words differently; leave out its %YAML line`),
      );
      continue;
    }
    const root = document.contents;
    if (root === null || (isScalar(root) && root.value === null)) continue;
    const walk = new Walk((offset, path, message) => {
      if (problems.length < problemsMax) problems.push(problemAt(offset, path, message));
    });
    const value = walk.plain(root as Node, [], 0);
    if (walk.stopped) continue;
    documents.push({ value, place: (finding) => placed(finding, root as Node, walk.sources, problemAt) });
  }
  if (documents.length === 0 && problems.length === 0) return stop(0, 'the file holds no document');
  return { documents, problems };
}

type ProblemAt = (offset: number, path: readonly PropertyKey[], message: string, fix?: string) => Problem;

function parsedDocuments(text: string): readonly Document[] | Error {
  try {
    // Duplicate keys are found by the walk below: the library compares every key with every other.
    const all = parseAllDocuments(text, { uniqueKeys: false, stringKeys: true, resolveKnownTags: false, prettyErrors: false });
    return 'empty' in all ? [] : all;
  } catch (error) {
    return error as Error;
  }
}

/** Turns nodes into plain data. Follows aliases itself, to bound them and to refuse those that hold themselves. */
class Walk {
  stopped = false;
  private values = 0;
  private readonly report: (offset: number, path: readonly PropertyKey[], message: string) => void;
  private readonly open = new Set<Node>();
  private readonly anchors = new Map<string, Node>();
  /** What each alias stood for: an anchor may be set again further down. */
  readonly sources = new Map<Node, Node>();

  constructor(report: (offset: number, path: readonly PropertyKey[], message: string) => void) {
    this.report = report;
  }

  plain(node: Node | null, path: readonly PropertyKey[], depth: number): unknown {
    if (this.stopped || node === null) return null;
    if (isAlias(node)) return this.alias(node, path, depth);
    if (++this.values > valuesMax)
      return this.stop(node, path, `more than ${valuesMax} values, aliases counted with what they stand for`);
    if (depth > depthMax) return this.stop(node, path, `nested deeper than ${depthMax} levels`);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value ?? null;
    if (isSeq(node))
      return this.inside(node, () => node.items.map((item, index) => this.plain(item as Node, [...path, index], depth + 1)));
    if (!isMap(node)) return this.stop(node, path, 'expected text, a number, a list or a mapping');
    return this.inside(node, () => {
      const result: Record<string, unknown> = {};
      for (const pair of node.items) {
        const name = keyOf(pair);
        const at = [...path, name];
        if (Object.hasOwn(result, name))
          this.report(start(pair.key as Node), at, `${found(name)} is already given above; a key occurs once`);
        const value = this.plain(pair.value as Node | null, at, depth + 1);
        // Not an assignment: the key __proto__ would set the prototype.
        Object.defineProperty(result, name, { value, writable: true, enumerable: true, configurable: true });
      }
      return result;
    });
  }

  private alias(node: Node & { source: string }, path: readonly PropertyKey[], depth: number): unknown {
    const source = this.anchors.get(node.source);
    if (source === undefined) return this.stop(node, path, `there is no anchor &${node.source} above`);
    if (this.open.has(source)) return this.stop(node, path, `*${node.source} stands inside &${node.source}, so it has no end`);
    this.sources.set(node, source);
    return this.plain(source, path, depth + 1);
  }

  private inside<T>(node: Node, read: () => T): T {
    this.open.add(node);
    const result = read();
    this.open.delete(node);
    return result;
  }

  private stop(node: Node, path: readonly PropertyKey[], message: string): null {
    this.stopped = true;
    this.report(start(node), path, message);
    return null;
  }
}

function placed(
  { path, at, message, fix }: Finding,
  root: Node,
  sources: ReadonlyMap<Node, Node>,
  problemAt: ProblemAt,
): Problem {
  let node: Node | null = root;
  let key: Node | null = null;
  // Of something that is not there, the place is its parent's.
  const steps = at === 'missing' ? path.slice(0, -1) : path;
  for (const part of steps) {
    const held: Node | null = node === null ? null : (sources.get(node) ?? node);
    if (isMap(held)) {
      const pair: Pair | undefined = held.items.find((item) => keyOf(item) === String(part));
      if (!pair) break;
      key = pair.key as Node;
      node = pair.value as Node | null;
    } else if (isSeq(held)) {
      key = null;
      node = (held.items[Number(part)] as Node | undefined) ?? null;
    } else break;
  }
  const empty = node === null || (isScalar(node) && node.value === null && node.source === '');
  const points = (at === 'value' && !empty ? node : (key ?? node)) ?? root;
  return problemAt(start(points), path, message, fix);
}

/**
 * Where the text nests too deep for the parser, which needs stack for every level and seconds for a megabyte of brackets. Counts
 * brackets wherever they stand, and the marks `-` and `?` of one line, so a false alarm needs a text nobody writes.
 */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    else if (char === '\n') marks = 0;
    else if ((char === '-' || char === '?') && (text[i + 1] ?? ' ') === ' ') marks++;
    if (depth > 1_000 || marks > 1_000) return i;
  }
  return undefined;
}

function problemIn(text: string, file: string): ProblemAt {
  let starts: readonly number[] | undefined;
  return (offset, path, message, fix) => {
    starts ??= [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (starts[low] ?? 0) + 1;
    return { file, line: low + 1, column, path: pathText(path), message, ...(fix !== undefined && { fix }) };
  };
}

function syntaxText(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line; YAML is indented with spaces';
    case 'NON_STRING_KEY':
      return 'expected a word as the key';
    case 'TAG_RESOLVE_FAILED':
      return `tags such as ${error.message.replace(/^.*: /, '').replace('tag:yaml.org,2002:', '!!')} are not allowed in a document`;
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deeply';
    default:
      return `not valid YAML: ${error.message}`;
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
