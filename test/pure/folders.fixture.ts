import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folders whose tests start nothing and listen nowhere, by the file that runs them: all of a file share one process. */
export const pureFolders = {
  'analysis.test.ts': ['src/analysis'],
  'core.test.ts': [
    ...['src/access', 'src/alerts', 'src/diagnosis', 'src/flags', 'src/generators/grafana', 'src/groups', 'src/incidents'],
    ...['src/notifications', 'src/readiness', 'src/release', 'src/signals', 'src/slo', 'src/status', 'src/timeline', 'src/views'],
  ],
  'documents.test.ts': ['src/spec', 'web/src', 'web/test'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Test files of folders, from the root. */
export function testFiles(folders: readonly string[]): readonly string[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.test.ts`),
    { cwd: root, exclude: ['**/node_modules/**'] },
  ).toSorted();
}

/** Runs the tests of folders in this process: to start one for each of their files takes longer than the tests themselves. */
export async function runTests(file: keyof typeof pureFolders): Promise<void> {
  for (const path of testFiles(pureFolders[file])) await import(pathToFileURL(join(root, path)).href);
}
