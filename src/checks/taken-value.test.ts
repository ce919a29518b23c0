import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TakenValue, valueIn } from './taken-value.ts';

test('where a value stands in an answer', () => {
  const body =
    '<input value="other" name="x"><INPUT type=hidden value=\'it&#39;s &quot;1&quot;\' NAME=csrf /><meta name="t" content="m">';
  const headers = { etag: '"1"', 'set-cookie': ['a=1; Path=/', 'b=2=3; HttpOnly'] };
  const cases: readonly (readonly [TakenValue, string | undefined])[] = [
    [{ field: 'csrf' }, 'it\'s "1"'],
    [{ field: 't' }, 'm'],
    [{ field: 'none' }, undefined],
    [{ header: 'ETag' }, '"1"'],
    [{ header: 'none' }, undefined],
    [{ cookie: 'b' }, '2=3'],
    [{ cookie: 'c' }, undefined],
    [{ json: '/a' }, undefined],
  ];
  for (const [place, value] of cases) assert.equal(valueIn({ headers, body }, place), value, JSON.stringify(place));
  const json = { headers: {}, body: '{"a":{"b/c":[1,{"~":null}]},"s":""}' };
  assert.equal(valueIn(json, { json: '/a/b~1c/0' }), '1');
  assert.equal(valueIn(json, { json: '/s' }), '');
  assert.equal(valueIn(json, { json: '/a' }), undefined);
  assert.equal(valueIn(json, { json: '/a/b~1c/1/~0' }), undefined);
  assert.equal(valueIn(json, { json: '/constructor' }), undefined);
});

test('a page without an end of its tags is read in no time', () => {
  const startMs = performance.now();
  assert.equal(valueIn({ headers: {}, body: '<input a '.repeat(400_000) }, { field: 'x' }), undefined);
  assert.equal(valueIn({ headers: {}, body: `<input ${'a '.repeat(2_000_000)}` }, { field: 'x' }), undefined);
  assert.ok(performance.now() - startMs < 30_000);
});
