import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filled, filledAll, namesIn, redacted } from './values.ts';

test('names stand for their values, once', () => {
  const values = new Map([
    ['a', '{{b}}'],
    ['b', 'x/y'],
  ]);
  assert.deepEqual(filled('{{a}} {{b}} {{ c }}', values), { text: '{{b}} x/y {{ c }}' });
  assert.deepEqual(filled('{{b}}', values, encodeURIComponent), { text: 'x%2Fy' });
  assert.deepEqual(filled('{{b}} {{none}}', values), { missing: 'none' });
  assert.deepEqual(filledAll({ list: ['{{b}}', 1, null], '{{b}}': true }, values), { list: ['x/y', 1, null], '{{b}}': true });
  assert.deepEqual(namesIn({ a: ['{{x}}-{{y}}'] }), ['x', 'y']);
  assert.deepEqual(namesIn(undefined), []);
});

test('a secret does not come through, however it is written', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 30, unit: 'grapheme-ascii' }),
      fc.string({ maxLength: 5 }),
      (secret, around) => {
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
          assert.ok(!redacted(`${around}${form}${around}`, [secret]).includes(form) || around.includes(form));
      },
    ),
  );
});
