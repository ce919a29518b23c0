import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { codeText } from './code-text.ts';

/** One import, re-export or dynamic import of a module. */
export type Import = {
  /** A path from the repository's root (`src/errors.ts`), a package (`zod`), a part of Node (`node:fs`); null: not a literal. */
  readonly to: string | null;
  /** Whether it is gone at run time. `import { type A }` is not: the module is still loaded (verbatimModuleSyntax). */
  readonly isTypeOnly: boolean;
  readonly line: number;
};

/** A source file as the rules see it. */
export type Module = {
  /** From the repository's root, with slashes: `src/release/decide.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Without comments and texts, see `codeText`. */
  readonly code: string;
};

/** Every module below `src/`, tests included. */
export function scanRepository(root: string): readonly Module[] {
  const paths = globSync('src/**/*.{ts,mts,cts,js,mjs,cjs}', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => scanModule(path, readFileSync(posix.join(root, path), 'utf8')));
}

/** What `source` would import if it lay at `path`. */
export function scanModule(path: string, source: string): Module {
  const code = codeText(source);
  const imports: Import[] = [];

  function add(quoteAt: number, isTypeOnly: boolean): void {
    const end = code.indexOf(code.charAt(quoteAt), quoteAt + 1);
    imports.push({ to: resolve(path, source.slice(quoteAt + 1, end)), isTypeOnly, line: lineOf(source, quoteAt) });
  }

  for (const match of code.matchAll(/(?<![.\w$])(?:import|export)(\s+type)?\b[^'"`;()=]*?\bfrom\s*(?=['"])/g)) {
    add(match.index + match[0].length, match[1] !== undefined);
  }
  for (const match of code.matchAll(/(?<![.\w$])import\s*(?=['"])/g)) add(match.index + match[0].length, false);
  for (const match of code.matchAll(/(?<![.\w$])(?:import|require)\s*\(\s*/g)) {
    const at = match.index + match[0].length;
    if (code[at] === "'" || code[at] === '"') add(at, false);
    else imports.push({ to: null, isTypeOnly: false, line: lineOf(source, match.index) });
  }
  return { path, imports, code };
}

/** 1 for the first line. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}
