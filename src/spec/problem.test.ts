import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathText, renderProblems } from './problem.ts';

const at = (line: number, column: number, message = 'wrong') => ({ file: 'a.yaml', line, column, path: '', message });

test('a problem shows its line with a caret under the place', () => {
  const text = renderProblems(
    [{ ...at(2, 6, 'expected a duration such as 30s, found 10'), fix: 'write 10s' }],
    'a: 1\nfor: 10\n',
  );
  assert.equal(
    text,
    ['a.yaml:2:6: expected a duration such as 30s, found 10', '  2 | for: 10', '    |      ^', '    = write 10s'].join('\n'),
  );
});

test('of a very long line the part around the place is shown', () => {
  const [, line, caret] = renderProblems([at(1, 5_001)], `${'a'.repeat(5_000)}X${'b'.repeat(5_000)}`).split('\n');
  assert.ok((line?.length ?? 0) < 140);
  assert.equal(line?.[caret?.indexOf('^') ?? -1], 'X');
});

test('what would move the cursor or turn text around does not reach the terminal', () => {
  const text = renderProblems([at(1, 1, 'found "\x9b2J"')], 'a: "\x1b[2J\u202e"\r');
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

test('an empty place shows no excerpt, and a long list says how much it leaves out', () => {
  assert.equal(renderProblems([at(1, 1)], ''), 'a.yaml:1:1: wrong');
  assert.match(renderProblems(Array(60).fill(at(1, 1)), ''), /… and 10 more$/);
});

test('a path is written as in code', () => {
  assert.equal(pathText(['spec', 'steps', 0, 'p99.9', 'a-b']), 'spec.steps[0]["p99.9"].a-b');
});
