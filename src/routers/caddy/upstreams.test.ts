import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entriesMax, entriesOf } from './upstreams.ts';

const dials = (side: string, count: number) => Array.from({ length: count }, (_, i) => `${side}:${i}`);

const cases: readonly [weight: number, stable: number, candidate: number, want: string][] = [
  [0, 2, 1, 's:0 s:1'],
  [100, 0, 2, 'c:0 c:1'],
  [50, 1, 1, 's:0 c:0'],
  [25, 1, 1, 's:0 s:0 s:0 c:0'],
  [50, 2, 1, 's:0 c:0 s:1 c:0'],
  [60, 1, 1, 's:0 c:0 s:0 c:0 c:0'],
];
for (const [weight, stable, candidate, want] of cases)
  test(`${weight} % with ${stable} and ${candidate} instances`, () =>
    assert.equal(entriesOf(dials('s', stable), dials('c', candidate), weight)?.join(' '), want));

test('whatever the weight and the instances, the list has exactly that share, evenly, and every instance', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (w, s, c) => {
      const weight = w / 10;
      const entries = entriesOf(dials('s', s), dials('c', c), weight);
      if (entries === null) {
        const needed = Math.max(c / w, s / (1_000 - w)) * 1_000;
        return assert.ok(needed > entriesMax / 2, `${needed} entries are not too many`);
      }
      let candidates = 0;
      entries.forEach((entry, i) => {
        if (entry.startsWith('c')) candidates++;
        assert.ok(Math.abs(candidates - ((i + 1) * weight) / 100) <= 1 + 1e-9, 'no long run of one version');
      });
      assert.ok(Math.abs((candidates / entries.length) * 100 - weight) < 1e-9);
      const counts = Map.groupBy(entries, (entry) => entry);
      assert.equal(counts.size, s + c);
      for (const side of ['s', 'c']) {
        const sizes = [...counts].flatMap(([entry, all]) => (entry.startsWith(side) ? all.length : []));
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, 'instances share within one entry');
      }
      assert.ok(entries.length <= entriesMax);
    }),
  );
});
