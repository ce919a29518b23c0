import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { documentFiles, documentOf } from './documents.ts';
import { atPointer } from './json-pointer.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-documents-'));
const never = new AbortController().signal;
before(() => {
  for (const name of ['inner', 'node_modules', '.git']) mkdirSync(join(folder, name));
  for (const name of ['b.yaml', 'inner/a.yml', 'node_modules/x.yaml', '.git/x.yaml', 'c.txt'])
    writeFileSync(join(folder, name), 'a: { b/c: [1] }\n---\n2\n');
  writeFileSync(join(folder, 'broken.yaml'), 'a: [\n');
  writeFileSync(join(folder, 'large.yaml'), '');
  truncateSync(join(folder, 'large.yaml'), 2_000_000);
  // It would never end.
  symlinkSync('.', join(folder, 'inner', 'again'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('all files below a folder are read, without what is not ours and without links', async () => {
  const files = await documentFiles(folder, '.', /\.ya?ml$/, never);
  assert.deepEqual(
    files.map(({ name, documents, problems }) => [name, documents.length, problems.length]),
    [
      ['b.yaml', 2, 0],
      ['broken.yaml', 0, 1],
      ['inner/a.yml', 2, 0],
      ['large.yaml', 0, 1],
    ],
  );
  assert.match(files[1]?.problems[0] ?? '', /^broken\.yaml:\d+:\d+: /);
});

test('what cannot be read is told by its name, and a pipe is never waited for', async () => {
  for (const name of ['none.yaml', 'pipe.yaml'])
    await assert.rejects(documentFiles(folder, name, /^/, never), { code: 'E_CHECK_FILE', message: new RegExp(name) });
  await assert.rejects(documentOf(folder, 'broken.yaml', never), { code: 'E_CHECK_FILE', where: 'broken.yaml' });
});

test('a JSON pointer finds its place, and nothing that is only inherited', async () => {
  const document = await documentOf(folder, 'b.yaml', never);
  assert.deepEqual(atPointer(document, '/a/b~1c/0'), 1);
  assert.deepEqual(atPointer(document, ''), document);
  for (const pointer of ['/none', '/a/b~1c/1', '/constructor', '/a/b~1c/0/deeper'])
    assert.equal(atPointer(document, pointer), undefined);
});
