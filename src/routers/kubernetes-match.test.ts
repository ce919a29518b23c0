import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerMatchOf } from './kubernetes-match.ts';
import type { Match } from './router.ts';

const cases: readonly [match: Match, fits: readonly string[], others: readonly string[]][] = [
  [{ header: 'A', contains: 'be.ta' }, ['be.ta', 'an be.ta 3'], ['beta']],
  [{ header: 'A', pattern: '^[a-z]+@example[.]com$' }, ['ann@example.com'], ['ann@example.com.evil', '1ann@example.com']],
  [{ header: 'A', pattern: 'Canary|beta' }, ['the Canary', 'beta 3'], ['other']],
  [{ cookie: 'preview', equals: 'on' }, ['preview=on', 'a=1; preview=on; b=2'], ['xpreview=on', 'a=preview=on', 'preview=only']],
];

test('a pattern means the same where it has to fit the whole value and where it is looked for in it', () => {
  for (const [match, fits, others] of cases) {
    const found = headerMatchOf(match);
    assert('pattern' in found);
    for (const [given, expected] of [
      [fits, true],
      [others, false],
    ] as const)
      for (const value of given) {
        assert.equal(new RegExp(`^(?:${found.pattern})$`).test(value), expected, `whole: ${value}`);
        assert.equal(new RegExp(found.pattern).test(value), expected, `part: ${value}`);
      }
  }
  assert.deepEqual(headerMatchOf({ header: 'A', equals: 'a.b' }), { header: 'A', exact: 'a.b' });
});

test('what RE2 does not know is refused before it is written', () => {
  for (const pattern of ['(?=a)', '(?<!a)b', '(a)\\1', '('])
    assert.throws(() => headerMatchOf({ header: 'A', pattern }), SyntaxError, pattern);
  assert.throws(() => headerMatchOf({ cookie: 'a', equals: '' }), /needs a value/);
});
