import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelValueOf, objectName } from './names.ts';

const service = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._+-]{0,62}$/);

test('every name and label is one that the cluster takes', () => {
  fc.assert(
    fc.property(service, version, (one, of) => {
      assert.match(objectName(one, of), /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
      assert.match(labelValueOf(of), /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
    }),
  );
});

test('what is told apart by people is told apart by name', () => {
  const pairs = [
    ['a', '1.1.0'],
    ['a', '1-1-0'],
    ['a', '1.1.0+b'],
    ['a-1', '1.0'],
    ['a', 'RC1'],
    ['a', 'rc1'],
  ] as const;
  assert.equal(new Set(pairs.map(([one, of]) => objectName(one, of))).size, pairs.length);
  const versions = ['1.0+a', '1.0-a', '1.0_a', '1.0.a', `${'1'.repeat(62)}+`, `${'1'.repeat(62)}-`];
  assert.equal(new Set(versions.map(labelValueOf)).size, versions.length);
});
