import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { foldersToPrune } from './log-pruning.ts';
import { readInstanceLog, tailLines } from './log-reading.ts';
import { rotateLog, rotation, shifts } from './log-rotation.ts';

function logOf(t: TestContext, text: string): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-logs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'shop', '1', '0.log');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return { folder, file };
}

test('a log is rotated once it is larger than its bound, and only its newest part is kept', () => {
  const bounds = { maxSize: 1_000, keep: 3 };
  assert.deepEqual(rotation(1_000, bounds), { kind: 'none' });
  assert.deepEqual(rotation(1_001, bounds), { kind: 'rotate', fromByte: 1 });
  assert.deepEqual(rotation(9_000, bounds), { kind: 'rotate', fromByte: 8_000 });
  assert.deepEqual(rotation(9_000, { ...bounds, keep: 0 }), { kind: 'rotate', fromByte: 9_000 });
  assert.deepEqual(shifts('a', 3), [
    ['a.2', 'a.3'],
    ['a.1', 'a.2'],
  ]);
  assert.deepEqual([shifts('a', 1), shifts('a', 0)], [[], []]);
});

test('rotation moves the older ones up, empties the log in place and drops what is too much', async (t) => {
  const { file } = logOf(t, '');
  const { ino } = statSync(file);
  for (const letter of ['a', 'b', 'c', 'd']) {
    writeFileSync(file, letter.repeat(1_500));
    assert(await rotateLog(file, { maxSize: 1_024, keep: 2 }));
  }
  assert.deepEqual([statSync(file).size, statSync(file).ino], [0, ino]);
  assert.deepEqual(
    [readFileSync(`${file}.1`, 'utf8'), readFileSync(`${file}.2`, 'utf8')],
    ['d'.repeat(1_024), 'c'.repeat(1_024)],
  );
  assert.equal(existsSync(`${file}.3`), false);
  assert.equal(await rotateLog(file, { maxSize: 1_024, keep: 2 }), false);
  writeFileSync(file, 'e'.repeat(1_500));
  await rotateLog(file, { maxSize: 1_024, keep: 0 });
  assert.equal(statSync(file).size, 0);
  assert.equal(await rotateLog(`${file}-missing`, { maxSize: 1_024, keep: 1 }), false);
});

test('the last lines are read back over a rotation, without control characters', (t) => {
  const { folder, file } = logOf(t, 'three\n\x1b[1mfour\x1b[0m\r\nfi');
  writeFileSync(`${file}.1`, 'one\ntwo\n');
  const read = (linesMax: number) => readInstanceLog(folder, { service: 'shop', version: '1', ordinal: 0 }, linesMax);
  assert.deepEqual(read(2), ['four', 'fi']);
  assert.deepEqual(read(4), ['two', 'three', 'four', 'fi']);
  assert.deepEqual(read(1_000), ['one', 'two', 'three', 'four', 'fi']);
  assert.deepEqual(read(0), []);
  assert.deepEqual(readInstanceLog(folder, { service: 'shop', version: '2', ordinal: 0 }, 5), []);
  assert.throws(() => readInstanceLog(folder, { service: 'shop', version: '1', ordinal: -1 }, 5), RangeError);
});

test('only complete lines come from the middle of a log, and nothing from before its mark', (t) => {
  const { file } = logOf(t, 'aaaa\nbbbb\ncccc\n');
  assert.deepEqual(tailLines(file, 0, 7), ['cccc']);
  assert.deepEqual(tailLines(file, 5, 1_000), ['bbbb', 'cccc']);
  assert.deepEqual(tailLines(file, 15, 1_000), []);
  assert.deepEqual(tailLines(file, 16, 1_000), ['aaaa', 'bbbb', 'cccc'], 'it was rotated since');
});

test('the logs of the versions that ended last stay, and those of versions in use', () => {
  const folder = (version: string, writtenAtMs: number, isInUse = false) => ({ version, writtenAtMs, isInUse });
  const folders = [folder('old', 1), folder('running', 0, true), folder('new', 3), folder('middle', 2)];
  assert.deepEqual(foldersToPrune(folders, 2), ['old']);
  assert.deepEqual(foldersToPrune(folders, 3), []);
  assert.deepEqual(foldersToPrune(folders, 0), ['new', 'middle', 'old']);
});
