import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, combined } from './answers.ts';

const said = (status: Answer['status'], name: string): Answer => ({
  status,
  found: { en: `${name} found`, ru: `${name} есть` },
  expected: `${name} expected`,
  fix: status === 'pass' ? null : `${name} fix`,
  figures: { [name]: 1 },
});

test('several answers are as bad as the worst, which comes first, and what is well is left out', () => {
  const result = combined('db', [said('warn', 'a'), said('pass', 'b'), said('fail', 'c')]);
  assert.equal(result.status, 'fail');
  assert.deepEqual(result.found, { en: 'c found; a found', ru: 'c есть; a есть' });
  assert.deepEqual(result.fix, { en: 'c fix; a fix', ru: 'c fix; a fix' });
  assert.deepEqual(result.figures, { a: 1, b: 1, c: 1 });
});

test('what is well is told where all is', () => {
  const result = combined('db', [said('pass', 'a'), said('pass', 'b')]);
  assert.deepEqual([result.status, result.found, result.fix], ['pass', { en: 'a found; b found', ru: 'a есть; b есть' }, null]);
});

test('what nobody could see is worse than a warning', () => {
  assert.equal(combined('db', [said('warn', 'a'), said('unproven', 'b')]).status, 'unproven');
});

test('of many answers the first are told, with how many more there are, and all are evidence', () => {
  const result = combined(
    'db',
    Array.from({ length: 12 }, (_, at) => said('fail', `q${at}`)),
  );
  assert.match(JSON.stringify(result.found), /q9 found; and 2 more".*q9 есть; и ещё 2"/);
  assert.deepEqual([result.evidence.length, result.evidence.at(-1)], [12, 'fail: q11 found']);
});
