import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { yamlOf } from './yaml.ts';

const cases: readonly [what: string, value: unknown][] = [
  ['an empty object', {}],
  ['nested objects', { a: { b: { c: 1 } }, d: true, e: null }],
  ['lists of objects and of lists', { steps: [{ weight: 5, match: { header: 'x' } }, { observe: '2m' }, [1, [2, 3]], []] }],
  [
    'texts that look like something else',
    { a: '1.0', b: 'true', c: 'no', d: '', e: ' x', f: 'a: b', g: '- x', h: '#x', i: '5%', j: 'x # y', k: "it's", l: 'null' },
  ],
  ['keys that look like something else', { '1.0': 1, true: 2, 'a b': 3, 'a:b': 4 }],
  ['texts of several lines', { a: 'one\ntwo\n', b: 'one\n\n  two', c: ['x\ny'] }],
  ['numbers', { a: -1.5, b: 0, c: 1e21 }],
  ['a text alone', 'x'],
];
for (const [what, value] of cases) test(`${what} can be read back`, () => assert.deepEqual(parse(yamlOf(value)), value));

test('it reads as people write it', () => {
  const document = {
    kind: 'Service',
    spec: { target: { command: ['node', 'server.js'] }, steps: [{ weight: 5 }, { observe: '2m' }] },
  };
  assert.equal(
    yamlOf(document),
    `kind: Service
spec:
  target:
    command:
    - node
    - server.js
  steps:
  - weight: 5
  - observe: "2m"`,
  );
});
