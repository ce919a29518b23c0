import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Match } from '../router.ts';
import { matcherOf } from './match.ts';

const cases: readonly [Match, header: string, pattern: string][] = [
  [{ header: 'X-A', equals: 'a.b*' }, 'X-A', '^a\\.b\\*$'],
  [{ header: 'X-A', contains: '{x}' }, 'X-A', '\\{x\\}'],
  [{ header: 'X-A', pattern: '^a+$' }, 'X-A', '^a+$'],
  [{ cookie: 'a.b', equals: 'on' }, 'Cookie', '(?:^|;[ \\t]*)a\\.b=on[ \\t]*(?:;|$)'],
];
for (const [match, header, pattern] of cases)
  test(`${JSON.stringify(match)} becomes a pattern`, () =>
    assert.deepEqual(matcherOf(match), { header_regexp: { [header]: { pattern } } }));

test('an empty cookie and a pattern that is none or too long are refused', () => {
  for (const match of [{ cookie: 'a', equals: '' }, ...['(', 'a'.repeat(257)].map((pattern) => ({ header: 'x', pattern }))])
    assert.throws(() => matcherOf(match), SyntaxError);
});
