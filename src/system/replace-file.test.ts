import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { replaceFile } from './replace-file.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'rampart-file-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('a file is replaced whole, with the permissions that are asked for whatever the umask is', async (t) => {
  const file = join(folder(t), 'state.json');
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  for (const durable of [false, true]) {
    await replaceFile(file, `${durable}`, { durable, mode: 0o644 });
    assert.deepEqual([readFileSync(file, 'utf8'), modeOf(file)], [`${durable}`, '644']);
  }
  assert.deepEqual(readdirSync(join(file, '..')), ['state.json']);
});

test('a file may keep the permissions that somebody has given it', async (t) => {
  const file = join(folder(t), 'include.conf');
  await replaceFile(file, 'a', { durable: false, mode: 0o640, keepsMode: true });
  assert.equal(modeOf(file), '640');
  chmodSync(file, 0o664);
  await replaceFile(file, 'b', { durable: false, mode: 0o640, keepsMode: true });
  assert.deepEqual([readFileSync(file, 'utf8'), modeOf(file)], ['b', '664']);
});

test('what cannot be replaced is left as it was, with nothing beside it', async (t) => {
  const made = folder(t);
  const file = join(made, 'state.json');
  mkdirSync(file);
  writeFileSync(join(file, 'inside'), '');
  await assert.rejects(replaceFile(file, 'a', { durable: true, mode: 0o600 }), { code: /EISDIR|ENOTEMPTY|EEXIST/ });
  assert.deepEqual(readdirSync(made), ['state.json']);
  await assert.rejects(replaceFile(join(made, 'no', 'state.json'), 'a', { durable: true, mode: 0o600 }), { code: 'ENOENT' });
});
