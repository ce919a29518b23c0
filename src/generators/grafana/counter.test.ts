import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, ofAnyVersion, summed } from './counter.ts';

const version = '[A-Za-z0-9._+-]+';

const texts: readonly [text: string, expression: string, label: string, pattern: string][] = [
  ['http_requests_total', 'http_requests_total', 'version', '(.+)'],
  ['x{pod=~"shop-{{version}}-.*"}', `x{pod=~"shop-${version}-.*"}`, 'pod', `shop-(${version})-.*`],
  // What was matched as it stands goes on meaning itself.
  ['x{pod="shop.{{version}}"}', `x{pod=~"shop\\\\.${version}"}`, 'pod', `shop\\\\.(${version})`],
  ["x{pod='{{version}}'}", `x{pod=~"${version}"}`, 'pod', `(${version})`],
  ['x{pod=~`a\\.{{version}}`}', `x{pod=~"a\\\\.${version}"}`, 'pod', `a\\\\.(${version})`],
  ['x{v="{{version}}"} or y{v = "{{version}}",a="b"}', `x{v=~"${version}"} or y{v =~ "${version}",a="b"}`, 'v', `(${version})`],
  ['x{a!="{{version}}",v="{{version}}"}', `x{a!~"${version}",v=~"${version}"}`, 'v', `(${version})`],
];
for (const [text, expression, label, pattern] of texts)
  test(`all versions of ${text}`, () =>
    assert.deepEqual(ofAnyVersion(text, 'version'), { expression, tells: [{ label, pattern }] }));

const counter = { expression: 'x{job="shop"}', every: '15s', tells: [{ label: 'version', pattern: '(.+)' }] };

test('a plain counter is summed as it is, and a label of another name becomes the version', () => {
  assert.equal(summed('rate', counter, [], '5m'), 'sum (rate(x{job="shop"}[5m]))');
  assert.equal(summed('rate', counter, ['version'], '5m'), 'sum by (version) (rate(x{job="shop"}[5m]))');
  const told = { ...counter, tells: [{ label: 'pod', pattern: 'shop-(.+)' }] };
  assert.equal(
    summed('rate', told, ['version'], '5m'),
    'sum by (version) (label_replace(rate(x{job="shop"}[5m]), "version", "$1", "pod", "shop-(.+)"))',
  );
  assert.equal(summed('rate', told, [], '5m'), 'sum (rate(x{job="shop"}[5m]))', 'nothing is told where nobody asks');
});

test('what is no plain counter is evaluated again and again, more seldom over days', () => {
  const union = { ...counter, expression: 'a or b', tells: [] };
  assert.equal(change('increase', union, '1h'), 'increase((sum without () (a or b))[1h:15s])');
  assert.equal(change('increase', union, '30d'), 'increase((sum without () (a or b))[30d:5m])');
});
