import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, listed, resultOf, sentence } from './sentences.ts';

const said = (status: Finding['status'], name: string): Finding => ({
  status,
  text: { en: `${name} found`, ru: `${name} найдено` },
  ...(status === 'pass' ? {} : { fix: 'mend it' }),
});

test('an answer is as bad as its worst finding, and tells what is wrong before what is not known', () => {
  const result = resultOf('here', 'all well', [said('pass', 'a'), said('warn', 'b'), said('unproven', 'c'), said('fail', 'd')]);
  assert.equal(result.status, 'fail');
  assert.deepEqual(result.found, { en: 'd found; c found; b found', ru: 'd найдено; c найдено; b найдено' });
  assert.deepEqual(result.fix, { en: 'mend it', ru: 'mend it' });
  assert.deepEqual(result.evidence, ['fail: d found', 'unproven: c found', 'warn: b found', 'pass: a found']);
});

test('where nothing is wrong all is told, and of many how many more there are', () => {
  const result = resultOf(
    'here',
    'all well',
    Array.from({ length: 8 }, (_, i) => said('pass', String(i))),
  );
  assert.deepEqual([result.status, result.fix], ['pass', null]);
  assert.match(JSON.stringify(result.found), /4 found; and 3 more".*4 найдено; и ещё 3"/);
  assert.deepEqual(listed(['a', 'b', 'c'], 2), { en: 'a, b and 1 more', ru: 'a, b и ещё 1' });
  assert.deepEqual(listed([]), { en: 'none', ru: 'ничего' });
});

test('the parts of a sentence are put in as they are, in the language of the sentence', () => {
  const text = sentence('$ is $', '$: $', 'cost $5', { en: 'high', ru: 'много' });
  assert.deepEqual(text, { en: 'cost $5 is high', ru: 'cost $5: много' });
});
