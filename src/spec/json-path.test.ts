import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPath, valueAtPath } from './json-path.ts';

const paths: readonly [text: string, root: string, keys: readonly (string | number)[]][] = [
  ['$', 'alert', []],
  ['$.status', 'alert', ['status']],
  ['$body.alerts[0].labels', 'body', ['alerts', 0, 'labels']],
  ['$event.type', 'event', ['type']],
  ['$.labels["k8s.io/app"]["a\\"b\\\\c"]', 'alert', ['labels', 'k8s.io/app', 'a"b\\c']],
];
for (const [text, root, keys] of paths)
  test(`${text} is a path`, () => {
    const read = jsonPath(text);
    assert(!('problem' in read), JSON.stringify(read));
    assert.deepEqual([read.root, read.keys], [root, keys]);
  });

const none: readonly [text: string, problem: RegExp][] = [
  ['', /begins with \$/],
  ['status', /begins with \$ .* found "status"/],
  ['$envelope.type', /found "\$envelope\.type"/],
  ['$.', /character 2/],
  ['$.a..b', /character 4 .* found "\.\.b"/],
  ['$.a[x]', /character 4/],
  ['$.a[*]', /character 4/],
  ['$["a]', /character 2/],
  [`$${'.a'.repeat(21)}`, /at most 20 steps/],
  [`$.${'a'.repeat(300)}`, /at most 300 characters/],
];
for (const [text, problem] of none)
  test(`${text.slice(0, 30)} is no path`, () => {
    const read = jsonPath(text);
    assert('problem' in read);
    assert.match(read.problem, problem);
  });

test('a path finds what the JSON has, and nothing that every object has', () => {
  const json = JSON.parse('{"a":[{"b":1}],"__proto__":{"c":2},"n":null}');
  assert.equal(valueAtPath(json, ['a', 0, 'b']), 1);
  assert.equal(valueAtPath(json, ['__proto__', 'c']), 2);
  for (const keys of [['a', 'length'], ['a', '0'], ['toString'], ['n', 'x'], ['a', 1], ['constructor', 'name'], [0]])
    assert.equal(valueAtPath(json, keys), undefined, keys.join());
});

test('whatever a path is written like, reading it ends and says where it is wrong', () => {
  const part = fc.oneof(fc.constantFrom('$', '.', '[', ']', '"', 'a', '0', '["a"]', '.b', '\\'), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.jsonValue(), (parts, json) => {
      const read = jsonPath(parts.join(''));
      if ('problem' in read) assert.ok(read.problem.length > 0);
      else valueAtPath(json, read.keys);
    }),
  );
});
