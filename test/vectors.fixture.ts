import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
/** `$RAMPART_VECTORS`, else `shared/vectors` beside the clone, else beside the folder that the clone is in. */
const candidates =
  process.env.RAMPART_VECTORS === undefined
    ? [join(root, '..', 'shared', 'vectors'), join(root, '..', '..', 'shared', 'vectors')]
    : [process.env.RAMPART_VECTORS];

/**
 * Defines the tests that need a file of vectors (such as `math/seed_policy.json`, or one in YAML) from outside of the project. Where the folder is absent, one test of the same name
 * is reported as left out; under `CI=true` that is a failure. A folder without the file is always one.
 */
export function withVectors<T>(file: string, define: (content: T) => void): void {
  withFolder(file, (folder) => {
    const text = readFileSync(join(folder, file), 'utf8');
    define((file.endsWith('.yml') ? parse(text) : JSON.parse(text)) as T);
  });
}

/** The same for the texts of files, by their names; a name may have `*` in it. */
export function withVectorTexts(
  pattern: string,
  define: (files: readonly { readonly file: string; readonly text: string }[]) => void,
): void {
  withFolder(pattern, (folder) => {
    const files = globSync(pattern, { cwd: folder }).sort();
    assert(files.length > 0, `no vectors ${pattern}`);
    define(files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') })));
  });
}

function withFolder(what: string, define: (folder: string) => void): void {
  const folder = candidates.find((path) => existsSync(path));
  const missing = `no folder of vectors at ${candidates.join(' or ')}`;
  if (folder !== undefined) define(folder);
  else if (process.env.CI === 'true') test(`vectors ${what}`, () => assert.fail(missing));
  else test(`vectors ${what}`, { skip: missing }, () => {});
}
