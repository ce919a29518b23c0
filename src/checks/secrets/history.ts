import { runProgram } from '../../system/run-program.ts';
import type { CheckContext } from '../check.ts';

/** How the history was looked through. `partly`: time was over, or enough was found. */
export type HistoryLook =
  | { readonly kind: 'all' | 'partly'; readonly commits: number }
  | { readonly kind: 'not-run'; readonly why: string };

/** What is looked at in one piece; a longer line, or more of one file, in several. */
const pieceMax = 262_144;
const mark = 'rampart-commit ';

/**
 * Reads every line that any commit of a repository has added, as git tells them, and keeps none.
 *
 * @param look - Is given the added lines of one file in one commit, joined, with the line of the file that each one is; answers whether
 * to go on.
 */
export async function lookThroughHistory(
  folder: string,
  { environment, signal }: Pick<CheckContext, 'environment' | 'signal'>,
  look: (path: string, text: string, lines: readonly number[], commit: string) => boolean,
): Promise<HistoryLook> {
  const enough = new AbortController();
  const reader = new DiffReader((...piece) => {
    if (!look(...piece)) enough.abort();
  });
  let rest = '';
  const heard = (part: string, stream: 'stdout' | 'stderr'): void => {
    if (stream !== 'stdout' || enough.signal.aborted) return;
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) reader.read(line);
    // One line that has no end.
    if (rest.length <= pieceMax) return;
    reader.read(rest);
    rest = rest.startsWith('+') ? '+' : ' ';
  };
  const words = [
    'git',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.quotePath=false',
    'log',
    '--all',
    '--full-history',
    '--patch',
    '--cc',
  ];
  const form = [
    '--unified=0',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '--src-prefix=a/',
    '--dst-prefix=b/',
  ];
  const env = { ...environment, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  const both = AbortSignal.any([signal, enough.signal]);
  const end = await runProgram(
    [...words, ...form, `--format=${mark}%h`, '--', '.'],
    { cwd: folder, env, heard, endsAll: true },
    both,
  );
  if (end.kind === 'not-run') return { kind: 'not-run', why: end.why };
  if (end.kind === 'ended' && end.code !== 0) return { kind: 'not-run', why: end.output.trim().split('\n').at(-1) ?? '' };
  reader.read(rest);
  reader.end();
  return { kind: end.kind === 'called-off' ? 'partly' : 'all', commits: reader.commits };
}

type Piece = (path: string, text: string, lines: readonly number[], commit: string) => void;

/** Puts the added lines of a diff together, file by file. */
class DiffReader {
  readonly #give: Piece;
  #commit = '';
  #path = '';
  /** In which columns a sign stands before a line: one for each parent. */
  #columns = 1;
  #isInHunk = false;
  #line = 0;
  #texts: string[] = [];
  #lines: number[] = [];
  #chars = 0;
  commits = 0;

  constructor(give: Piece) {
    this.#give = give;
  }

  read(line: string): void {
    if (line.startsWith(mark)) {
      this.end();
      this.#commit = line.slice(mark.length).trim();
      this.#isInHunk = false;
      this.commits += 1;
    } else if (/^diff --(git|cc|combined) /.test(line)) {
      this.end();
      this.#isInHunk = false;
    } else if (!this.#isInHunk && line.startsWith('+++ '))
      this.#path = line
        .slice(4)
        .replace(/^"?b\//, '')
        .replace(/["\t]*$/, '');
    else if (line.startsWith('@@')) {
      const [, signs = '@@', start = '1'] = /^(@{2,}) .*\+(\d+)(?:,\d+)? \1/.exec(line) ?? [];
      this.#columns = signs.length - 1;
      this.#line = Number(start);
      this.#isInHunk = true;
    } else if (this.#isInHunk && line.slice(0, this.#columns).includes('+')) this.#add(line.slice(this.#columns));
    else if (this.#isInHunk && this.#columns > 1 && !line.slice(0, this.#columns).includes('-')) this.#line += 1;
  }

  end(): void {
    if (this.#texts.length === 0) return;
    this.#give(this.#path, this.#texts.join('\n'), this.#lines, this.#commit);
    this.#texts = [];
    this.#lines = [];
    this.#chars = 0;
  }

  #add(text: string): void {
    this.#texts.push(text);
    this.#lines.push(this.#line);
    this.#line += 1;
    this.#chars += text.length + 1;
    if (this.#chars > pieceMax) this.end();
  }
}
