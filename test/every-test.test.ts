import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pureFolders, root, testFiles } from './pure/folders.fixture.ts';

test('`npm test` runs every test file, and each once', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { test: string } };
  const patterns = [...scripts.test.matchAll(/"([^"]*\.test\.ts)"/g)].map(([, pattern = '']) => pattern);
  const run = [
    ...patterns.flatMap((pattern) => globSync(pattern, { cwd: root })),
    ...Object.values(pureFolders).flatMap((folders) => testFiles(folders)),
  ];
  const all = globSync('**/*.test.ts', { cwd: root, exclude: ['**/node_modules/**', 'dist/**'] });
  assert(all.length > 500, `${all.length} files`);
  assert.deepEqual(run.toSorted(), all.toSorted());
});
