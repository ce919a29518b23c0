import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { simulatedService } from '../../test/simulation/spec.ts';
import { specChanges } from './spec-changes.ts';

test('says what stood where, and what stands there now', () => {
  const before = simulatedService({ bakeMs: 60_000 });
  const after = { ...simulatedService({ bakeMs: 30_000 }), owner: 'payments' };
  assert.deepEqual(specChanges(before, after), {
    before: { owner: before.owner, 'release.bakeMs': 60_000 },
    after: { owner: 'payments', 'release.bakeMs': 30_000 },
    more: 0,
  });
});

const hid = { 'env.DB_PASSWORD': '[hidden]' };
const cases: readonly [name: string, before: unknown, after: unknown, from: object, to: object][] = [
  ['nothing, when nothing differs', { a: [1, { b: null }] }, { a: [1, { b: null }] }, {}, {}],
  ['a path that is new', { a: 1 }, { a: 1, b: 2 }, {}, { b: 2 }],
  ['a path that is gone', { a: 1, b: 2 }, { a: 1 }, { b: 2 }, {}],
  ['null is a value', { a: null }, { a: 1 }, { a: null }, { a: 1 }],
  ['a list that grew', { steps: [{ w: 1 }] }, { steps: [{ w: 1 }, { w: 5 }] }, {}, { 'steps[1]': { w: 5 } }],
  ['another kind of thing', { a: [1] }, { a: { '0': 1 } }, { a: [1] }, { a: { '0': 1 } }],
  ['names that are no words', { 'x.y': 1 }, { 'x.y': 2 }, { '["x.y"]': 1 }, { '["x.y"]': 2 }],
  ['names that objects have', JSON.parse('{"__proto__": 1}'), {}, JSON.parse('{"__proto__": 1}'), {}],
  ['that a secret changed', { env: { DB_PASSWORD: 'a' } }, { env: { DB_PASSWORD: 'b' } }, hid, hid],
  ['secrets in a text', { args: ['--token=abc'] }, { args: ['--x'] }, { 'args[0]': '--token=[hidden]' }, { 'args[0]': '--x' }],
  ['secrets below a secret name', { secrets: { a: ['x'] } }, { secrets: { a: ['x', 'y'] } }, {}, { 'secrets.a[1]': '[hidden]' }],
];
for (const [name, before, after, from, to] of cases)
  test(`tells ${name}`, () => {
    assert.deepEqual(specChanges(before, after), { before: from, after: to, more: 0 });
  });

test('is bounded, whatever differs', () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`k${index}`, 'x'.repeat(9_000)]));
  const { before, after, more } = specChanges({}, many);
  assert.deepEqual([Object.keys(before).length, Object.keys(after).length, more], [0, 50, 30]);
  for (const value of Object.values(after)) assert.equal(String(value).length, 200);
  const deep = specChanges({ a: 1 }, { a: { b: 'y'.repeat(1_000) } });
  assert.equal(String(deep.after.a).length, 200);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const changes = specChanges(a, b);
      assert(Object.keys({ ...changes.before, ...changes.after }).length <= 50);
      assert(JSON.stringify(changes).length < 50 * 2_000);
      assert.equal(
        Object.keys({ ...changes.before, ...changes.after }).length === 0,
        JSON.stringify(a) === JSON.stringify(b) || isSame(a, b),
      );
    }),
  );
});

/** Whether both say the same, in whatever order their keys are. */
function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
    return true;
  } catch {
    return false;
  }
}
