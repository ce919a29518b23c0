import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieValue, matcherOf, patternCharsMax, valueCharsMax } from './match.ts';

const cookies: readonly [header: string | undefined, value: string | undefined][] = [
  ['rampart=1', '1'],
  ['a=b; rampart=1; c=d', '1'],
  ['a=b;rampart=1', '1'],
  ['rampart=1 ; c=d', '1'],
  ['not-rampart=1', undefined],
  ['a=rampart=1', undefined],
  ['rampart', undefined],
  ['rampartx=1; rampart=2', '2'],
  ['rampart=', ''],
  ['rampart=a=b', 'a=b'],
  ['', undefined],
  [undefined, undefined],
];
for (const [header, value] of cookies)
  test(`the cookie in ${JSON.stringify(header)} is ${JSON.stringify(value)}`, () =>
    assert.equal(cookieValue(header, 'rampart'), value));

test('names of headers are compared without case, values with it', () => {
  const matcher = matcherOf({ header: 'X-Canary', equals: 'Yes' });
  assert.equal(matcher({ 'x-canary': 'Yes' }), true);
  assert.equal(matcher({ 'x-canary': 'yes' }), false);
  assert.equal(matcher({}), false);
  assert.equal(matcherOf({ header: 'constructor', pattern: '.' })({}), false);
});

test('a pattern is bounded in length, and so are the values it is tried on', () => {
  assert.throws(() => matcherOf({ header: 'x', pattern: 'a'.repeat(patternCharsMax + 1) }), SyntaxError);
  assert.throws(() => matcherOf({ header: 'x', pattern: '(' }), SyntaxError);
  const matcher = matcherOf({ header: 'x', pattern: 'a$' });
  assert.equal(matcher({ x: 'a'.repeat(valueCharsMax) }), true);
  assert.equal(matcher({ x: 'a'.repeat(valueCharsMax + 1) }), false);
});
