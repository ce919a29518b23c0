import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Match } from '../router.ts';
import { matchKey } from './match-key.ts';

const headers = (lines: readonly string[]): string => [...lines, '', ''].join('\r\n');

const cases: readonly [Match, hit: readonly string[], miss: readonly string[]][] = [
  [
    { header: 'X-Canary', equals: 'a "b"; c' },
    ['x-canary: a "b"; c'],
    ['x-canary: a "b"; cd', 'ax-canary: a "b"; c', 'other: x-canary: a "b"; c'],
  ],
  [{ header: 'User-Agent', contains: 'beta (1)' }, ['user-agent: app beta (1) x'], ['user-agent: app', 'other: beta (1)']],
  [
    { header: 'x-staff', pattern: '^[a-z]+@example[.]com$' },
    ['x-staff: ann@example.com'],
    ['x-staff: ann@example.com.evil', 'x-staff: 1ann@example.com'],
  ],
  [{ header: 'x-staff', pattern: 'ann|bob' }, ['x-staff: my bob'], ['x-staff: eve', 'other: bob']],
  [{ header: 'x-staff', pattern: '^a.*b$' }, ['x-staff: a 1 b'], ['x-staff: a', 'x-staff: a 1 c']],
  [
    { cookie: 'preview', equals: 'on' },
    ['cookie: a=1; preview=on', 'cookie: preview=on ; b=2'],
    ['cookie: a=preview=on; xpreview=on', 'cookie: preview=only'],
  ],
];
for (const [match, hit, miss] of cases)
  test(`${JSON.stringify(match)} as a regular expression on all headers`, () => {
    const key = matchKey(match);
    assert.doesNotMatch(key, /\s/, 'a line of a map is split at the first blank');
    // Node's expressions are PCRE2's here, but for `\x20`, which both know.
    const found = (line: string) => new RegExp(key).test(headers(['host: a', line, 'z-last: b']));
    for (const line of hit) assert.ok(found(line), line);
    for (const line of miss) assert.ok(!found(line), line);
  });

test('a pattern that could be found past the end of its line is refused, with where it begins', () => {
  for (const pattern of [
    '[^@]+',
    'a\\sb',
    '(?=a)b',
    '(a)\\1',
    'a^b',
    'a$|b',
    '\\S+',
    '\\W',
    '(?i)a',
    '[\\s]',
    '(a+)+b',
    'x'.repeat(300),
  ])
    assert.throws(() => matchKey({ header: 'x-a', pattern }), /what begins at|256 characters|Invalid/, pattern);
});
