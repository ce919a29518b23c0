import { messageOf } from '../../errors.ts';
import { type Count, type Counts, NotAReport } from './counts.ts';

/** Deeper than any report. */
const depthMax = 100;

/**
 * What a Cobertura report counts in all: by its lines, or where it has none, by the totals of its root. A source that stands in it
 * several times (inner classes) counts once.
 *
 * @throws NotAReport when it is no XML, or has another root.
 * @see https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd
 */
export async function coberturaCounts(text: string): Promise<Counts> {
  const { SaxesParser } = await import('saxes');
  const lines = new Map<string, boolean>();
  const branches = new Map<string, Count>();
  const functions = new Map<string, boolean>();
  let root: Readonly<Record<string, string>> | null = null;
  let file = '';
  let method: string | null = null;
  const path: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    path.push(name);
    if (path.length > depthMax) throw new Error('it is nested too deep');
    if (path.length === 1) {
      if (name !== 'coverage') throw new Error(`its root is ${name}, not coverage`);
      root = attributes;
    } else if (name === 'class') file = attributes.filename ?? attributes.name ?? '';
    else if (name === 'method') {
      method = `${file} ${attributes.name ?? ''} ${attributes.signature ?? ''}`;
      functions.set(method, (functions.get(method) ?? false) || Number(attributes['line-rate'] ?? 0) > 0);
    } else if (name === 'line') {
      const isHit = Number(attributes.hits) > 0;
      if (method !== null) functions.set(method, (functions.get(method) ?? false) || isHit);
      else {
        const key = `${file} ${attributes.number ?? ''}`;
        lines.set(key, (lines.get(key) ?? false) || isHit);
        const reached = /\((\d+)\/(\d+)\)/.exec(attributes['condition-coverage'] ?? '');
        const before = branches.get(key);
        if (reached && Number(reached[1]) >= (before?.covered ?? 0))
          branches.set(key, { covered: Number(reached[1]), of: Number(reached[2]) });
      }
    }
  });
  parser.on('closetag', ({ name }) => {
    path.pop();
    if (name === 'method') method = null;
  });
  try {
    parser.write(text).close();
  } catch (error) {
    throw new NotAReport(messageOf(error).split('\n')[0] ?? '', { cause: error });
  }
  const totals: Readonly<Record<string, string>> = root ?? {};
  return {
    lines: counted(lines) ?? inAll(totals, 'lines'),
    branches: summed(branches) ?? inAll(totals, 'branches'),
    functions: counted(functions),
  };
}

function counted(hits: ReadonlyMap<string, boolean>): Count | null {
  const covered = [...hits.values()].filter((isHit) => isHit).length;
  return hits.size === 0 ? null : { covered, of: hits.size };
}

function summed(parts: ReadonlyMap<string, Count>): Count | null {
  let covered = 0;
  let of = 0;
  for (const part of parts.values()) {
    covered += part.covered;
    of += part.of;
  }
  return of === 0 ? null : { covered, of };
}

function inAll(totals: Readonly<Record<string, string>>, kind: 'lines' | 'branches'): Count | null {
  const covered = Number(totals[`${kind}-covered`]);
  const of = Number(totals[`${kind}-valid`]);
  if (!(covered >= 0 && of > 0)) return null;
  if (covered > of) throw new NotAReport(`it counts ${covered} of ${of} ${kind}`);
  return { covered, of };
}
