import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { buildControlPlane, kubernetesPrograms } from './kubernetes-build.ts';

const run = promisify(execFile);
const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

test('where no control plane is built, the suites are told which command builds it', async (t) => {
  const before = process.env.CI;
  t.after(() => (before === undefined ? delete process.env.CI : (process.env.CI = before)));
  delete process.env.CI;
  const found = await kubernetesPrograms(folderWith(t, []));
  assert('missing' in found);
  assert.match(found.missing, /`npm run kubernetes` builds one/);
  process.env.CI = 'true';
  await assert.rejects(kubernetesPrograms('/nowhere'), /npm run kubernetes/);
});

test('a control plane that is built already is left as it is', async (t) => {
  const folder = folderWith(t, programs);
  const before = programs.map((name) => statSync(join(folder, name)).mtimeMs);
  const begunMs = performance.now();
  await buildControlPlane(folder);
  assert(performance.now() - begunMs < 1_000);
  assert.deepEqual(
    programs.map((name) => statSync(join(folder, name)).mtimeMs),
    before,
  );
});

test('programs in a folder of somebody else are not run', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const folder = folderWith(t, programs);
  chownSync(folder, 65_534, 65_534);
  await assert.rejects(kubernetesPrograms(folder), /belongs to somebody else/);
  await assert.rejects(buildControlPlane(folder), /belongs to somebody else/);
});

test('the command says where it is, at once where it is built', async (t) => {
  const found = await kubernetesPrograms().catch(() => ({ missing: 'no control plane' }));
  if ('missing' in found) return t.skip(found.missing);
  const command = join(import.meta.dirname, 'kubernetes-build.ts');
  const { stdout } = await run(process.execPath, [command], { timeout: 30_000 });
  assert.match(stdout, new RegExp(`^Kubernetes for the tests: ${found.path}, `));
});

function folderWith(t: TestContext, names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-kubernetes-build-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
  return folder;
}
