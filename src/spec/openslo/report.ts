import type { Finding } from '../explain.ts';
import type { Problem } from '../problem.ts';
import type { OpenSloEntry } from './documents.ts';
import type { OpenSloKind } from './schema.ts';

/** A place in a document: what stands at the path, unless `at` says its key, or that nothing does. */
export type Spot = { readonly entry: OpenSloEntry; readonly path: readonly PropertyKey[]; readonly at?: Finding['at'] };

/** A place below another one. */
export function below({ entry, path }: Spot, ...more: readonly PropertyKey[]): Spot {
  return { entry, path: [...path, ...more] };
}

/** What is found while documents are read: nobody stops at the first of it. */
export class Report {
  /** Mistakes: names that nothing has, and what contradicts itself. */
  readonly problems: Problem[] = [];
  /** Right as OpenSLO, and nothing that can be kept here exactly. */
  readonly refusals: Problem[] = [];
  /** What was not taken as it is said, or not at all, without harm to what is promised. */
  readonly notes: Problem[] = [];

  problem(spot: Spot, message: string, fix?: string): null {
    this.problems.push(placed(spot, message, fix));
    return null;
  }

  refuse(spot: Spot, message: string, fix?: string): null {
    this.refusals.push(placed(spot, message, fix));
    return null;
  }

  note(spot: Spot, message: string): void {
    this.notes.push(placed(spot, message));
  }

  /** Whether nothing was found but notes. */
  get isFine(): boolean {
    return this.problems.length === 0 && this.refusals.length === 0;
  }
}

function placed({ entry, path, at = 'value' }: Spot, message: string, fix?: string): Problem {
  return entry.place({ path, at, message, ...(fix === undefined ? {} : { fix }) });
}

/** Documents that others refer to by name. */
export class Library {
  readonly #entries: readonly OpenSloEntry[];

  constructor(entries: readonly OpenSloEntry[]) {
    this.#entries = entries;
  }

  /** The document of that name: of the same file, else of another one. Says what is wrong when there is none, or more than one. */
  find<Kind extends OpenSloKind>(kind: Kind, name: string, from: Spot, report: Report): OpenSloEntry<Kind> | null {
    const isMeant = (entry: OpenSloEntry): entry is OpenSloEntry<Kind> =>
      entry.kind === kind && entry.document.metadata.name === name;
    const all = this.#entries.filter(isMeant);
    const own = all.filter(({ file }) => file === from.entry.file);
    const [first, second] = own.length > 0 ? own : all;
    if (second)
      return report.problem(from, `there are several ${kind} documents called ${JSON.stringify(name)}; a name means one`);
    if (first) return first;
    const fix = 'add it, or give the file that has it, too';
    return report.problem(from, `there is no ${kind} called ${JSON.stringify(name)} in the given files`, fix);
  }
}
