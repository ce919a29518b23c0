import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAnswers } from './answers.ts';

const answer = { asked: 'a', status: 200, body: '{}' };

test('an answer is kept for the one who asked, over a restart, for a day', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-answers-'));
  let now = 1_000;
  const open = () => openAnswers(join(folder, 'answers.db'), () => now);
  try {
    const first = open();
    first.write('token ci', 'k', answer);
    assert.deepEqual(first.read('token ci', 'k'), answer);
    assert.equal(first.read('token other', 'k'), null);
    assert.equal(first.read('token ci', 'other'), null);
    first.close();
    const second = open();
    now += 86_399_999;
    assert.deepEqual(second.read('token ci', 'k'), answer);
    now += 1;
    assert.equal(second.read('token ci', 'k'), null);
    second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('no more than ten thousand answers are kept, the newest ones', () => {
  let now = 0;
  const answers = openAnswers(':memory:', () => ++now);
  for (let index = 0; index < 10_200; index += 1) answers.write('ci', `k${index}`, answer);
  assert.equal(answers.read('ci', 'k0'), null);
  assert.deepEqual(answers.read('ci', 'k10199'), answer);
  assert.deepEqual(answers.read('ci', 'k300'), answer);
  answers.close();
});

test('a file that is no database, or cannot be one, keeps no controller from starting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-answers-'));
  const warnings: string[] = [];
  const open = (file: string) => openAnswers(file, Date.now, (text) => warnings.push(text));
  try {
    const file = join(folder, 'answers.db');
    writeFileSync(file, 'no database at all, '.repeat(500));
    const anew = open(file);
    anew.write('ci', 'k', answer);
    assert.deepEqual(anew.read('ci', 'k'), answer);
    anew.close();
    assert.match(warnings.splice(0).join('; '), /made anew.*file is not a database/);
    const kept = open(file);
    assert.deepEqual(kept.read('ci', 'k'), answer);
    kept.close();
    assert.deepEqual(warnings, []);
    const nowhere = open(join(folder, 'none', 'answers.db'));
    nowhere.write('ci', 'k', answer);
    assert.deepEqual(nowhere.read('ci', 'k'), answer);
    nowhere.close();
    assert.match(warnings.join('; '), /kept in memory until the next start/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
