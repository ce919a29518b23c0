import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../test/vectors.fixture.ts';
import { fingerprint } from './fingerprint.ts';

type Vectors = {
  readonly fingerprints: readonly { readonly labels: Record<string, string>; readonly fingerprint: string }[];
};

withVectors<Vectors>('alertmanager/fingerprint_and_keys.json', ({ fingerprints }) => {
  test('a set of labels has the fingerprint that Prometheus gives it', () => {
    assert(fingerprints.length >= 5);
    for (const { labels, fingerprint: wanted } of fingerprints) {
      assert.equal(fingerprint(labels), wanted);
      assert.equal(fingerprint(Object.fromEntries(Object.entries(labels).reverse())), wanted);
    }
  });
});

test('what stands in which label makes a difference', () => {
  const all = [{ a: 'bc' }, { ab: 'c' }, { a: 'b', c: '' }, { a: 'é' }, { a: 'e' }].map(fingerprint);
  assert.equal(new Set(all).size, all.length);
});
