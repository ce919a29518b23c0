import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pemFileText, readSecretFile } from './text-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-plain-file-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the authorities of a whole system are read, and no more than any system has', () => {
  const file = join(folder, 'ca.pem');
  writeFileSync(file, 'x'.repeat(300_000));
  assert.equal(pemFileText(file).length, 300_000);
  assert.throws(() => readSecretFile(file), /more than 65536 bytes/);
});

test('a pipe that nobody writes to, and a device that never ends, are no files', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of [pipe, '/dev/zero', folder]) assert.throws(() => pemFileText(file), /no plain file/);
});
