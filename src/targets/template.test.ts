import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandTemplate, templateProblem } from './template.ts';

const values = { version: '1.1.0', port: 20_001, service: 'shop' };
const names = Object.keys(values);

test('only a known word in braces is replaced', () => {
  const cases: readonly [text: string, want: string][] = [
    ['{service}-{version}:{port}{port}', 'shop-1.1.0:2000120001'],
    ['{{port}} {{anything}}', '{port} {anything}'],
    ['{"a":{"b":[{}]}}', '{"a":{"b":[{}]}}'],
    ['$(a) { port } {} {a-b} {1:-x}', '$(a) { port } {} {a-b} {1:-x}'],
    ['{{{port}}}', '{{port}}'],
  ];
  for (const [text, want] of cases) {
    assert.equal(templateProblem(text, names), undefined, text);
    assert.equal(expandTemplate(text, values), want, text);
  }
  assert.equal(expandTemplate('{version}', { ...values, version: '{port}$&' }), '{port}$&', 'values are not expanded again');
});

test('an unknown word is an error that names the right one', () => {
  assert.equal(
    templateProblem('--id={verison}', names),
    'unknown placeholder {verison}; did you mean {version}? (write {{verison}} for the text {verison})',
  );
  assert.match(
    templateProblem('/{HOME}', names) ?? '',
    /^unknown placeholder \{HOME\}\. Known: \{version\}, \{port\}, \{service\}/,
  );
});
