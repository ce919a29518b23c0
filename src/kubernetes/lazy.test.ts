import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

test('without a cluster the library for clusters is never loaded', async () => {
  const target = pathToFileURL(join(import.meta.dirname, '../targets/kubernetes/index.ts'));
  const script = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
    const { kubernetes } = await import('${target}');
    kubernetes.create({ folder: '/nowhere', environment: {} });
    const before = seen.filter((name) => name.startsWith('@kubernetes/')).length;
    await import('@kubernetes/client-node');
    console.log(JSON.stringify({ before, sees: seen.includes('@kubernetes/client-node'), all: seen.length }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    timeout: 60_000,
  });
  const { before, sees, all } = JSON.parse(stdout) as { before: number; sees: boolean; all: number };
  assert.deepEqual({ before, sees }, { before: 0, sees: true });
  assert(all > 10);
});
