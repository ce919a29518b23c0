import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withVectors } from '../../test/vectors.fixture.ts';
import { type AlertMatcher, matchersIn, matcherText, utf8Matcher, utf8Matchers } from './alert-matcher.ts';

type Case = {
  readonly kind: 'list' | 'single';
  readonly name: string;
  readonly input?: string;
  readonly expected?: AlertMatcher | readonly AlertMatcher[] | null;
  readonly error?: string;
};

withVectors<{ readonly parse: readonly Case[] }>('alertmanager/matchers.json', ({ parse }) => {
  assert(parse.length > 70);
  for (const { kind, name, input = '', expected, error } of parse)
    test(`matchers in the UTF-8 syntax, ${kind}: ${name}`, () => {
      const read = kind === 'list' ? utf8Matchers(input) : utf8Matcher(input);
      assert.deepEqual(read, error === undefined ? (expected ?? []) : { problem: error });
    });
});

const readings: readonly (readonly [why: string, text: string, want: readonly AlertMatcher[]])[] = [
  ['a backslash that escapes nothing is itself', 'code=~"5\\d\\d"', [{ name: 'code', op: '=~', value: '5\\d\\d' }]],
  ['a space belongs to the classic value', 'team=a b', [{ name: 'team', op: '=', value: 'a b' }]],
  ['where both can read it, the classic value counts', 'a="\\x41"', [{ name: 'a', op: '=', value: '\\x41' }]],
  ['a name that only the UTF-8 syntax has', '"the team"="a"', [{ name: 'the team', op: '=', value: 'a' }]],
  ['a comma in quotes divides nothing', 'a="b,c"', [{ name: 'a', op: '=', value: 'b,c' }]],
];
for (const [why, text, want] of readings) test(`matchers of a document: ${why}`, () => assert.deepEqual(matchersIn(text), want));

const refusals: readonly (readonly [text: string, problem: RegExp])[] = [
  ['a=~"("', /not a regular expression \(RE2\): \(: missing closing/],
  ['a=~"(?=b)"', /unsupported Perl syntax/],
  ['a=~"(x{1000}){1000}"', /invalid repeat count/],
  ['a=~"b)|(c"', /unexpected \)/],
  ['a b', /expected an operator/],
  ['a="b', /missing end "/],
  [`a=~"${'x'.repeat(5_000)}"`, /5000 characters, more than 4000/],
  ['x'.repeat(20_000), /20000 characters, more than 10000/],
];
for (const [text, problem] of refusals)
  test(`matchers of a document: ${text.slice(0, 30)} is refused`, () => {
    const read = matchersIn(text);
    assert('problem' in read, JSON.stringify(read));
    assert.match(read.problem, problem);
  });

test('a matcher that is written out is read back the same', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((one) => one.isWellFormed());
  fc.assert(
    fc.property(text, fc.constantFrom('=', '!=' as const), text, (name, op, value) => {
      const matcher = { name, op, value } as const;
      assert.deepEqual(utf8Matchers(matcherText(matcher)), [matcher]);
    }),
  );
});

test('no text makes the reader fail', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab={}!~,"\\\n x') }), (text) => void matchersIn(text)));
});
