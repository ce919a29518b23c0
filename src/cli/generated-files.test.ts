import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError } from '../errors.ts';
import { generatedMark } from '../generators/generator.ts';
import { writeGenerated } from './generated-files.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-generated-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const rules = { name: 'shop.rules.yml', text: `# ${generatedMark} prometheus.\ngroups: []\n` };
const tests = { name: 'tests/shop.test.yml', text: `# ${generatedMark} prometheus.\ntests: []\n` };

test('files are written with their folders, and a second time nothing is', async (t) => {
  const out = join(folderOf(t), 'new', 'rules');
  const first = await writeGenerated(out, [rules, tests], false);
  assert.deepEqual(
    first.map(({ state }) => state),
    ['written', 'written'],
  );
  assert.equal(readFileSync(join(out, tests.name), 'utf8'), tests.text);
  const second = await writeGenerated(out, [rules, tests], false);
  assert.deepEqual(
    second.map(({ state }) => state),
    ['unchanged', 'unchanged'],
  );
});

test('what was generated before is written over, what somebody has written is not, and then nothing is', async (t) => {
  const out = folderOf(t);
  mkdirSync(join(out, 'tests'));
  writeFileSync(join(out, rules.name), `# ${generatedMark} prometheus.\ngroups: [] # of yesterday\n`);
  writeFileSync(join(out, tests.name), 'tests: [] # mine\n');
  await assert.rejects(writeGenerated(out, [rules, tests], false), (error) => {
    assert(error instanceof UserError);
    assert.match(error.message, /tests\/shop\.test\.yml was written by somebody else$/);
    return true;
  });
  assert.match(readFileSync(join(out, rules.name), 'utf8'), /of yesterday/);
  await writeGenerated(out, [rules, tests], true);
  assert.equal(readFileSync(join(out, rules.name), 'utf8'), rules.text);
  assert.equal(readFileSync(join(out, tests.name), 'utf8'), tests.text);
  assert.deepEqual(readdirSync(out).sort(), ['shop.rules.yml', 'tests'], 'nothing is left beside them');
});

test('a folder that is a file is said', async (t) => {
  const out = join(folderOf(t), 'file');
  writeFileSync(out, '');
  await assert.rejects(writeGenerated(out, [rules], false), { name: 'UserError', code: 'E_INPUT' });
});
