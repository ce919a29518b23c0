import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SecretFiles } from './secret-files.ts';

test('a file of a secret is read again only when it has changed, and what it held before is remembered', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  let reads = 0;
  const files = new SecretFiles((path) => {
    reads += 1;
    return readFileSync(path, 'utf8');
  });
  assert.deepEqual(files.texts(file), []);
  writeFileSync(file, 'first');
  for (let line = 0; line < 100; line++) assert.deepEqual(files.texts(file), ['first']);
  assert.equal(reads, 2, 'once while it was not there, once since');
  writeFileSync(file, 'other');
  assert.deepEqual(files.texts(file), ['other', 'first'], 'of the same length, in the same file');
  writeFileSync(`${file}.new`, 'third');
  renameSync(`${file}.new`, file);
  assert.deepEqual(files.texts(file), ['third', 'other', 'first']);
  rmSync(file);
  assert.deepEqual(files.texts(file), ['third', 'other', 'first'], 'programs that run have them still');
  for (let i = 0; i < 20; i++) {
    writeFileSync(file, `secret ${i}`);
    files.texts(file);
  }
  assert.equal(files.texts(file).length, 10);
});
