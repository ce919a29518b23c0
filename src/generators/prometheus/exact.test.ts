import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rational } from '../../slo/rational.ts';
import { exactly, share } from './exact.ts';

const cases: readonly (readonly [n: number, d: number, text: string])[] = [
  [144, 10_000, '0.0144'],
  [1, 1_000, '0.001'],
  [3, 2, '1.5'],
  [7, 1, '7'],
  [0, 1, '0'],
  [1, 8, '0.125'],
  [31, 3_000, '(31 / 3000)'],
  [1, 1_000_000_000, '0.000000001'],
];

test('a fraction is a decimal where it has one, else a division', () => {
  for (const [n, d, text] of cases) assert.equal(exactly(rational(n, d)), text);
  assert.equal(share(999_000), '0.999');
  assert.equal(share(1), '0.000001');
});
