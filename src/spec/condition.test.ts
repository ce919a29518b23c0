import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Condition, holds, namesIn, readCondition } from './condition.ts';

function read(text: string): Condition {
  const found = readCondition(text);
  assert.ok('condition' in found, JSON.stringify(found));
  return found.condition;
}

const given = { kubernetes: true, managed: false, tier: 'web', replicas: 3, none: 0, list: [], nothing: null };

const rows: readonly (readonly [string, boolean])[] = [
  ['kubernetes', true],
  ['managed', false],
  ['absent', false],
  ['!absent', true],
  ['absent != false', true],
  ['managed != false', false],
  ['absent == false', false],
  ["tier == 'web'", true],
  ['tier != "web"', false],
  ['replicas == 3', true],
  ['none', false],
  ['list', true],
  ['nothing', false],
  ['kubernetes && managed || tier', true],
  ['kubernetes && (managed || absent)', false],
  ['!kubernetes || !managed', true],
  ['!!kubernetes', true],
  ['true && !false', true],
];

for (const [text, expected] of rows)
  test(`${text} is ${expected}`, () => {
    assert.equal(holds(read(text), given), expected);
  });

const broken: readonly (readonly [string, RegExp])[] = [
  ['', /expected a parameter/],
  ['kubernetes &&', /at the end/],
  ['(kubernetes', /expected \)/],
  ['kubernetes managed', /unexpected managed at 12/],
  ['a = b', /unexpected "=" at 3/],
  ['&& a', /found && at 1/],
  [`${'('.repeat(60)}a${')'.repeat(60)}`, /more than 50/],
];

for (const [text, expected] of broken)
  test(`${text.slice(0, 20)} cannot be read`, () => {
    const found = readCondition(text);
    assert.ok('problem' in found);
    assert.match(found.problem, expected);
  });

test('whatever stands in a condition, reading it ends with an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '!', '&', '|', '(', ')', '=', "'", ' ', '1', '$') }), (text) => {
      const found = readCondition(text);
      if ('condition' in found) assert.equal(typeof holds(found.condition, given), 'boolean');
    }),
  );
});

test('the parameters of a condition are known', () => {
  assert.deepEqual(namesIn(read("a && !(b || c == 'd')")), ['a', 'b', 'c']);
});
