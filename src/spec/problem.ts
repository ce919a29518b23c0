import { UserError } from '../errors.ts';

/** One mistake in a document. */
export type Problem = {
  readonly file: string;
  /** Both count from 1; the column in UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `spec.release.strategy.canary.steps[0].weight`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  /** What to write instead, where that is known. */
  readonly fix?: string;
};

/** A file of documents that cannot be used, with everything that is wrong with it. */
export class SpecError extends UserError {
  readonly problems: readonly Problem[];
  /** The text that the problems point into. */
  readonly source: string;
  constructor(problems: readonly [Problem, ...Problem[]], source: string) {
    const [first] = problems;
    const more = problems.length - 1;
    super('E_SPEC', `${first.message}${more > 0 ? ` (and ${more} more ${more === 1 ? 'problem' : 'problems'})` : ''}`, {
      where: `${first.file}:${first.line}:${first.column}`,
      fix: first.fix ?? 'correct the document; `rampart schema` prints what it may hold',
    });
    this.problems = problems;
    this.source = source;
  }
}

const shownMax = 50;
const excerptWidth = 120;

/** The problems for a terminal: each as `file:line:column: message`, then the line with a caret under the place. */
export function renderProblems(problems: readonly Problem[], source: string): string {
  const lines = source.split('\n');
  const shown = problems.slice(0, shownMax).map((problem) => rendered(problem, lines[problem.line - 1]));
  if (problems.length > shownMax) shown.push(`… and ${problems.length - shownMax} more`);
  return shown.join('\n');
}

function rendered(problem: Problem, line: string | undefined): string {
  const text = [printable(`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`)];
  const number = String(problem.line);
  const margin = ' '.repeat(number.length);
  if (line !== undefined && line.trim() !== '') {
    // A file on one line is common for JSON: show the part around the place.
    const from = Math.max(0, problem.column - 1 - Math.floor(excerptWidth / 2));
    const excerpt = printable(line.slice(line.length > excerptWidth ? from : 0).slice(0, excerptWidth)).trimEnd();
    const caret = problem.column - 1 - (line.length > excerptWidth ? from : 0);
    text.push(`  ${number} | ${excerpt}`, `  ${margin} | ${' '.repeat(caret)}^`);
  }
  if (problem.fix !== undefined) text.push(`  ${margin} = ${printable(problem.fix)}`);
  return text.join('\n');
}

/** Documents come from anywhere: what would move the cursor, or reorder text, must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\u00b7');
}

/** A path as people write it: `spec.smoke[0].path`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(part))) text += `${text === '' ? '' : '.'}${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
