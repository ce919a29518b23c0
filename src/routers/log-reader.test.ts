import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogReader } from './log-reader.ts';

function made(t: TestContext): { file: string; read: () => Promise<string> } {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'requests.log');
  const reader = new LogReader(file);
  return {
    file,
    async read() {
      const lines: string[] = [];
      const { hasLeftOut, isThere } = await reader.read((line) => lines.push(line), AbortSignal.timeout(10_000));
      return lines.join(' ') + (hasLeftOut ? ' and some are missing' : '') + (isThere ? '' : 'no log');
    },
  };
}

test('every line is read once, when it is whole', async (t) => {
  const { file, read } = made(t);
  assert.equal(await read(), 'no log');
  writeFileSync(file, 'a\nb\nc');
  assert.equal(await read(), 'a b');
  appendFileSync(file, 'c\nd\n');
  assert.equal(await read(), 'cc d');
  assert.equal(await read(), '');
});

test('a log that is rotated loses nothing, also of writers that come late to the new one', async (t) => {
  const { file, read } = made(t);
  writeFileSync(file, 'a\n');
  assert.equal(await read(), 'a');
  appendFileSync(file, 'b\nhal');
  renameSync(file, `${file}.1`);
  assert.equal(await read(), 'b', 'there is no new log for a moment');
  writeFileSync(file, 'd\n');
  assert.equal(await read(), 'd');
  appendFileSync(`${file}.1`, 'f\n');
  appendFileSync(file, 'e\n');
  assert.equal(await read(), 'half e');
});

test('a log that was renamed and has no successor yet is read on under its new name', async (t) => {
  const { file, read } = made(t);
  writeFileSync(file, 'a\n');
  assert.equal(await read(), 'a');
  renameSync(file, file.replace('requests.log', 'requests-2026-01-01.log'));
  appendFileSync(file.replace('requests.log', 'requests-2026-01-01.log'), 'b\n');
  assert.equal(await read(), 'b');
  rmSync(file.replace('requests.log', 'requests-2026-01-01.log'));
  assert.equal(await read(), 'no log', 'one that was removed is written to by nobody who could be read');
});

test('a character whose bytes come one by one is one character', async (t) => {
  const { file, read } = made(t);
  const bytes = Buffer.from('яблоко\n');
  for (const byte of bytes.subarray(0, -1)) {
    appendFileSync(file, Buffer.of(byte));
    assert.equal(await read(), '');
  }
  appendFileSync(file, bytes.subarray(-1));
  assert.equal(await read(), 'яблоко');
});

test('a log that is copied and emptied is read from its beginning', async (t) => {
  const { file, read } = made(t);
  writeFileSync(file, 'a\nb\n');
  assert.equal(await read(), 'a b');
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
  appendFileSync(file, 'c\n');
  assert.equal(await read(), 'c');
});

test('of more than can be read at once the end is read, and what is missing is said', async (t) => {
  const { file, read } = made(t);
  writeFileSync(file, 'a\n');
  assert.equal(await read(), 'a');
  appendFileSync(file, `${'x'.repeat(17 * 1_048_576)}\nz\n`);
  assert.equal(await read(), 'z and some are missing');
});
